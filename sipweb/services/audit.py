"""The audit log: who did what, when and from where, with old and new values.

Never secrets.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Text as TextType
from sqlalchemy import cast, func, insert, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from ..core.errors import N_
from ..core.plan import Plan
from ..core.search import CHANGED, DAY, EVERYTHING, NUMBER, TEXT, Filter, Numbers, Period, Search, Term, Test, Text
from ..core.text import search_key
from ..db import SearchKey, db
from ..models import AuditEntry
from .context import Actor, utc_now

PAGE = 100
_INSERT = insert(AuditEntry.metadata.tables["audit"])  # a statement, not an object: nothing reads the entry back


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit entry. `changes` is {field: [old, new]}."""

    id: int
    at: datetime
    by: str
    address: str
    action: str
    account_id: int | None
    subject: str
    changes: Mapping[str, Any]


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: object,
    *,
    account_id: int | None = None,
    user_id: int | None = None,
    trunk_id: int | None = None,
    route_id: int | None = None,
    changes: Mapping[str, list[Any]] | None = None,
) -> None:
    """Add one entry to the caller's transaction."""
    entry = {
        "created_at": utc_now(),
        "actor_name": actor.name,
        "ip_address": actor.address,
        "action": action,
        "subject": str(subject)[:80],
        "account_id": account_id,
        "user_id": user_id,
        "trunk_id": trunk_id,
        "route_id": route_id,
        "changes": dict(changes or {}),
    }
    session.connection().execute(_INSERT, entry)  # without the ORM, which has nothing to do here


FILTERS = (
    Filter(Term("user", "użytkownik"), TEXT, N_("User"), ("admin",)),
    Filter(Term("event", "zdarzenie"), TEXT, N_("Event"), ("generation", "account.edit", "login")),
    Filter(Term("account", "konto", ("number", "numer")), NUMBER, N_("SIP account"), ("205", "200-259")),
    Filter(Term("address", "adres", ("ip",)), TEXT, N_("IP address"), ("192.0.2",)),
    Filter(Term("date", "data", ("changed", "zmienione")), DAY, N_("Time"), CHANGED.examples),
)


