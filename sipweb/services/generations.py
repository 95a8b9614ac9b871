"""Generate the configuration, restore an earlier one, and reconcile a host with the live one."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..core.asterisk import Configuration
from ..core.errors import N_, Invalid, NotFound, OperationRefused
from ..core.impact import Impact, assess
from ..core.plan import diff
from ..core.rights import Right
from ..core.rollout import Rollout
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db, transaction
from ..models import Generation
from ..pbx import control
from ..pbx.ami import AmiClient
from . import host_reports, hosts
from .context import Actor, ServiceContext
from .database_clock import can_have_several, database_time
from .generation_close import close
from .generation_follow import follow
from .generation_history import GenerationView, Outcome, get_generation, load_restorable, outcome_to_json
from .generation_lock import AlreadyGenerating, generation_lock, recorded_refusal
from .generation_recovery import recover, verify_written
from .generation_run import GenerationRun, check_conflicts, try_generation
from .hosts import HostView
from .rollout import current_rollout, is_abandoned, is_part_due, wanted_number
from .state import current_state

WAIT = 30.0  # seconds that whoever generates waits for the other hosts
POLL_INTERVAL = 0.02  # seconds
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


def generate(ctx: ServiceContext, actor: Actor, confirmed: int | None = None) -> GenerationView | None:
    """Generate the saved configuration; None if the PBX has it already.

    `confirmed` is how many live accounts may be removed where that needs a confirmation, or ANY_NUMBER.

    However it ends, Asterisk's files are one complete generation. If an Asterisk refuses it, the returned generation
    has that outcome and the differences. It is still running if the other hosts have not reported within WAIT.

    Raises:
        OperationRefused: the generation could not be started.
        ConfirmationRequired: many accounts would be removed, and another number was confirmed.
    """
    actor.require(Right.GENERATE)
    with recorded_refusal(actor):
        return _generate(ctx, actor, _Target(confirmed))


def restore(ctx: ServiceContext, actor: Actor, number: int, confirmed: int | None = None) -> GenerationView | None:
    """Generate the snapshot of generation `number` again; saved edits become pending.

    Raises:
        OperationRefused, NotFound, ConfirmationRequired: the generation could not be started; see `generate`.
    """
    actor.require(Right.GENERATE)
    if get_generation(number) is None:
        raise NotFound(N_("Configuration version %(number)s does not exist."), number=number)
    with recorded_refusal(actor):
        return _generate(ctx, actor, _Target(confirmed, load_restorable(number), number))


def reconcile(ctx: ServiceContext) -> bool:
    """Reconcile this host after a crash or an absence, and verify a generation that was only written.

    Returns False if Asterisk runs something else even after a reload: it may still be starting.

    Raises:
        OperationRefused: this host works on a generation, or Asterisk is unreachable.
    """
    with _exclusive(ctx) as ami:
        return ami is None or verify_written(ctx, ami)


def needs_reconciling(ctx: ServiceContext) -> bool:
    """Return whether this host has other files active than it should, or a process died while it tried a generation."""
    if not ctx.pbx.writes_files:
        return False
    current = current_rollout(ctx)
    is_trying = current.reports.get(ctx.host) == "working" or (current.running and not can_have_several())
    number = wanted_number(ctx, current)
    is_current = ctx.generation_files.current() in (0, number)  # 0: a link made by hand
    if is_current and can_have_several() and number and not current.running:
        is_current = bool(host_reports.written_digests(ctx, number))  # "Apply again" on another host
    if is_current and not is_trying:
        return False
    try:
        with generation_lock(ctx, timeout=0):
            return True
    except OperationRefused:
        return False


@contextmanager
def _exclusive(ctx: ServiceContext) -> Iterator[AmiClient | None]:
    """Take this host's lock, connect to Asterisk if there is one, and reconcile.

    Raises:
        OperationRefused: another process of this host works on a generation, or Asterisk is unreachable.
    """
    # connected before any change: without Asterisk nothing could be verified
    with generation_lock(ctx), control.connect(ctx.pbx) as ami:
        recover(ctx, ami)
        yield ami


def _generate(ctx: ServiceContext, actor: Actor, target: _Target) -> GenerationView | None:
    """Claim the target, try it here if it is this host's turn, and wait for the other hosts."""
    with _exclusive(ctx) as ami:
        state = current_state(ctx)
        check_conflicts(ami, target.earlier or state.saved, Configuration(state.live, ctx.renderer))
        claimed = _claim(ctx, actor, target)
        if claimed is None:
            return None
        run, is_tried_here = claimed
        logger.info("Generation %d is claimed by %s", run.number, actor.name)
        hosts.notify("generation")  # the other hosts prepare it
        if is_tried_here:
            try_generation(ctx, run, ami, actor)
    _wait(ctx, run.number)
    return get_generation(run.number)


