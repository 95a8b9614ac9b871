"""What happened to one account, trunk or route: edits, generations, use, calls, registrations, failed sign-ins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from typing import Any, Literal, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.sql import ColumnElement

from ..db import db
from ..models import AuditEntry, AuditSubject, Event, User
from . import calls
from .audit_subjects import PART_COLUMNS, SUBJECT_COLUMNS, Subject, part_changes, parts_of
from .calls import CallItem

PAGE = 50  # items of one page
Kind = Literal["edits", "generations", "use", "calls", "registrations", "failures"]
KINDS: tuple[Kind, ...] = ("edits", "generations", "use", "calls", "registrations", "failures")
_EVENT_KINDS: Mapping[str, tuple[str, ...]] = {
    "generations": ("generated",),
    "registrations": ("registered", "moved", "unregistered"),
    "failures": ("auth_failed",),
}
_EVENT_COLUMNS = {"account": Event.account_id, "trunk": Event.trunk_id, "route": Event.route_id}


class Cursor(NamedTuple):
    """Where a page begins: before this audit entry, this event and this call. 0: at the newest."""

    entry: int = 0
    event: int = 0
    call: int = 0


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing that happened. What does not apply is empty.

    `what` is the action of an audit entry or the kind of an event. `since`: when a use that ended began. `by` is the
    user who did it, `agent` the agent who used the account.
    """

    at: datetime
    kind: Kind
    what: str
    by: str = ""
    agent: str = ""
    address: str = ""
    reason: str = ""
    count: int = 1
    generation: int | None = None
    since: datetime | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    entry: int = 0
    event: int = 0
    call: CallItem | None = None


NEWEST = Cursor()


def history(
    subject: Subject, number: int | None, kind: str = "", before: Cursor = NEWEST
) -> tuple[tuple[HistoryItem, ...], Cursor | None]:
    """Return the newest items of one account, trunk or route before a place, and the place of the next page if any.

    `number` is an account's: sign-ins of agents that were rejected name no account. `kind` is one of KINDS, or "".
    """
    sources = (
        _entries(subject, number, kind, before.entry), _events(subject, kind, before.event),
        _calls(subject, kind, before.call),
    )  # fmt: skip
    found = [*merge(*sources, key=_newest)]
    page = found[:PAGE]
    if len(found) <= PAGE:
        return tuple(page), None
    entries, events = [one.entry for one in page if one.entry], [one.event for one in page if one.event]
    last_call = next((one.call.id for one in reversed(page) if one.call), before.call)
    return tuple(page), Cursor(min(entries, default=before.entry), min(events, default=before.event), last_call)


def _newest(item: HistoryItem) -> float:
    return -item.at.timestamp()


def _entries(subject: Subject, number: int | None, kind: str, before: int) -> list[HistoryItem]:
    """Return edits and use from the audit log, the newest first."""
    if kind not in ("", "edits", "use"):
        return []
    column, record_id = SUBJECT_COLUMNS[subject[0]][0], subject[1]
    is_use = AuditEntry.action.startswith("lease.")
    condition: ColumnElement[bool] = column == record_id
    if subject[0] in PART_COLUMNS:
        condition = or_(condition, AuditEntry.id.in_(parts_of(*subject)))
    if number:
        condition = or_(condition, and_(AuditEntry.action == "lease.refused", AuditEntry.subject == str(number)))
    query = select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id).where(condition)
    if kind:
        query = query.where(is_use if kind == "use" else ~is_use)
    if before:
        query = query.where(AuditEntry.id < before)
    rows = db.session.execute(query.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    entry_ids = [row.id for row, _ in rows]
    changes = part_changes(*subject, entry_ids) if subject[0] in PART_COLUMNS else {}
    return [_entry_item(row, agent or "", subject, changes.get(row.id, row.changes)) for row, agent in rows]


def _entry_item(row: AuditEntry, agent: str, subject: Subject, changes: Mapping[str, Any]) -> HistoryItem:
    is_use = row.action.startswith("lease.")
    return HistoryItem(
        at=row.created_at, kind="use" if is_use else "edits", what=row.action, by=row.actor_name,
        agent=agent if is_use else "", address=row.ip_address, changes=changes, entry=row.id,
        since=_began(row, subject) if is_use and row.action not in ("lease.acquire", "lease.refused") else None,
    )  # fmt: skip


def _began(row: AuditEntry, subject: Subject) -> datetime | None:
    """Return when the use began that an entry ended."""
    began = select(AuditEntry.created_at).where(
        AuditEntry.account_id == subject[1], AuditEntry.action == "lease.acquire", AuditEntry.id < row.id
    )
    return db.session.scalar(began.order_by(AuditEntry.id.desc()).limit(1))


def _events(subject: Subject, kind: str, before: int) -> list[HistoryItem]:
    """Return generations, registrations and failures, the newest first."""
    if kind and kind not in _EVENT_KINDS:
        return []
    query = select(Event).where(_EVENT_COLUMNS[subject[0]] == subject[1])
    if kind:
        query = query.where(Event.kind.in_(_EVENT_KINDS[kind]))
    if before:
        query = query.where(Event.id < before)
    rows = db.session.scalars(query.order_by(Event.id.desc()).limit(PAGE + 1))
    return [
        HistoryItem(
            at=row.created_at, kind=next(name for name in KINDS if row.kind in _EVENT_KINDS.get(name, ())),
            what=row.kind, address=row.address, reason=row.reason, count=row.count, generation=row.generation,
            event=row.id,
        )
        for row in rows
    ]  # fmt: skip


def _calls(subject: Subject, kind: str, before: int) -> list[HistoryItem]:
    """Return the calls from and to an account, the newest first."""
    if subject[0] != "account" or kind not in ("", "calls"):
        return []
    found = calls.calls_of_account(subject[1], before, PAGE + 1)
    return [HistoryItem(at=one.started_at, kind="calls", what=one.result, call=one) for one in found]


def last_known_name(subject: Subject) -> str:
    """Return the number or name under which an account, trunk or route was last mentioned; "" if it never was."""
    column = SUBJECT_COLUMNS[subject[0]][0]
    query = select(AuditEntry.subject).where(column == subject[1]).order_by(AuditEntry.id.desc()).limit(1)
    if name := db.session.scalar(query):
        return name
    if subject[0] not in PART_COLUMNS:
        return ""
    query = select(AuditSubject.subject).where(PART_COLUMNS[subject[0]] == subject[1])
    return db.session.scalar(query.order_by(AuditSubject.id.desc()).limit(1)) or ""
