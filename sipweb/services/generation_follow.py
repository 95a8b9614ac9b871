"""Follow a running generation: try it when it is this host's turn, close it when it has a result or was abandoned."""

import logging

from sqlalchemy.orm import Session

from ..core import rollout
from ..core.asterisk import Configuration
from ..core.errors import OperationRefused
from ..db import transaction
from ..pbx import control
from ..pbx.ami import AmiClient, AmiUnavailable
from . import host_reports, hosts
from .context import ServiceContext
from .generation_close import close, close_if_complete
from .generation_history import Outcome
from .generation_lock import generation_lock
from .generation_recovery import recover
from .generation_run import check_conflicts, load_run, prepare_run, try_generation
from .rollout import current_rollout, is_abandoned, is_part_due

logger = logging.getLogger(__name__)


def is_waiting(ctx: ServiceContext) -> bool:
    """Return whether another host tries a running generation before this one."""
    current = current_rollout(ctx)
    return current.running is not None and not current.has_failed and ctx.host not in current.reports


def follow(ctx: ServiceContext) -> bool:
    """Do what is due for a running generation: try it on this host, or close it. Return whether something was done.

    Raises:
        AlreadyGenerating: another process of this host does it.
        OperationRefused: this host can't try it, which is reported. What its Asterisk runs may be unknown.
    """
    current = current_rollout(ctx)
    if current.running is None:
        ctx.cache.next = None
        return False
    if is_abandoned(current.running):
        with transaction() as session:
            if current_rollout(ctx).running == current.running and is_abandoned(current.running):
                close(session, ctx, current.running, "interrupted")
    elif is_part_due(ctx, current):
        return _follow(ctx, current.running)
    elif rollout.result(current):
        with transaction() as session:
            close_if_complete(session, ctx, current.running)
    else:
        if ctx.pbx.writes_files and ctx.host not in current.reports:
            prepare_run(ctx, current.running)
        return False
    hosts.notify("generation")
    return True


def _follow(ctx: ServiceContext, number: int) -> bool:
    """Try a running generation on this host, and report the result. Return whether it was still this host's turn.

    Raises:
        OperationRefused: this host can't try it, or not even become the live generation first; that is reported.
    """
    with generation_lock(ctx, timeout=0):
        try:
            with control.connect(ctx.pbx) as ami:
                recover(ctx, ami)
                return _try_claimed(ctx, number, ami)
        except (AmiUnavailable, control.AsteriskStarting) as error:  # nobody waits for this host now
            hosts.report_asterisk_down(ctx, error)
            return False
        except OperationRefused as error:  # its Asterisk answers: the others would wait for this host
            _refuse(ctx, number, error)
            raise


def _refuse(ctx: ServiceContext, number: int, error: OperationRefused) -> None:
    """Report that this host refuses a running generation, before it has tried it."""
    refusal = Outcome("refused", error.message, {name: str(value) for name, value in error.values.items()})
    with transaction() as session:
        if not _is_still_due(session, ctx, number):
            return
        host_reports.report(session, ctx, number, refusal)
        close_if_complete(session, ctx, number)
    hosts.notify("generation")


def _try_claimed(ctx: ServiceContext, number: int, ami: AmiClient | None) -> bool:
    run = load_run(ctx, number)
    check_conflicts(ami, run.snapshot, Configuration(run.previous, ctx.renderer))
    with transaction() as session:
        if not _is_still_due(session, ctx, number):
            return False
        host_reports.report_working(session, ctx, number)
    try:
        try_generation(ctx, run, ami)
    except OperationRefused as error:  # it was lost or closed in between; reconciling puts this host right
        logger.warning("The result of generation %d was not reported: %s", number, error)
    return True


def _is_still_due(session: Session, ctx: ServiceContext, number: int) -> bool:
    """Return in the caller's transaction whether another process of this host was not quicker, and no host refused."""
    hosts.report_seen(session, ctx)
    current = current_rollout(ctx)
    return current.running == number and is_part_due(ctx, current)
