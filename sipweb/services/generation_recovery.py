"""Make Asterisk and its files the live generation again: after a crash, and after a generation was refused."""

import logging
from pathlib import Path

from sqlalchemy import select

from ..core.asterisk import render
from ..core.errors import N_, OperationRefused
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db, transaction
from ..models import Generation
from ..pbx import control, verification
from ..pbx.ami import AmiClient
from ..pbx.generation_files import file_digests
from . import audit, host_reports
from .context import SYSTEM_ACTOR, ServiceContext, utc_now
from .generation_history import Rollback
from .host_reports import written_digests
from .state import live_generation

logger = logging.getLogger(__name__)


def recover(ctx: ServiceContext, ami: AmiClient | None) -> None:
    """Mark interrupted generations and restore the live one.

    The caller holds the lock, so a generation that is still "running" belongs to a dead process.
    """
    interrupted = db.session.scalars(select(Generation.number).where(Generation.state == "running")).all()
    number, snapshot = live_generation(ctx)
    if number:
        switched = activate(ctx, number, snapshot)
        if ami and (interrupted or switched):
            control.reload(ami)
    if interrupted:
        logger.warning("Generations %s were interrupted; generation %d stays live", interrupted, number)
        with transaction() as session:
            for row in session.scalars(select(Generation).where(Generation.number.in_(interrupted))):
                row.state, row.finished_at = "interrupted", utc_now()
                audit.record(session, SYSTEM_ACTOR, "generation.interrupted", row.number)


def verify_written(ctx: ServiceContext, ami: AmiClient) -> bool:
    """Compare Asterisk with the live generation; reload once if it differs and the files do not.

    Return whether they are equal.

    A generation that was only written becomes verified.
    """
    number, snapshot = live_generation(ctx)
    # files of an earlier renderer cannot be compared; the plan shows it
    if not number or snapshot.renderer_version != RENDERER_VERSION:
        return True
    if not _runs(ctx, ami, snapshot):
        if any(ctx.generation_files.states(number, written_digests(ctx, number))):
            return False  # a reload would take over what was changed by hand
        control.reload(ami)
        if not _runs(ctx, ami, snapshot):
            return False
    if db.session.scalar(select(Generation.state).where(Generation.number == number)) == "written":
        with transaction() as session:
            session.get_one(Generation, number).state = "verified"
            logger.info("Generation %d ended: verified", number)
            audit.record(session, SYSTEM_ACTOR, "generation.verified", number)
    return True


def _runs(ctx: ServiceContext, ami: AmiClient, snapshot: Snapshot) -> bool:
    """Return whether Asterisk runs the snapshot; all accounts are compared option by option."""
    numbers = [account.number for account in snapshot.accounts]
    return not verification.differences(ami, snapshot, ctx.cipher.decrypt, numbers)


def roll_back(ctx: ServiceContext, number: int, snapshot: Snapshot, refused: set[int]) -> Rollback:
    """Make Asterisk run generation `number` again; `refused` are the numbers of the accounts of the refused one.

    Returns "back" if it does, else "unknown" (the files can't be activated, or Asterisk is unreachable) or "differs".
    """
    try:
        activate(ctx, number, snapshot)
    except OSError as error:  # the monitor repeats it
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
            differences = verification.differences(ami, snapshot, ctx.cipher.decrypt, changed, refused)
            return "differs" if differences else "back"
    except OperationRefused:
        return "unknown"


def activate(ctx: ServiceContext, number: int, snapshot: Snapshot) -> bool:
    """Make an earlier generation's files current; return whether they were not.

    They are rendered again if they were pruned or changed.
    """
    if ctx.generation_files.current() == number:
        return False
    digests = written_digests(ctx, number)
    if not ctx.generation_files.read(number) or any(ctx.generation_files.states(number, digests)):
        write_again(ctx, number, snapshot)
    ctx.generation_files.activate(number)
    return True


def write_again(ctx: ServiceContext, number: int, snapshot: Snapshot) -> list[str]:
    """Write a generation's files where they are not as they should be; return the names of files that were kept."""
    files = render(snapshot, ctx.cipher.decrypt)
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
