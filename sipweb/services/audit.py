"""The audit log: who did what, when and from where, with old and new values.

Never secrets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import func, insert, or_, select, union
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from ..core.errors import N_
from ..core.search import EVERYTHING, Search
from ..core.search_criteria import NumberList, Numbers, Period, Test, Text
from ..core.search_filters import CHANGED, DAY, NUMBER, TEXT, Filter, Term
from ..core.text import search_key
from ..db import SearchKey, db
from ..models import AuditEntry, AuditSubject
from .context import Actor, utc_now

PAGE = 100
MAX_SUBJECT = 80  # characters of the column
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
        "subject": str(subject)[:MAX_SUBJECT],
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
        {"entry_id": entry_id, "account_id": part.account_id, "user_id": part.user_id,
         "subject": part.subject[:MAX_SUBJECT], "changes": dict(part.changes)}
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


def in_period(period: Period) -> list[ColumnElement[bool]]:
    """Return the conditions of entries of a period."""
    bounds = (period.start, AuditEntry.created_at.__ge__), (period.end, AuditEntry.created_at.__lt__)
    return [compare(moment) for moment, compare in bounds if moment]


def to_entry(row: AuditEntry) -> Entry:
    """Return a row as the pages show it."""
    return Entry(
        row.id, row.created_at, row.actor_name, row.ip_address, row.action, row.account_id, row.subject, row.changes
    )
