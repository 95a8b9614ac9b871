"""Discard pending edits: give accounts, trunks and routes the values that are live on the PBX."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ..core import snapshot as records
from ..core.accounts import FIELDS, pick
from ..core.errors import N_, OperationRefused
from ..core.plan import AccountChange, FieldChange, Plan, RoutingChange
from ..core.rights import Right
from ..db import db, transaction
from ..models import Account, AuditEntry, AuditSubject, OutboundRoute, Revision, Trunk
from . import audit
from .accounts import restored_row
from .audit import Entry
from .audit_subjects import ABOUT_MANY, PART_COLUMNS, SUBJECT_COLUMNS, Subject, plan_subjects
from .context import Actor, ServiceContext
from .routes import renumber, routes_in_order
from .state import current_state

_TRUNK_COLUMNS = tuple(field.name for field in fields(records.Trunk) if field.name != "id")
_ROUTE_COLUMNS = tuple(field.name for field in fields(records.Route) if field.name != "id")


@dataclass(frozen=True, slots=True)
class Discardable:
    """The pending edits that would be discarded, and the newest audit entry when they were looked up."""

    plan: Plan
    newest_entry: int


class ChangedSince(OperationRefused):
    """What would be discarded was changed after the page was shown; `entries` tell by whom."""

    def __init__(self, entries: Collection[Entry]) -> None:
        changes = ", ".join(dict.fromkeys(f"{entry.by}: {entry.subject}" for entry in entries))
        super().__init__(
            N_("Nothing was discarded: these edits were changed after this page was shown (%(changes)s)."),
            changes=changes,
        )
        self.entries = entries


def discardable(ctx: ServiceContext, subject: Subject | None = None) -> Discardable:
    """Return the pending edits of one account, trunk or route that can be discarded; those of all without a subject.

    Settings, a sipweb update and the names of users are not edits of an account, a trunk or a route.

    Raises:
        OperationRefused: nothing was generated yet, so that nothing is live.
    """
    state = current_state(ctx)
    if not state.generation:
        raise OperationRefused(N_("No configuration has been generated yet."))
    newest = db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0
    return Discardable(_select(state.plan, subject), newest)


def discard(ctx: ServiceContext, actor: Actor, seen_entry: int, subject: Subject | None = None) -> int:
    """Give what `discardable` returns its live values, all or nothing; return how many edits were discarded.

    `seen_entry` is the newest audit entry that the page knew.

    Raises:
        ChangedSince: somebody changed one of them later. OperationRefused: one can't be discarded by itself.
    """
    actor.require(Right.EDIT if subject else Right.GENERATE)
    with transaction() as session:
        plan, live = discardable(ctx, subject).plan, current_state(ctx).live
        if newer := _changes_since(session, seen_entry, plan):
            raise ChangedSince(newer)
        old_trunks = [change.old for change in plan.routing if isinstance(change.old, records.Trunk)]
        old_routes = [change.old for change in plan.routing if isinstance(change.old, records.Route)]
        _restore_trunks(session, old_trunks)
        _restore_routes(session, old_routes, [route.id for route in live.routes])
        _delete_added(session, [change for change in plan.routing if not change.old])
        _restore_trunk_names(session, old_trunks)
        _restore_accounts(session, plan, live.inactive)
        _record(session, actor, plan)
        return len(plan)


def _select(plan: Plan, subject: Subject | None) -> Plan:
    """Return the part of a plan that can be discarded, or only that of one subject."""

    def wanted(kind: str, record_id: int) -> bool:
        return subject in (None, (kind, record_id))

    return Plan(
        added=tuple(account for account in plan.added if wanted("account", account.id)),
        changed=tuple(
            change for change in plan.changed if wanted("account", change.new.id) and not _is_only_renamed(change)
        ),
        removed=tuple(account for account in plan.removed if wanted("account", account.id)),
        routing=tuple(change for change in plan.routing if wanted(change.kind, change.id)),
    )


def _is_only_renamed(change: AccountChange) -> bool:
    """Return whether only the name of the account's owner was changed, which is an edit of a user."""
    return [field.field for field in change.fields] == ["user"] and change.old.user_id == change.new.user_id


def _changes_since(session: Session, entry_id: int, plan: Plan) -> list[Entry]:
    """Return later changes of what the plan changes; of the order too where it changes routes."""
    subjects = plan_subjects(plan)
    conditions: list[ColumnElement[bool]] = []
    for kind, (column, actions) in SUBJECT_COLUMNS.items():
        ids = {record_id for subject_kind, record_id in subjects if subject_kind == kind}
        conditions.append(column.in_(ids) & AuditEntry.action.in_(actions))
        if part := PART_COLUMNS.get(kind):
            parts = select(AuditSubject.entry_id).where(AuditSubject.entry_id > entry_id, part.in_(ids))
            conditions.append(AuditEntry.action.in_(ABOUT_MANY) & AuditEntry.id.in_(parts))
    if any(kind == "route" for kind, _id in subjects):
        conditions.append(AuditEntry.action == "route.move")
    query = select(AuditEntry).where(AuditEntry.id > entry_id, or_(*conditions)).order_by(AuditEntry.id)
    return [audit.to_entry(row) for row in session.scalars(query)]


