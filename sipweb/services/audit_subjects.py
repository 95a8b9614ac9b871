"""The audit entries about a record.

They tell who changed an account, user, trunk or route last, and who made a change pending.
"""

from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy import Text, and_, cast, func, or_, select, union
from sqlalchemy.sql import ColumnElement, Select

from ..core.plan import Plan
from ..core.search_criteria import Period
from ..db import db
from ..models import AuditEntry, AuditSubject
from .audit import Entry, in_period, to_entry

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
_CHANGED = or_(AuditEntry.action != "lease.revoke", cast(AuditEntry.changes, Text) != "{}")
ABOUT_MANY = (
    "account.import", "user.import",
    "account.bulk_add", "account.bulk_add_undo",
    "account.bulk_edit", "account.bulk_secret", "account.bulk_delete", "account.bulk_restore",
)  # actions that change many records  # fmt: skip


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
