"""Failed sign-ins of phones, browsers and agent programs, grouped by address and number or login."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, String, cast, func, null, or_, select

from ..db import db
from ..models import AuditEntry, Event
from .context import utc_now

PAGE = 100  # groups of one page
MAX_ROWS = 20_000  # the newest rows that are grouped, so that an attack does not make the page slow
WEB_ACTIONS = (
    "login.failed", "login.failed.second_factor", "login.locked.login", "login.locked.address",
    "login.locked.second_factor", "login.locked.password", "session.confirm_failed", "user.password_failed",
)  # fmt: skip
LOCKS = tuple(action for action in WEB_ACTIONS if ".locked." in action)
MANY_LOCKS = 5  # within RECENT; a user who has forgotten a password gives up before
RECENT = timedelta(minutes=5)
Source = Literal["phones", "web"]
SOURCES: tuple[Source, ...] = ("phones", "web")


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failed sign-ins from one address with one number or login ("" if it is unknown), for one reason.

    `reason` is that of an event, or the action of an audit entry. `last_id` is the id of the newest one.
    """

    address: str
    name: str
    account_id: int | None
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    last_id: int


def recent_locks() -> int:
    """Return how often failed sign-ins of browsers and programs led to a lock a short time ago; 0 if only a few did."""
    now = utc_now()
    recent = AuditEntry.created_at.between(now - RECENT, now)
    count = db.session.scalar(select(func.count()).where(recent, AuditEntry.action.in_(LOCKS))) or 0
    return count if count >= MANY_LOCKS else 0


def failed_sign_ins(source: Source, search: str = "", before: int = 0) -> tuple[tuple[Attempts, ...], bool]:
    """Return a page of groups, those with the newest attempt first, and whether there are older ones.

    `search` is a number, a login or a part of an address; the page begins before the row `before`.
    """
    rows = db.session.execute(_of_phones(search, before) if source == "phones" else _of_web(search, before)).all()
    return tuple(Attempts(*row) for row in rows[:PAGE]), len(rows) > PAGE


def _of_phones(search: str, before: int) -> Select[Any]:
    matching: list[ColumnElement[bool]] = [Event.kind == "auth_failed"]
    if search:
        is_number = search.isascii() and search.isdecimal() and len(search) == 3
        of_number = [Event.number == int(search)] if is_number else []
        matching.append(or_(Event.address.contains(search, autoescape=True), *of_number))
    rows = select(Event).where(*matching).order_by(Event.id.desc()).limit(MAX_ROWS).subquery().c
    name = func.coalesce(cast(rows.number, String), "")
    groups = rows.address, rows.number, rows.account_id, rows.reason
    query = select(rows.address, name, rows.account_id, rows.reason, func.sum(rows.count), *_span(rows))
    return _page(query.group_by(*groups), rows.id, before)


def _of_web(search: str, before: int) -> Select[Any]:
    matching: list[ColumnElement[bool]] = [AuditEntry.action.in_(WEB_ACTIONS)]
    if search:
        matching.append(or_(AuditEntry.ip_address.contains(search, autoescape=True), AuditEntry.subject == search))
    rows = select(AuditEntry).where(*matching).order_by(AuditEntry.id.desc()).limit(MAX_ROWS).subquery().c
    groups = rows.ip_address, rows.subject, rows.action
    query = select(rows.ip_address, rows.subject, null(), rows.action, func.count(), *_span(rows))
    return _page(query.group_by(*groups), rows.id, before)


def _span(rows: Any) -> tuple[ColumnElement[Any], ...]:
    return func.min(rows.created_at), func.max(rows.created_at), func.max(rows.id)


def _page(query: Select[Any], row_id: ColumnElement[int], before: int) -> Select[Any]:
    if before:
        query = query.having(func.max(row_id) < before)
    return query.order_by(func.max(row_id).desc()).limit(PAGE + 1)