def _restore_accounts(session: Session, plan: Plan, inactive: Iterable[records.InactiveAccount]) -> None:
    """Delete what was added; then give all others their live values, whose numbers are free by then.

    An account that was added by activating it becomes inactive again, with the number that the PBX knows.
    """
    old_numbers = {account.id: account.number for account in inactive}
    activated = [session.get_one(Account, account.id) for account in plan.added if account.id in old_numbers]
    lives = [*(change.old for change in plan.changed), *plan.removed]
    rows = {row.id: row for row in session.scalars(select(Account).where(Account.id.in_([live.id for live in lives])))}
    gone = [session.get_one(Account, account.id) for account in plan.added if account.id not in old_numbers]
    gone += [rows[live.id] for live in lives if live.id in rows and rows[live.id].number != live.number]
    rewritten = {row.id for row in gone}
    for row in gone:  # a row that changes its number is written anew: two may have swapped theirs
        session.delete(row)
    session.flush()
    _check_numbers(
        session,
        [live.number for live in lives if live.id not in rows or live.id in rewritten]
        + [old_numbers[row.id] for row in activated if row.number != old_numbers[row.id]],
    )
    for row in activated:
        _set(row, {"active": False, "number": old_numbers[row.id]})
    session.flush()
    for live in lives:
        if live.id in rows and live.id not in rewritten:
            _set(rows[live.id], pick(restored_row(session, live), (*FIELDS, "active", "secret", "fingerprint")))
        else:
            session.add(restored_row(session, live))


def _check_numbers(session: Session, numbers: Collection[int]) -> None:
    taken = session.scalars(select(Account.number).where(Account.number.in_(numbers)).order_by(Account.number)).all()
    if taken:
        raise OperationRefused(
            N_("Number %(numbers)s now belongs to another saved account. Discard or change that account first."),
            numbers=", ".join(map(str, taken)),
        )


def _restore_trunks(session: Session, lives: Iterable[records.Trunk]) -> None:
    """Restore trunks under names that nobody has: two may have swapped theirs."""
    for live in lives:
        row, values = session.get(Trunk, live.id), pick(live, _TRUNK_COLUMNS)
        values |= {"active": True, "name": uuid.uuid4().hex}
        if row is None:
            session.add(Trunk(id=live.id, version=_new_version(session), **values))
        else:
            _set(row, values)
    session.flush()


def _new_version(session: Session) -> int:
    """Return a version that no deleted row had, as restored_row() does."""
    return session.scalar(select(Revision.value)) or 1


def _restore_trunk_names(session: Session, lives: Iterable[records.Trunk]) -> None:
    names = {live.id: live.name for live in lives}
    taken = session.scalar(select(Trunk.name).where(Trunk.name.in_(names.values())))
    if taken is not None:
        raise OperationRefused(
            N_("The name %(name)s now belongs to another trunk. Discard or change that trunk first."), name=taken
        )
    for trunk_id, name in names.items():
        session.get_one(Trunk, trunk_id).name = name
    session.flush()


def _restore_routes(session: Session, lives: Collection[records.Route], live_order: Sequence[int]) -> None:
    for live in lives:
        if session.get(Trunk, live.trunk_id) is None:
            raise OperationRefused(
                N_("The trunk of rule %(name)s was deleted. Discard the trunk's deletion first."), name=live.name
            )
        row, values = session.get(OutboundRoute, live.id), pick(live, _ROUTE_COLUMNS) | {"active": True}
        if row is None:
            session.add(OutboundRoute(id=live.id, version=_new_version(session), **values))
        else:
            _set(row, values)
    session.flush()
    if lives:
        _restore_order(session, {live.id for live in lives}, live_order)


def _restore_order(session: Session, restored: Collection[int], live_order: Sequence[int]) -> None:
    """Put each restored route behind the one that it follows on the PBX."""
    routes = routes_in_order(session)
    order = [route for route in routes if route.id not in restored]
    for index, route_id in enumerate(live_order):
        if route_id in restored:
            earlier = set(live_order[:index])
            place = max((place for place, route in enumerate(order, 1) if route.id in earlier), default=0)
            order.insert(place, next(route for route in routes if route.id == route_id))
    renumber(order)
    session.flush()


def _delete_added(session: Session, changes: Collection[RoutingChange]) -> None:
    for change in sorted(changes, key=lambda change: change.kind):  # routes before the trunks that they use
        if change.kind == "trunk":
            user = session.scalar(select(OutboundRoute.name).where(OutboundRoute.trunk_id == change.id))
            if user is not None:
                raise OperationRefused(
                    N_("Trunk %(name)s is used by the rule %(rule)s. Discard or change that rule first."),
                    name=change.name, rule=user,
                )  # fmt: skip
        session.delete(session.get_one(Trunk if change.kind == "trunk" else OutboundRoute, change.id))
        session.flush()


def _set(row: Account | Trunk | OutboundRoute, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1


def _record(session: Session, actor: Actor, plan: Plan) -> None:
    """Record each discarded edit, with the saved values that are lost and the live ones."""
    for account in plan.added:
        audit.record(session, actor, "account.discard", account.number, account_id=account.id)
    for change in plan.changed:
        audit.record(
            session, actor, "account.discard", change.old.number,
            account_id=change.old.id, changes=_lost(change.fields),
        )  # fmt: skip
    for account in plan.removed:
        audit.record(session, actor, "account.discard", account.number, account_id=account.id)
    for routing in plan.routing:
        ids = {f"{routing.kind}_id": routing.id}
        changes = _lost(routing.fields) if routing.old else {}
        audit.record(session, actor, f"{routing.kind}.discard", routing.name, changes=changes, **ids)


def _lost(changes: Iterable[FieldChange]) -> dict[str, list[Any]]:
    return {change.field: [change.new, change.old] if change.field != "secret" else [] for change in changes}