def entries(
    search: Search = EVERYTHING, before: int | None = None, action: str = "",
    event_names: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:  # fmt: skip
    """Return the newest 100 entries that a search shows.

    Optionally only those older than entry `before`, or of one action. `event_names` are what actions are called.
    """
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    query = query.where(*(_has_word(word, event_names or {}) for word in search.words))
    for name, test in search.tests:
        query = query.where(*_conditions(name, test, event_names or {}))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if action:
        query = query.where(AuditEntry.action == action)
    return tuple(to_entry(row) for row in db.session.scalars(query))


def _has_word(word: str, event_names: Mapping[str, str]) -> ColumnElement[bool]:
    """Return the condition of entries that have a word, a search key, in what the page shows of them."""
    columns = AuditEntry.actor_name, AuditEntry.ip_address, AuditEntry.subject
    return or_(_is_event(word, event_names), *(_contains(column, word) for column in columns))


def _conditions(name: str, test: Test, event_names: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Return the conditions of entries that pass the test of a filter."""
    match test:
        case Period():
            return in_period(test)
        case Numbers():
            numbers = [str(number) for number in range(max(test.low, 0), min(test.high, 999) + 1)]
            ids = select(AuditEntry.account_id).where(
                AuditEntry.subject.in_(numbers), AuditEntry.account_id.is_not(None)
            )
            return [AuditEntry.account_id.in_(ids)]
        case Text() if name == "event":
            return [_is_event(test.key, event_names)]
        case Text():
            return [_contains(AuditEntry.actor_name if name == "user" else AuditEntry.ip_address, test.key)]
    raise ValueError(name)


def _is_event(key: str, event_names: Mapping[str, str]) -> ColumnElement[bool]:
    named = [action for action, name in event_names.items() if key in search_key(name)]
    return or_(AuditEntry.action.in_(named), AuditEntry.action.contains(key, autoescape=True))


def _contains(column: Any, key: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = SearchKey(column).contains(key, autoescape=True)
    return condition


def recent_refusals(limit: int = 20) -> tuple[int, tuple[Entry, ...]]:
    """Return how many agent logins were rejected in 24 hours, and the newest ones."""
    matching = (AuditEntry.created_at >= utc_now() - timedelta(hours=24), AuditEntry.action == "lease.refused")
    count = db.session.scalar(select(func.count(AuditEntry.id)).where(*matching)) or 0
    newest = select(AuditEntry).where(*matching).order_by(AuditEntry.id.desc()).limit(limit)
    return count, tuple(to_entry(row) for row in db.session.scalars(newest)) if count else ()


Subject = tuple[str, int]  # what an audit entry is about: a key of SUBJECT_COLUMNS, and an id
ROUTE_ORDER: Subject = ("order", 0)  # the order of all routes: moving one also moves others
# The id's column, and the actions that change what reaches the PBX. A revocation does so only if it replaced the
# password.
SUBJECT_COLUMNS = {
    "account": (
        AuditEntry.account_id,
        (
            "account.add",
            "account.edit",
            "account.delete",
            "account.restore",
            "account.secret",
            "account.discard",
            "lease.revoke",
        ),
    ),
    "user": (AuditEntry.user_id, ("user.edit",)),
    "trunk": (AuditEntry.trunk_id, ("trunk.add", "trunk.edit", "trunk.delete", "trunk.discard")),
    "route": (AuditEntry.route_id, ("route.add", "route.edit", "route.delete", "route.move", "route.discard")),
}
_CHANGED = or_(AuditEntry.action != "lease.revoke", cast(AuditEntry.changes, TextType) != "{}")


def pending_authors(plan: Plan) -> dict[Subject, Entry]:
    """Return the audit entry that made each change pending: the newest of those that may have.

    Keys are ("account", id), ("trunk", id) and ("route", id).
    """
    causes = _possible_causes(plan)
    entries = _newest_entries({cause for subjects in causes.values() for cause in subjects})
    candidates = {
        change: [entries[subject] for subject in subjects if subject in entries] for change, subjects in causes.items()
    }
    return {change: max(newest, key=attrgetter("id")) for change, newest in candidates.items() if newest}


def last_change(kind: str, record_id: int) -> Entry | None:
    """Return the newest entry that changed a record itself; `kind` is a key of SUBJECT_COLUMNS."""
    column, actions = SUBJECT_COLUMNS[kind]
    edits = [action for action in actions if action != "route.move"]  # which changes the order, not the route
    query = select(AuditEntry).where(column == record_id, AuditEntry.action.in_(edits), _CHANGED)
    row = db.session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))
    return to_entry(row) if row else None


def changed_between(kind: str, period: Period) -> frozenset[int]:
    """Return the ids of the records that were changed in a period; `kind` is a key of SUBJECT_COLUMNS."""
    column, actions = SUBJECT_COLUMNS[kind]
    edits = {*actions, f"{kind}.add"} - {"route.move"}
    query = select(column).where(AuditEntry.action.in_(edits), column.is_not(None), *in_period(period)).distinct()
    return frozenset(db.session.scalars(query))


def in_period(period: Period) -> list[ColumnElement[bool]]:
    """Return the conditions of entries of a period."""
    bounds = (period.start, AuditEntry.created_at.__ge__), (period.end, AuditEntry.created_at.__lt__)
    return [compare(moment) for moment, compare in bounds if moment]


def plan_subjects(plan: Plan) -> list[Subject]:
    """Return the accounts, trunks and routes that a plan adds, changes or removes."""
    accounts = [*plan.added, *(change.new for change in plan.changed), *plan.removed]
    return [("account", account.id) for account in accounts] + [(change.kind, change.id) for change in plan.routing]


def _possible_causes(plan: Plan) -> dict[Subject, list[Subject]]:
    """Return for each change what may have been edited to cause it: itself, a renamed owner, the order of routes."""
    causes = {subject: [subject] for subject in plan_subjects(plan)}
    for account_change in plan.changed:
        old, new = account_change.old, account_change.new
        if new.user_id and old.user_id == new.user_id and old.user != new.user:
            causes["account", new.id].append(("user", new.user_id))
    for routing_change in plan.routing:
        if any(field.field == "position" for field in routing_change.fields):
            causes[routing_change.kind, routing_change.id].append(ROUTE_ORDER)
    return causes


def _newest_entries(subjects: Collection[Subject]) -> dict[Subject, Entry]:
    """Return the newest entry that changed each of these subjects; none for a subject that was never changed."""
    newest: dict[Subject, Entry] = {}
    for kind in SUBJECT_COLUMNS:
        if ids := {subject_id for subject_kind, subject_id in subjects if subject_kind == kind}:
            newest |= _newest_of_kind(kind, ids)
    if ROUTE_ORDER in subjects:
        moves = select(AuditEntry).where(AuditEntry.action == "route.move").order_by(AuditEntry.id.desc())
        if move := db.session.scalar(moves.limit(1)):
            newest[ROUTE_ORDER] = to_entry(move)
    return newest


def _newest_of_kind(kind: str, ids: Collection[int]) -> dict[Subject, Entry]:
    column, actions = SUBJECT_COLUMNS[kind]
    matching = (AuditEntry.action.in_(actions), column.in_(ids), _CHANGED)
    newest = select(func.max(AuditEntry.id)).where(*matching).group_by(column)
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(newest)))
    return {(kind, getattr(row, column.key)): to_entry(row) for row in rows}


def to_entry(row: AuditEntry) -> Entry:
    """Return a row as the pages show it."""
    return Entry(
        row.id, row.created_at, row.actor_name, row.ip_address, row.action, row.account_id, row.subject, row.changes
    )
