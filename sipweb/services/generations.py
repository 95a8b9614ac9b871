"""Generate the configuration: claim, render, write, activate, reload, verify.

Roll back on failure.
"""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..core.asterisk import render
from ..core.errors import N_, Invalid, NotFound, OperationRefused, SipwebError
from ..core.impact import Impact, assess
from ..core.plan import Plan, diff
from ..core.rights import Right
from ..core.snapshot import Snapshot
from ..db import db, transaction
from ..models import Drift, Generation
from ..pbx import astdb, control, verification
from ..pbx.ami import AmiClient
from ..pbx.generation_files import file_digests
from ..pbx.verification import AUTH_FIELDS, Difference
from . import audit, host_reports, lease_sync
from .context import Actor, ServiceContext, utc_now
from .errors import DatabaseFailure, failure_reason, storage_failed
from .events import record_generation
from .generation_history import (
    GenerationView,
    Outcome,
    Step,
    get_generation,
    load_restorable,
    outcome_to_json,
)
from .generation_lock import generation_lock, recorded_refusal
from .generation_recovery import recover, roll_back, verify_written, write_failed
from .leases import end_orphaned_leases
from .provisioning import remove_orphaned_phones
from .state import LIVE_STATES, current_state, live_number

MAX_DIFFERENCES = 200  # stored of one generation
ANY_NUMBER = -1  # confirms the removal of any number of accounts
logger = logging.getLogger(__name__)


