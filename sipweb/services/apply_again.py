"""Apply the live generation again: write its files, reload Asterisk and compare everything."""

from dataclasses import dataclass

from ..core.asterisk import Configuration
from ..core.errors import N_, OperationRefused
from ..core.rights import Right
from ..core.snapshot import Snapshot
from ..db import transaction
from ..pbx import control, verification
from ..pbx.ami import AmiClient
from ..pbx.verification import ALL_NUMBERS, Difference
from . import audit, host_reports, hosts
from .context import Actor, ServiceContext
from .database_clock import can_have_several
from .drift import store_drift
from .generation_lock import generation_lock, recorded_refusal
from .generation_recovery import recover, write_again, write_failed
from .rollout import current_rollout
from .state import live_generation


@dataclass(frozen=True, slots=True)
class Applied:
    """The generation that was applied again, the names of files kept beside its own, and what still differs."""

    number: int
    kept: tuple[str, ...]
    differences: tuple[Difference, ...]


def apply_again(ctx: ServiceContext, actor: Actor) -> Applied:
    """Write the files of the live generation again, reload Asterisk and compare everything.

    Files that were changed by hand are kept in the generation's folder. Saved edits stay pending.

    Raises:
        OperationRefused: nothing was generated yet, another generation is running, Asterisk is unreachable, or the
            files can't be written.
    """
    actor.require(Right.GENERATE)
    with recorded_refusal(actor), generation_lock(ctx), control.connect(ctx.pbx) as ami:
        if not ctx.pbx.writes_files:
            raise OperationRefused(N_("This server has no PBX."))
        if can_have_several() and current_rollout(ctx).running:
            raise OperationRefused(N_("A configuration version is being generated."))
        number, snapshot = live_generation(ctx)
        if not number:
            raise OperationRefused(N_("No configuration has been generated yet."))
        kept = _write(ctx, number, snapshot)
        with transaction() as session:  # before the reload, which may fail
            changes = {"kept": [None, ", ".join(kept)]} if kept else None
            audit.record(session, actor, "generation.apply", number, changes=changes)
            host_reports.forget_files_of_others(session, ctx, number)
        recover(ctx, ami)
        differences = _reload(ctx, ami, snapshot) if ami else ()
        store_drift(ctx, differences)
    hosts.notify("generation")
    return Applied(number, tuple(kept), differences)


def _write(ctx: ServiceContext, number: int, snapshot: Snapshot) -> list[str]:
    """Write and activate the files; return the names of what was kept."""
    try:
        kept = write_again(ctx, number, snapshot)
        return kept + ctx.generation_files.activate(number)
    except OSError as error:
        message, values = write_failed(error)
        raise OperationRefused(message, None, **values) from None


def _reload(ctx: ServiceContext, ami: AmiClient, snapshot: Snapshot) -> tuple[Difference, ...]:
    control.reload(ami)
    numbers = [account.number for account in snapshot.accounts]
    return verification.differences(ami, Configuration(snapshot, ctx.renderer), numbers, ALL_NUMBERS)
