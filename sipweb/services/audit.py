"""The audit log: who did what, when, from where, old and new. Secrets never."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import db
from ..models import AuditEntry
from .site import Actor, now

PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `changes` is {field: [old, new]}."""

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
    way_id: int | None = None,
    changes: Mapping[str, list[Any]] | None = None,
) -> None:
    """Add one entry to the caller's transaction."""
    session.add(
        AuditEntry(
            at=now(),
            by=actor.name,
            address=actor.address,
            action=action,
            subject=str(subject)[:80],
            account_id=account_id,
            user_id=user_id,
            way_id=way_id,
            changes=dict(changes or {}),
        )
    )


def entries(account: str = "", before: int | None = None, action: str = "") -> tuple[Entry, ...]:
    """The newest 100 entries: of one account's number, older than entry `before`, of one action, where these are given."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    if account:
        ids = select(AuditEntry.account_id).where(AuditEntry.subject == account, AuditEntry.account_id.is_not(None))
        query = query.where(AuditEntry.account_id.in_(ids))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if action:
        query = query.where(AuditEntry.action == action)
    return tuple(_entry(row) for row in db.session.scalars(query))


def refusals(limit: int = 20) -> tuple[int, tuple[Entry, ...]]:
    """How many agents' logins were refused in the last 24 hours, and the newest of them."""
    which = (AuditEntry.at >= now() - timedelta(hours=24), AuditEntry.action == "agent.refused")
    count = db.session.scalar(select(func.count(AuditEntry.id)).where(*which)) or 0
    newest = select(AuditEntry).where(*which).order_by(AuditEntry.id.desc()).limit(limit)
    return count, tuple(_entry(row) for row in db.session.scalars(newest)) if count else ()


CHANGING = ("account.add", "account.edit", "account.delete", "account.undo", "account.secret", "user.edit")
KINDS = {
    "account": (AuditEntry.account_id, CHANGING),
    "user": (AuditEntry.user_id, CHANGING),
    "trunk": (AuditEntry.way_id, ("trunk.add", "trunk.edit", "trunk.delete")),
    "rule": (AuditEntry.way_id, ("rule.add", "rule.edit", "rule.delete", "rule.move")),
}


def last_changes(**ids: Collection[int]) -> dict[tuple[str, int], Entry]:
    """account=, user=, trunk=, rule=ids → (kind, id) and the newest entry that changed it: who made it pending, and when."""
    found: dict[tuple[str, int], Entry] = {}
    for kind, wanted in ids.items():
        column, actions = KINDS[kind]
        newest = (
            select(func.max(AuditEntry.id)).where(AuditEntry.action.in_(actions), column.in_(wanted)).group_by(column)
        )
        for row in db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(newest))):
            found[kind, getattr(row, column.key)] = _entry(row)
    return found


def _entry(row: AuditEntry) -> Entry:
    return Entry(row.id, row.at, row.by, row.address, row.action, row.account_id, row.subject, row.changes)