class ConfirmationRequired(Invalid):
    """Many live accounts would be removed: their number must be confirmed."""

    def __init__(self, impact: Impact) -> None:
        super().__init__(
            N_("This removes %(count)s of %(live)s accounts from the PBX. To confirm, enter %(count)s."),
            "confirm", count=impact.removed, live=impact.live,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Target:
    """What to generate: the saved state, or the snapshot of the generation `restored`.

    `confirmed` is how many live accounts may be removed where that needs a confirmation.
    """

    confirmed: int | None
    earlier: Snapshot | None = None
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class _GenerationRun:
    """A claimed generation in progress: what becomes live, and what was live before it (number 0: nothing)."""

    number: int
    snapshot: Snapshot
    previous_number: int
    previous: Snapshot
    plan: Plan
    steps: list[Step] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)  # of the written files, by name

    @contextmanager
    def step(self, name: str, count: int) -> Iterator[None]:
        """Measure a step, even if it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps.append(Step(name, round((time.perf_counter() - start) * 1000), count))


def generate(ctx: ServiceContext, actor: Actor, confirmed: int | None = None) -> GenerationView | None:
    """Generate the saved configuration; None if the PBX has it already.

    `confirmed` is how many live accounts may be removed where that needs a confirmation, or ANY_NUMBER.

    However it ends, Asterisk's files are one complete generation. If Asterisk refuses it, the returned generation has
    that outcome and the differences.

    Raises:
        OperationRefused: the generation could not be started.
        ConfirmationRequired: many accounts would be removed, and another number was confirmed.
    """
    actor.require(Right.GENERATE)
    with recorded_refusal(actor), _exclusive(ctx) as ami:
        return _generate(ctx, actor, ami, _Target(confirmed))


def restore(ctx: ServiceContext, actor: Actor, number: int, confirmed: int | None = None) -> GenerationView | None:
    """Generate the snapshot of generation `number` again; saved edits become pending.

    Raises:
        OperationRefused, NotFound, ConfirmationRequired: the generation could not be started; see `generate`.
    """
    actor.require(Right.GENERATE)
    if get_generation(number) is None:
        raise NotFound(N_("Configuration version %(number)s does not exist."), number=number)
    with recorded_refusal(actor), _exclusive(ctx) as ami:
        return _generate(ctx, actor, ami, _Target(confirmed, load_restorable(number), number))


def reconcile(ctx: ServiceContext) -> bool:
    """Reconcile after a crash, and verify a generation that was only written.

    Returns False if Asterisk runs something else even after a reload: it may still be starting.

    Raises:
        OperationRefused: another generation is running, or Asterisk is unreachable.
    """
    with _exclusive(ctx) as ami:
        return ami is None or verify_written(ctx, ami)


def has_interrupted_generation(ctx: ServiceContext) -> bool:
    """Return whether a generation was interrupted by a crash."""
    running = db.session.scalar(select(Generation.number).where(Generation.state == "running"))
    if running is None and ctx.generation_files.current() in (0, live_number()):  # 0: a link made by hand
        return False
    try:
        with generation_lock(ctx, timeout=0):
            return True
    except OperationRefused:
        return False


@contextmanager
def _exclusive(ctx: ServiceContext) -> Iterator[AmiClient | None]:
    """Take the lock, connect to Asterisk if there is one, and reconcile.

    Raises:
        OperationRefused: another generation is running, or Asterisk is unreachable.
    """
    # connected before any change: without Asterisk nothing could be verified
    with generation_lock(ctx), control.connect(ctx.pbx) as ami:
        recover(ctx, ami)
        yield ami


def _generate(ctx: ServiceContext, actor: Actor, ami: AmiClient | None, target: _Target) -> GenerationView | None:
    """Generate the target. The caller holds the lock."""
    state = current_state(ctx)
    if ami and (names := verification.conflicts(ami, target.earlier or state.saved, state.live.digest)):
        raise OperationRefused(
            N_("Asterisk already has sections named %(names)s outside sipweb's files. Rename or remove them first."),
            names=", ".join(names),
        )
    run = _claim(ctx, actor, target)
    if run is None:
        return None
    logger.info("Generation %d is claimed by %s", run.number, actor.name)
    outcome, differences = _apply_or_roll_back(ctx, run, ami)
    outcome = replace(outcome, restored=target.restored)
    if outcome.state in LIVE_STATES:
        outcome = _prune(ctx, outcome)
    try:
        _record(ctx, run, actor, outcome, differences)
    except DatabaseFailure as error:
        if outcome.state in LIVE_STATES:
            _roll_back(ctx, run, N_("The result couldn't be stored."))
        logger.error("The result of generation %d couldn't be stored: %s", run.number, failure_reason(error))
        raise storage_failed(error) from None
    if outcome.state in LIVE_STATES:
        ctx.cache.live = run.number, ctx.cipher.keys_version(), run.snapshot
    milliseconds = sum(step.ms for step in run.steps)
    logger.info("Generation %d ended: %s after %d ms", run.number, outcome.state, milliseconds)
    if ami and outcome.state == "verified":
        with suppress(OperationRefused):  # the monitor repeats it
            lease_sync.sync_all_leases(ctx, ami)
    return get_generation(run.number)


def _claim(ctx: ServiceContext, actor: Actor, target: _Target) -> _GenerationRun | None:
    """Claim a generation of the target; None if that is live already.

    What is saved from now on stays pending.
    """
    with transaction() as session:
        current = current_state(ctx)
        snapshot = target.earlier or current.saved
        plan = diff(current.live, snapshot) if target.earlier else current.plan
        if not plan and current.generation:
            return None
        impact = assess(current.live, snapshot)
        if impact.needs_confirmation and target.confirmed not in (impact.removed, ANY_NUMBER):
            raise ConfirmationRequired(impact)
        number = (session.scalar(select(func.max(Generation.number))) or 0) + 1
        row = Generation(
            number=number, state="running", started_at=utc_now(), created_by=actor.name, steps=[], differences=[]
        )
        row.digest, row.snapshot, row.previous_number = snapshot.digest, snapshot.to_json(), current.generation or None
        session.add(row)
        return _GenerationRun(number, snapshot, current.generation, current.live, plan)


def _apply_or_roll_back(
    ctx: ServiceContext, run: _GenerationRun, ami: AmiClient | None
) -> tuple[Outcome, tuple[Difference, ...]]:
    differences: tuple[Difference, ...] = ()
    try:
        differences = _apply(ctx, run, ami)
        if differences:
            outcome = _roll_back(
                ctx,
                run,
                N_("Verification failed: Asterisk is running a different configuration than the one generated."),
            )
        else:
            outcome = Outcome("verified" if ami else "written")
    except SipwebError as error:
        outcome = _roll_back(ctx, run, error.message, error.values)
    except OSError as error:
        outcome = _roll_back(ctx, run, *write_failed(error))
    return outcome, differences


def _apply(ctx: ServiceContext, run: _GenerationRun, ami: AmiClient | None) -> tuple[Difference, ...]:
    """Write and activate the files; reload Asterisk, and return in what it differs from them."""
    accounts = run.snapshot.accounts
    with run.step("rendered", len(accounts)):
        files = render(run.snapshot, ctx.cipher.decrypt)
    with run.step("written", len(files)):
        run.digests.update(file_digests(files))
        ctx.generation_files.write(run.number, files)
        ctx.generation_files.activate(run.number)
    if ami is None:
        return ()
    with run.step("reloaded", 0):
        control.reload(ami)
    leased = astdb.numbers_with_auth(ami)
    with run.step("verified", len(accounts)):
        changed = {account.number for account in run.plan.added} | {change.new.number for change in run.plan.changed}
        previous = [account.number for account in run.previous.accounts]
        differences = verification.differences(ami, run.snapshot, ctx.cipher.decrypt, changed, previous)
        # the auth of a lease, which may have begun or ended meanwhile, hides that of its account
        hidden = {str(number) for number in leased | lease_sync.leased_numbers()}
        differences = tuple(one for one in differences if not (one.field in AUTH_FIELDS and one.name in hidden))
    if not differences:
        control.remove_contacts(ami, _stale_registrations(run.plan, leased))
    return differences


def _stale_registrations(plan: Plan, leased: Collection[int]) -> set[int]:
    """Return live numbers that were removed, renumbered, or given another password or phone.

    A phone that registered with the credential of a lease does not use the account's password.
    """
    stale = {account.number for account in plan.removed}
    for change in plan.changed:
        fields = {one.field for one in change.fields}
        if fields & {"number", "phone"} or ("secret" in fields and change.old.number not in leased):
            stale.add(change.old.number)
    return stale


def _roll_back(
    ctx: ServiceContext, run: _GenerationRun, message: str, values: Mapping[str, object] = MappingProxyType({})
) -> Outcome:
    """Restore what was live before the run; `message` says why."""
    reason = message % values if values else message
    logger.warning("Generation %d is rolled back to %d: %s", run.number, run.previous_number, reason)
    numbers = {account.number for account in run.snapshot.accounts}
    rollback = roll_back(ctx, run.previous_number, run.previous, numbers) if run.previous_number else "back"
    return Outcome("refused", message, {name: str(value) for name, value in values.items()}, rollback)


def _prune(ctx: ServiceContext, outcome: Outcome) -> Outcome:
    """Remove old files; the outcome names those that can't be removed."""
    if left := ctx.generation_files.prune():
        logger.warning("Old files couldn't be removed: %s", ", ".join(left))
        message = N_("Old files couldn't be removed: %(names)s. Check their owner.")
        return replace(outcome, message=message, values={"names": ", ".join(left)})
    return outcome


def _record(
    ctx: ServiceContext, run: _GenerationRun, actor: Actor, outcome: Outcome, differences: tuple[Difference, ...]
) -> None:
    """Store how a generation ended."""
    with transaction() as session:
        host_reports.report(session, ctx, run.number, outcome, run.digests or None)
        _finish(session, run, outcome, differences)
        if outcome.state in LIVE_STATES:
            end_orphaned_leases(session, run.snapshot)
            remove_orphaned_phones(session)
            session.execute(delete(Drift))  # the next search finds what is left
            record_generation(session, ctx.host, run.number, run.plan)
        changes = {"restored": [None, outcome.restored]} if outcome.restored else None
        audit.record(session, actor, f"generation.{outcome.state}", run.number, changes=changes)


def _finish(session: Session, run: _GenerationRun, outcome: Outcome, differences: tuple[Difference, ...]) -> None:
    row = session.get_one(Generation, run.number)
    row.state, row.finished_at, row.outcome = outcome.state, utc_now(), outcome_to_json(outcome)
    row.steps = [asdict(step) for step in run.steps]
    row.differences = [asdict(difference) for difference in differences[:MAX_DIFFERENCES]]
