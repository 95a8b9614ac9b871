"""Generating the configuration: claim, render, write, switch, reload, verify, and put the old state back if need be."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..core.asterisk import render
from ..core.errors import N_, NotFound, Refused, SipwebError
from ..core.plan import Plan, diff
from ..core.snapshot import RENDERER, Snapshot
from ..db import db, transaction
from ..models import Generation
from ..pbx import state as pbx_state
from ..pbx.ami import Ami
from . import audit, leases
from .agents import end_leases
from .history import GenerationView, generation
from .site import SIPWEB, Actor, Site, now
from .state import LIVE, live, live_number, snapshot_of, state

WAIT = 5.0  # seconds for which the background process' look at what runs may hold up a generation


@dataclass(slots=True)
class _Run:
    """A claimed generation on its way. `steps` are {name, ms, count}."""

    number: int
    base: int
    wanted: Snapshot
    before: Snapshot
    plan: Plan
    steps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, count: int) -> Iterator[None]:
        """Note how long a step took, also when it failed."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps.append({"name": name, "ms": round((time.perf_counter() - start) * 1000), "count": count})


def generate(site: Site, who: Actor) -> GenerationView | None:
    """Make the PBX run what is saved; None when it does already. Raises Refused when it cannot be begun.

    However it ends, what Asterisk reads is one whole generation. A refusal by Asterisk is no exception: it is the
    outcome of the generation that is returned, with the differences that were found.
    """
    with _at_work(site) as ami:
        return _generate(site, who, ami)


def restore(site: Site, who: Actor, number: int) -> GenerationView | None:
    """Put generation `number` back, its secrets included; saved edits stay saved. Raises Refused or NotFound."""
    if generation(number) is None:
        raise NotFound(N_("There is no generation %(number)s."), number=number)
    with _at_work(site) as ami:
        return _generate(site, who, ami, snapshot_of(number))


def settle(site: Site) -> bool:
    """Set the record straight after a crash, and verify a generation that was only written. Raises Refused.

    False when Asterisk runs something else even after a reload: it may still be starting.
    """
    with _at_work(site) as ami:
        return ami is None or _verify_written(site, ami)


def broken_off(site: Site) -> bool:
    """Whether a generation died midway: what is on disk, or on record, is nobody's work in progress."""
    running = db.session.scalar(select(Generation.number).where(Generation.state == "running"))
    if running is None and site.release.current() == live_number():
        return False
    try:
        with _alone(site, wait=0):
            return True
    except Refused:
        return False


@contextmanager
def _at_work(site: Site) -> Iterator[Ami | None]:
    """Alone, the record set straight, and Asterisk ready to be asked, where there is one. Raises Refused."""
    with _alone(site), _asked(site) as ami:  # before anything is touched: with Asterisk down nothing could be verified
        _settle(site, ami)
        yield ami


@contextmanager
def _asked(site: Site) -> Iterator[Ami | None]:
    if not site.link.asks:
        yield None
        return
    with site.link.open() as ami:
        pbx_state.check_started(ami)
        yield ami


def _generate(site: Site, who: Actor, ami: Ami | None, earlier: Snapshot | None = None) -> GenerationView | None:
    if ami and (names := pbx_state.conflicts(ami, earlier or state(site).saved)):
        raise Refused(
            N_("Asterisk already has sections named %(names)s outside sipweb's files."), names=", ".join(names)
        )
    run = _claim(site, who, earlier)
    if run is None:
        return None
    outcome, message = "refused", None
    differences: list[pbx_state.Difference] = []
    try:
        outcome, differences = _carry_out(site, run, ami)
        if outcome == "refused":
            message = _put_back(site, run, N_("Asterisk does not run what was written."))
    except SipwebError as error:
        message = _put_back(site, run, error.message, **error.values)
    except OSError as error:
        message = _put_back(site, run, N_("The files could not be written: %(why)s."), why=error.strerror or error)
    with transaction() as session:
        _close(session, run, outcome, message, differences)
        if outcome in LIVE:
            end_leases(session, run.wanted)
        audit.record(session, who, f"generation.{outcome}", run.number)
    if ami and outcome == "verified":
        with suppress(Refused):  # the background process tells it again
            leases.tell_all(ami)
    site.release.prune()
    return generation(run.number)


def _claim(site: Site, who: Actor, earlier: Snapshot | None) -> _Run | None:
    """Freeze what is to be generated: what is saved, or an earlier snapshot. What is saved from now on stays pending."""
    with transaction() as session:
        current = state(site)
        wanted = earlier or current.saved
        plan = diff(current.live, wanted)
        if not plan and current.generation:
            return None
        number = (session.scalar(select(func.max(Generation.number))) or 0) + 1
        row = Generation(number=number, state="running", started=now(), by=who.name, steps=[], differences=[])
        row.digest, row.snapshot, row.base = wanted.digest, wanted.to_json(), current.generation or None
        session.add(row)
        return _Run(number, current.generation, wanted, current.live, plan)


