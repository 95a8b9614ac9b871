"""The audit log: who did what, when, from where, old and new. Secrets never."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import Session

from ..core.plan import Plan
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


# The column of the id, and the actions that change what reaches the PBX; a release only when it replaced the password.
KINDS = {
    "account": (
        AuditEntry.account_id,
        ("account.add", "account.edit", "account.delete", "account.undo", "account.secret", "agent.release"),
    ),
    "user": (AuditEntry.user_id, ("user.edit",)),
    "trunk": (AuditEntry.way_id, ("trunk.add", "trunk.edit", "trunk.delete")),
    "rule": (AuditEntry.way_id, ("rule.add", "rule.edit", "rule.delete", "rule.move")),
}
_CHANGED = or_(AuditEntry.action != "agent.release", cast(AuditEntry.changes, Text) != "{}")


def authors(plan: Plan) -> dict[tuple[str, int], Entry]:
    """("account", id), ("trunk", id), ("rule", id) → the entry of whoever made it pending, and when."""
    accounts = [*plan.added, *(change.new for change in plan.changed), *plan.removed]
    found = _newest("account", (account.id for account in accounts))
    for kind in ("trunk", "rule"):
        found |= _newest(kind, (way.id for way in plan.ways if way.kind == kind))
    renamed = {
        c.new.id: c.new.user_id for c in plan.changed if c.old.user_id == c.new.user_id and c.old.user != c.new.user
    }
    users = _newest("user", (user_id for user_id in renamed.values() if user_id))
    others = [(("account", account_id), users.get(("user", user_id or 0))) for account_id, user_id in renamed.items()]
    order = next(iter(entries(action="rule.move")), None)  # whoever moves a rule moves others past it
    others += [((w.kind, w.id), order) for w in plan.ways if any(f.field == "position" for f in w.fields)]
    for key, entry in others:
        if entry and (key not in found or found[key].id < entry.id):
            found[key] = entry
    return found


def _newest(kind: str, ids: Iterable[int]) -> dict[tuple[str, int], Entry]:
    """(kind, id) → the newest entry that changed it."""
    column, actions = KINDS[kind]
    which = (AuditEntry.action.in_(actions), column.in_(set(ids)), _CHANGED)
    newest = select(func.max(AuditEntry.id)).where(*which).group_by(column)
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(newest)))
    return {(kind, getattr(row, column.key)): _entry(row) for row in rows}


def _entry(row: AuditEntry) -> Entry:
    return Entry(row.id, row.at, row.by, row.address, row.action, row.account_id, row.subject, row.changes)
