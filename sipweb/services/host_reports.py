"""What each PBX host has reported about a generation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..db import db
from ..models import HostReport
from .context import ServiceContext
from .database_clock import database_time
from .generation_history import Outcome, Rollback, outcome_to_json
from .renamed_messages import current_message


@dataclass(frozen=True, slots=True)
class HostReportView:
    """What became of a generation on a host. `state` is that of models.HostReport, the others are those of Outcome."""

    host: str
    state: str
    at: datetime
    message: str
    values: Mapping[str, str]
    rollback: Rollback


def report(
    session: Session, ctx: ServiceContext, number: int, outcome: Outcome, files: Mapping[str, str] | None = None
) -> None:
    """Store in the caller's transaction what became of a generation on this host; `files` are the written digests."""
    row = session.get(HostReport, (number, ctx.host))
    if row is None:
        row = HostReport(number=number, host=ctx.host)
        session.add(row)
    row.state, row.reported_at, row.outcome = outcome.state, database_time(), outcome_to_json(outcome)
    if files is not None:
        row.files = dict(files)


def report_working(session: Session, ctx: ServiceContext, number: int) -> None:
    """Store in the caller's transaction that this host tries a generation."""
    session.add(HostReport(number=number, host=ctx.host, state="working", reported_at=database_time()))


def report_files(session: Session, ctx: ServiceContext, number: int, files: Mapping[str, str]) -> None:
    """Store in the caller's transaction the digests of a generation's files as they were written again."""
    row = session.get(HostReport, (number, ctx.host))
    if row is None:
        row = HostReport(number=number, host=ctx.host, state="written", reported_at=database_time())
        session.add(row)
    if row.state == "working":  # this host died while it tried the generation, which went live without it
        row.state = "written"
    row.files = dict(files)


def forget_files_of_others(session: Session, ctx: ServiceContext, number: int) -> None:
    """Have the other hosts write a generation's files again, in the caller's transaction."""
    others = update(HostReport).where(HostReport.number == number, HostReport.host != ctx.host)
    session.execute(others.values(files=None))


def reports(number: int) -> tuple[HostReportView, ...]:
    """Return the reports about a generation, in the order in which the hosts ended."""
    query = select(HostReport).where(HostReport.number == number).order_by(HostReport.reported_at, HostReport.host)
    return tuple(_view(row) for row in db.session.scalars(query))


def states(number: int) -> dict[str, str]:
    """Return host → state of the reports about a generation."""
    query = select(HostReport.host, HostReport.state).where(HostReport.number == number)
    return {row.host: row.state for row in db.session.execute(query)}


def written_digests(ctx: ServiceContext, number: int) -> dict[str, str]:
    """Return the digests of a generation's files as this host wrote them; empty if they were not recorded."""
    query = select(HostReport.files).where(HostReport.number == number, HostReport.host == ctx.host)
    return db.session.scalar(query) or {}


def _view(row: HostReport) -> HostReportView:
    stored = row.outcome or {}  # from outcome_to_json
    return HostReportView(
        row.host, row.state, row.reported_at,
        current_message(stored.get("message", "")), stored.get("values", {}), stored.get("back", ""),
    )  # fmt: skip