def _carry_out(site: Site, run: _Run, ami: Ami | None) -> tuple[str, list[pbx_state.Difference]]:
    accounts = len(run.wanted.accounts)
    with run.step("rendered", accounts):
        files = render(run.wanted, site.vault.decrypt)
    with run.step("written", len(files)):
        site.release.write(run.number, files)
        site.release.switch(run.number)
    if ami is None:
        return "written", []
    with run.step("reloaded", 0):
        pbx_state.reload(ami)
    with run.step("verified", accounts):
        changed = {a.number for a in run.plan.added} | {change.new.number for change in run.plan.changed}
        found = pbx_state.differences(
            ami, run.wanted, site.vault.decrypt, changed, [account.number for account in run.before.accounts]
        )
    if found:
        return "refused", list(found)
    pbx_state.forget(ami, _other_phones(run.plan))
    return "verified", []


def _other_phones(plan: Plan) -> set[int]:
    """Live numbers that were removed, changed hands or got another password: whoever registered there is a stranger now."""
    changed = {c.old.number for c in plan.changed if {f.field for f in c.fields} & {"number", "secret"}}
    return {account.number for account in plan.removed} | changed


def _put_back(site: Site, run: _Run, message: str, **values: Any) -> dict[str, Any]:
    """The previous generation again, by files and by Asterisk; the sentence for the record says how far that went."""
    back = ""
    if run.base and site.release.current() != run.base:
        if not site.release.read(run.base):
            site.release.write(run.base, render(run.before, site.vault.decrypt))
        site.release.switch(run.base)
    if site.link.asks and run.base:
        back = _restore(site, run.before, {account.number for account in run.wanted.accounts})
    return {"message": message, "values": {k: str(v) for k, v in values.items()}, "back": back or "back"}


def _restore(site: Site, before: Snapshot, other: set[int]) -> str:
    """ "back" when Asterisk runs `before` again, else "unknown" (not to be asked) or "differs"."""
    try:
        with site.link.open() as ami:  # a new connection: the old one may be what failed
            pbx_state.reload(ami)
            if before.renderer != RENDERER:  # what an earlier sipweb wrote cannot be compared
                return "unknown"
            numbers = [account.number for account in before.accounts]
            found = pbx_state.differences(ami, before, site.vault.decrypt, set(numbers) & other, other)
            return "differs" if found else "back"
    except Refused:
        return "unknown"


def _settle(site: Site, ami: Ami | None) -> None:
    """Whoever holds the lock is the only one at work: a generation that still "runs" is a dead process's."""
    dead = db.session.scalars(select(Generation.number).where(Generation.state == "running")).all()
    number, snapshot = live(site)
    switched = number and site.release.current() != number
    if switched:
        if not site.release.read(number):
            site.release.write(number, render(snapshot, site.vault.decrypt))
        site.release.switch(number)
    if ami and number and (dead or switched):
        pbx_state.reload(ami)
    if dead:
        with transaction() as session:
            for row in session.scalars(select(Generation).where(Generation.number.in_(dead))):
                row.state, row.finished = "interrupted", now()
                audit.record(session, SIPWEB, "generation.interrupted", row.number)


def _verify_written(site: Site, ami: Ami) -> bool:
    """Compare all that runs with the live generation; what was only written becomes verified."""
    number, snapshot = live(site)
    numbers = [account.number for account in snapshot.accounts]
    if not number or snapshot.renderer != RENDERER:  # what an earlier sipweb wrote cannot be compared: the plan says so
        return True
    if pbx_state.differences(ami, snapshot, site.vault.decrypt, numbers):
        pbx_state.reload(ami)
        if pbx_state.differences(ami, snapshot, site.vault.decrypt, numbers):
            return False
    if db.session.scalar(select(Generation.state).where(Generation.number == number)) == "written":
        with transaction() as session:
            session.get_one(Generation, number).state = "verified"
            audit.record(session, SIPWEB, "generation.verified", number)
    return True


@contextmanager
def _alone(site: Site, wait: float = WAIT) -> Iterator[None]:
    """One at a time, on this machine, whatever dies: the system frees a dead process's lock. Raises Refused.

    A generation that runs is nobody's to wait for: its author is named. A look at what runs is over in a moment.
    """
    site.run.mkdir(parents=True, exist_ok=True)
    with (site.run / "generation.lock").open("a") as file:
        deadline = time.monotonic() + wait
        while not _locked(file):
            who = db.session.scalar(select(Generation.by).where(Generation.state == "running"))
            if who or time.monotonic() > deadline:
                raise Refused(N_("%(who)s is generating the configuration at this moment."), who=who or "sipweb")
            time.sleep(0.05)
        yield


def _locked(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _close(
    session: Session, run: _Run, outcome: str, message: dict[str, Any] | None, found: list[pbx_state.Difference]
) -> None:
    row = session.get_one(Generation, run.number)
    row.state, row.finished, row.steps, row.message = outcome, now(), run.steps, message
    row.differences = [asdict(difference) for difference in found[:200]]
