"""The audit log: who did what, when and from where, with old and new values.

Never secrets.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Text as TextType
from sqlalchemy import and_, cast, func, insert, or_, select, union
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement, Select

from ..core.errors import N_
from ..core.plan import Plan
from ..core.search import EVERYTHING, Search
from ..core.search_criteria import NumberList, Numbers, Period, Test, Text
from ..core.search_filters import CHANGED, DAY, NUMBER, TEXT, Filter, Term
from ..core.text import search_key
from ..db import SearchKey, db
from ..models import AuditEntry, AuditSubject
from .context import Actor, utc_now

PAGE = 100
MAX_SUBJECT = 80  # characters of the column
ABOUT_MANY = (
    "account.import", "user.import",
    "account.bulk_add", "account.bulk_add_undo",
    "account.bulk_edit", "account.bulk_secret", "account.bulk_delete", "account.bulk_restore",
)  # actions that change many records  # fmt: skip
_INSERT = insert(AuditEntry.metadata.tables["audit"])  # a statement, not an object: nothing reads the entry back
_INSERT_SUBJECTS = insert(AuditEntry.metadata.tables["audit_subject"])


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


@dataclass(frozen=True, slots=True)
class Part:
    """One of many accounts or users that an entry is about, and what changed in it."""

    subject: str
    account_id: int | None = None
    user_id: int | None = None
    changes: Mapping[str, list[Any]] = field(default_factory=dict)


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
    ids = {"account_id": account_id, "user_id": user_id, "trunk_id": trunk_id, "route_id": route_id}
    _add_entry(session, actor, action, subject, ids=ids, changes=changes)


def _add_entry(
    session: Session, actor: Actor, action: str, subject: object, *, ids: Mapping[str, int | None],
    changes: Mapping[str, list[Any]] | None,
) -> int:  # fmt: skip
    entry = {
        "created_at": utc_now(),
        "actor_name": actor.name,
        "ip_address": actor.address,
        "action": action,
        "subject": str(subject)[:80],
        "changes": dict(changes or {}),
        **ids,
    }
    added = session.connection().execute(_INSERT, entry)  # without the ORM, which has nothing to do here
    assert added.inserted_primary_key is not None  # one row was inserted
    return int(added.inserted_primary_key[0])


def record_many(
    session: Session, actor: Actor, action: str, subject: str, *, changes: Mapping[str, list[Any]],
    parts: Sequence[Part],
) -> int:  # fmt: skip
    """Add one entry about many accounts or users, which its parts name, to the caller's transaction; return its id."""
    entry_id = _add_entry(session, actor, action, subject, ids={}, changes=changes)
    rows = [
        {"entry_id": entry_id, "account_id": part.account_id, "user_id": part.user_id, "subject": part.subject[:80],
         "changes": dict(part.changes)}
        for part in parts
    ]  # fmt: skip
    session.connection().execute(_INSERT_SUBJECTS, rows)
    return entry_id


FILTERS = (
    Filter(Term("user", "użytkownik"), TEXT, N_("User"), ("admin",)),
    Filter(Term("event", "zdarzenie"), TEXT, N_("Event"), ("generation", "account.edit", "login")),
    Filter(Term("account", "konto", ("number", "numer")), NUMBER, N_("SIP account"), ("205", "200-259")),
    Filter(Term("address", "adres", ("ip",)), TEXT, N_("IP address"), ("192.0.2",)),
    Filter(Term("date", "data", ("changed", "zmienione")), DAY, N_("Time"), CHANGED.examples),
)


