"""Make Asterisk and its files the live generation again: after a crash, and after a generation was refused."""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from ..core.asterisk import Configuration, render
from ..core.errors import N_, OperationRefused
from ..core.plan import Plan, diff
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db, transaction
from ..models import Generation
from ..pbx import astdb, control, verification
from ..pbx.ami import AmiClient
from ..pbx.generation_files import file_digests
from . import audit, host_reports, lease_sync
from .context import SYSTEM_ACTOR, ServiceContext, utc_now
from .database_clock import can_have_several
from .errors import DatabaseFailure
from .generation_close import close, close_if_complete
from .generation_history import Outcome, Rollback
from .host_reports import written_digests
from .rollout import current_rollout, wanted_number
from .state import SnapshotDeleted, live_generation, live_number, load_snapshot

logger = logging.getLogger(__name__)


class OtherVersion(OperationRefused):
    """This host can't render a generation, because another version of sipweb has made it."""

    def __init__(self, ctx: ServiceContext) -> None:
        super().__init__(N_("sipweb has another version on the PBX host %(name)s."), name=ctx.host)


def recover(ctx: ServiceContext, ami: AmiClient | None) -> None:
    """Make this host's files those of the generation that it should run; close one that this host did not survive.

    The caller holds this host's lock, so what this host still reports as "working" was the work of a dead process.
    """
    if not ctx.pbx.writes_files:
        return
    interrupted = _interrupted_number(ctx)
    number = live_number() if interrupted else wanted_number(ctx, current_rollout(ctx))
    if number:
        _switch(ctx, number, ami, is_reload_due=bool(interrupted))
    if interrupted:
        _close_interrupted(ctx, interrupted)


def _switch(ctx: ServiceContext, number: int, ami: AmiClient | None, *, is_reload_due: bool) -> None:
    snapshot, before = _snapshot(ctx, number), ctx.generation_files.current()
    try:
        switched = activate(ctx, number, snapshot)
    except OtherVersion:  # verify_written says so; another generation would put this host right
        return
    if ami and (is_reload_due or switched):
        control.reload(ami)
        if before not in (0, number):
            control.remove_contacts(ami, _left_registrations(ami, before, snapshot))


def _interrupted_number(ctx: ServiceContext) -> int | None:
    """Return the running generation if this host was trying it when the process died."""
    current = current_rollout(ctx)
    is_trying = current.reports.get(ctx.host) == "working" or not can_have_several()
    return current.running if is_trying else None


def _close_interrupted(ctx: ServiceContext, number: int) -> None:
    """Close a generation that is not tried again, unless another host has closed it meanwhile."""
    logger.warning("Generation %d was interrupted; generation %d stays live", number, live_number())
    with transaction() as session:
        if current_rollout(ctx).running != number:
            return
        host_reports.report(session, ctx, number, Outcome("interrupted"))
        if not close_if_complete(session, ctx, number):
            close(session, ctx, number, "interrupted")


def _snapshot(ctx: ServiceContext, number: int) -> Snapshot:
    live, snapshot = live_generation(ctx)
    return snapshot if number == live else load_snapshot(number)


def _left_registrations(ami: AmiClient, before: int, snapshot: Snapshot) -> set[int]:
    """Return the numbers whose contacts are no longer right after a switch from generation `before`."""
    try:
        return stale_registrations(diff(load_snapshot(before), snapshot), astdb.numbers_with_auth(ami))
    except SnapshotDeleted:
        return set()


def stale_registrations(plan: Plan, leased: Collection[int]) -> set[int]:
    """Return live numbers that were removed, renumbered, or given another password or phone.

    A phone that registered with the credential of a lease does not use the account's password.
    """
    stale = {account.number for account in plan.removed}
    for change in plan.changed:
        fields = {one.field for one in change.fields}
        if fields & {"number", "phone"} or ("secret" in fields and change.old.number not in leased):
            stale.add(change.old.number)
    return stale