def _wait(ctx: ServiceContext, number: int) -> None:
    """Wait until the generation has ended, at most WAIT seconds; do this host's part when it is due."""
    deadline, can_follow = time.monotonic() + WAIT, True
    while _is_running(number) and time.monotonic() < deadline:
        try:
            if can_follow:
                follow(ctx)
        except AlreadyGenerating:
            pass  # another process of this host does it
        except (OperationRefused, OSError) as error:  # refused by this host; a full disk, where the monitor tries again
            logger.warning("Following the other hosts: %s", error)
            can_follow = False
        time.sleep(POLL_INTERVAL)
    ctx.cache.next = None  # megabytes, if another process of this host has done its part


def _is_running(number: int) -> bool:
    db.session.rollback()  # what other hosts have committed
    return db.session.scalar(select(Generation.state).where(Generation.number == number)) == "running"


def _claim(ctx: ServiceContext, actor: Actor, target: _Target) -> tuple[GenerationRun, bool] | None:
    """Claim a generation of the target, and return it with whether this host tries it first; None if it is live.

    What is saved from now on stays pending.

    Raises:
        AlreadyGenerating: another one is running.
        OperationRefused: no host can try it.
        ConfirmationRequired: see `generate`.
    """
    with transaction() as session:
        hosts.report_asterisk_up(session, ctx)  # it has just answered; the monitor may be stopped
        _check_running(ctx, session)
        current = current_state(ctx)
        snapshot = target.earlier or current.saved
        plan = diff(current.live, snapshot) if target.earlier else current.plan
        if not plan and current.generation:
            return None
        impact = assess(current.live, snapshot)
        if impact.needs_confirmation and target.confirmed not in (impact.removed, ANY_NUMBER):
            raise ConfirmationRequired(impact)
        number = (session.scalar(select(func.max(Generation.number))) or 0) + 1
        row = Generation(number=number, state="running", created_by=actor.name, steps=[], differences=[])
        row.started_at, row.ip_address = database_time(), actor.address
        row.digest, row.snapshot, row.previous_number = snapshot.digest, snapshot.to_json(), current.generation or None
        if target.restored:
            row.outcome = outcome_to_json(Outcome("running", restored=target.restored))
        session.add(row)
        session.flush()
        if is_tried_here := is_part_due(ctx, _checked_rollout(ctx)):
            host_reports.report_working(session, ctx, number)
        run = GenerationRun(
            number, Configuration(snapshot, ctx.renderer), current.generation, current.live,
            host_reports.written_digests(ctx, current.generation), plan, target.restored,
        )  # fmt: skip
        return run, is_tried_here


def _check_running(ctx: ServiceContext, session: Session) -> None:
    """Refuse a second generation. One about which no host reports any more is closed."""
    running = session.execute(select(Generation.number, Generation.created_by).where(Generation.state == "running"))
    for number, author in running.all():
        if not is_abandoned(number):
            raise AlreadyGenerating.by(author)
        close(session, ctx, number, "interrupted")


def _renders_otherwise(ctx: ServiceContext, host: HostView) -> bool:
    is_own = host.name == ctx.host and ctx.pbx.writes_files  # its monitor may still be stopped after an upgrade
    return not is_own and host.renderer_version != RENDERER_VERSION


def _checked_rollout(ctx: ServiceContext) -> Rollout:
    """Return the rollout of a claimed generation, if the hosts that answer can make it."""
    present = [host for host in hosts.all_hosts() if host.is_present]
    if not present and not ctx.pbx.writes_files:
        raise OperationRefused(N_("No PBX host answers."))
    if others := [host.name for host in present if _renders_otherwise(ctx, host)]:
        raise OperationRefused(
            N_("sipweb has another version on the PBX host %(names)s. Upgrade all hosts first."),
            names=", ".join(others),
        )
    return current_rollout(ctx)