def entries(
    search: Search = EVERYTHING, before: int | None = None, event_names: Mapping[str, str] | None = None
) -> tuple[Entry, ...]:
    """Return the newest 100 entries that a search shows.

    Optionally only those older than entry `before`. `event_names` are what actions are called.
    """
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    query = query.where(*(_has_word(word, event_names or {}) for word in search.words))
    for name, test in search.tests:
        query = query.where(*_conditions(name, test, event_names or {}))
    if before is not None:
        query = query.where(AuditEntry.id < before)
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
        case Numbers() | NumberList():
            ranges = (range(max(part.low, 0), min(part.high, 999) + 1) for part in test.parts)
            numbers = [str(number) for number in chain(*ranges)]
            ids = union(
                select(AuditEntry.account_id).where(
                    AuditEntry.subject.in_(numbers), AuditEntry.account_id.is_not(None)
                ),
                select(AuditSubject.account_id).where(
                    AuditSubject.subject.in_(numbers), AuditSubject.account_id.is_not(None)
                ),
            )
            parts = select(AuditSubject.entry_id).where(AuditSubject.account_id.in_(ids))
            return [or_(AuditEntry.account_id.in_(ids), AuditEntry.id.in_(parts))]
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
PART_COLUMNS = {"account": AuditSubject.account_id, "user": AuditSubject.user_id}
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
    is_subject: ColumnElement[bool] = and_(column == record_id, AuditEntry.action.in_(edits), _CHANGED)
    if kind in PART_COLUMNS:
        changes_many = AuditEntry.action.in_(ABOUT_MANY)
        is_subject = or_(is_subject, and_(changes_many, AuditEntry.id.in_(parts_of(kind, record_id))))
    query = select(AuditEntry).where(is_subject)
    row = db.session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))
    return to_entry(row) if row else None


def changed_between(kind: str, period: Period) -> frozenset[int]:
    """Return the ids of the records that were changed in a period; `kind` is a key of SUBJECT_COLUMNS."""
    column, actions = SUBJECT_COLUMNS[kind]
    edits = {*actions, f"{kind}.add"} - {"route.move"}
    queries = [select(column).where(AuditEntry.action.in_(edits), column.is_not(None), *in_period(period))]
    if part := PART_COLUMNS.get(kind):
        entries_about_many = select(AuditEntry.id).where(AuditEntry.action.in_(ABOUT_MANY), *in_period(period))
        queries.append(select(part).where(AuditSubject.entry_id.in_(entries_about_many), part.is_not(None)))
    return frozenset(db.session.scalars(union(*queries)))


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
    query = select(column, func.max(AuditEntry.id)).where(*matching).group_by(column)
    newest: dict[int, int] = {record_id: entry_id for record_id, entry_id in db.session.execute(query) if record_id}
    if part_column := PART_COLUMNS.get(kind):
        changes_of_many = select(AuditEntry.id).where(AuditEntry.action.in_(ABOUT_MANY))
        is_part = part_column.in_(ids), AuditSubject.entry_id.in_(changes_of_many)
        parts = select(part_column, func.max(AuditSubject.entry_id)).where(*is_part).group_by(part_column)
        for record_id, entry_id in db.session.execute(parts):
            assert record_id is not None  # it is one of ids
            newest[record_id] = max(entry_id, newest.get(record_id, 0))
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(set(newest.values()))))
    entries = {row.id: to_entry(row) for row in rows}
    return {(kind, record_id): entries[entry_id] for record_id, entry_id in newest.items()}


def parts_of(kind: str, record_id: int) -> Select[int]:
    """Return the ids of the entries about many records that one account or user is a part of."""
    return select(AuditSubject.entry_id).where(PART_COLUMNS[kind] == record_id)


def part_changes(kind: str, record_id: int, entry_ids: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return what entries about many records changed in one account or user, by the entry's id."""
    query = select(AuditSubject.entry_id, AuditSubject.changes)
    rows = db.session.execute(query.where(AuditSubject.entry_id.in_(entry_ids), PART_COLUMNS[kind] == record_id))
    return {entry_id: changes for entry_id, changes in rows}  # noqa: C416  # rows are no pairs to mypy


def accounts_of(entry_ids: Collection[int]) -> set[int]:
    """Return the accounts that are parts of these entries."""
    query = select(AuditSubject.account_id).where(AuditSubject.entry_id.in_(entry_ids))
    return {account_id for account_id in db.session.scalars(query) if account_id is not None}


def users_of(entry_ids: Collection[int]) -> set[int]:
    """Return the users that are parts of these entries."""
    query = select(AuditSubject.user_id).where(AuditSubject.entry_id.in_(entry_ids))
    return {user_id for user_id in db.session.scalars(query) if user_id is not None}


def to_entry(row: AuditEntry) -> Entry:
    """Return a row as the pages show it."""
    return Entry(
        row.id, row.created_at, row.actor_name, row.ip_address, row.action, row.account_id, row.subject, row.changes
    )