def verify_written(ctx: ServiceContext, ami: AmiClient) -> bool:
    """Compare Asterisk with what this host should run; reload once if it differs and the files do not.

    Return whether they are equal.

    A generation that was only written becomes verified.

    Raises:
        OtherVersion: this host lacks the files, which a newer sipweb has made on another host.
    """
    number = wanted_number(ctx, current_rollout(ctx))
    snapshot = _snapshot(ctx, number) if number else Snapshot()
    if not number or snapshot.renderer_version != RENDERER_VERSION:
        if snapshot.renderer_version > RENDERER_VERSION and ctx.generation_files.current() != number:
            raise OtherVersion(ctx)
        return True  # files of another renderer cannot be compared; the plan shows it
    if not _runs(ctx, ami, snapshot):
        if any(ctx.generation_files.states(number, written_digests(ctx, number))):
            return False  # a reload would take over what was changed by hand
        control.reload(ami)
        if not _runs(ctx, ami, snapshot):
            return False
    if host_reports.states(number).get(ctx.host) == "written":
        with transaction(bump_revision=False) as session:
            host_reports.report(session, ctx, number, Outcome("verified"))
    if db.session.scalar(select(Generation.state).where(Generation.number == number)) == "written":
        with transaction() as session:
            session.get_one(Generation, number).state = "verified"
            logger.info("Generation %d ended: verified", number)
            audit.record(session, SYSTEM_ACTOR, "generation.verified", number)
    return True


def _runs(ctx: ServiceContext, ami: AmiClient, snapshot: Snapshot) -> bool:
    """Return whether Asterisk runs the snapshot; all accounts are compared option by option."""
    numbers, leased = [account.number for account in snapshot.accounts], astdb.numbers_with_auth(ami)
    differences = verification.differences(ami, Configuration(snapshot, ctx.renderer), numbers)
    return not lease_sync.without_leased_auths(differences, leased)


def roll_back(
    ctx: ServiceContext, number: int, snapshot: Snapshot, digests: Mapping[str, str], refused: set[int]
) -> Rollback:
    """Make Asterisk run generation `number` again, also while the database is away.

    `digests` are those of its files as this host wrote them, `refused` the numbers of the accounts of the refused one.

    Returns "back" if it does, else "unknown" (the files can't be activated, or Asterisk is unreachable) or "differs".
    """
    try:
        if ctx.generation_files.current() != number or not digests:
            with suppress(*DatabaseFailure):  # the files are written then, and the monitor stores their digests
                _restore_files(ctx, number, snapshot, digests)
            ctx.generation_files.activate(number)
    except (OSError, OtherVersion) as error:  # the monitor repeats it
        logger.warning("Couldn't activate the files of generation %d: %s", number, error)
        return "unknown"
    return _reload_previous(ctx, snapshot, refused) if ctx.pbx.has_asterisk else "back"


def _reload_previous(ctx: ServiceContext, snapshot: Snapshot, refused: set[int]) -> Rollback:
    try:
        with ctx.pbx.open() as ami:  # a new connection, because the old one may have failed
            control.reload(ami)
            if snapshot.renderer_version != RENDERER_VERSION:  # files of an earlier renderer cannot be compared
                return "unknown"
            changed = {account.number for account in snapshot.accounts} & refused
            leased = astdb.numbers_with_auth(ami)
            differences = verification.differences(ami, Configuration(snapshot, ctx.renderer), changed, refused)
            return "differs" if lease_sync.without_leased_auths(differences, leased) else "back"
    except OperationRefused:
        return "unknown"


def activate(ctx: ServiceContext, number: int, snapshot: Snapshot) -> bool:
    """Make an earlier generation's files current; return whether they were not.

    They are rendered again if they were pruned or changed, or if this host has not written them: after a failover that
    lost transactions another generation may have the number.
    """
    digests = written_digests(ctx, number)
    if ctx.generation_files.current() == number and digests:
        return False
    _restore_files(ctx, number, snapshot, digests)
    ctx.generation_files.activate(number)
    return True


def _restore_files(ctx: ServiceContext, number: int, snapshot: Snapshot, digests: Mapping[str, str]) -> None:
    if not digests or not ctx.generation_files.read(number) or any(ctx.generation_files.states(number, digests)):
        write_again(ctx, number, snapshot)


def write_again(ctx: ServiceContext, number: int, snapshot: Snapshot) -> list[str]:
    """Write a generation's files where they are not as they should be; return the names of files that were kept.

    Raises:
        OtherVersion: a newer sipweb has made the generation, on another host.
    """
    if snapshot.renderer_version > RENDERER_VERSION:
        raise OtherVersion(ctx)
    files = render(snapshot, ctx.renderer)
    kept = ctx.generation_files.repair(number, files, utc_now())
    with transaction(bump_revision=False) as session:
        host_reports.report_files(session, ctx, number, file_digests(files))
    return kept


def write_failed(error: OSError) -> tuple[str, dict[str, object]]:
    """Return message and values that say why files couldn't be written; the file is named without its folder."""
    name = Path(error.filename2 or error.filename or "").name
    if not name:
        return N_("Couldn't write the files: %(why)s."), {"why": error.strerror or error}
    return N_("Couldn't write the files: %(why)s (%(name)s)."), {"why": error.strerror, "name": name}
