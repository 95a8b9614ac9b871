"""What a login would assign, from the live accounts and the current leases. Changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.accounts import BUILTIN
from ..core.assignment import Agent, Assignment, Reason, assign, assign_without_number
from ..core.errors import N_, Invalid, NotFound
from ..core.numbers import parse_number
from ..core.rights import Right, has_right
from ..core.snapshot import Snapshot
from ..db import db
from ..models import Account as AccountRow
from ..models import Lease, User
from .context import ServiceContext
from .pbx_status import has_lease_credentials
from .state import live_generation


@dataclass(frozen=True, slots=True)
class AssignmentPreview:
    """What an agent would get now: a number or None, and the reason in either case."""

    name: str
    login: str
    number: int | None
    reason: Reason


def preview_assignment(ctx: ServiceContext, user_id: int, number: str) -> AssignmentPreview:
    """Return what a login with this number, or with none, would assign.

    Raises:
        NotFound: the user does not exist.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(N_("This user no longer exists."))
    if not user.active:
        return AssignmentPreview(user.name, user.login, None, Reason.INACTIVE)
    assignment = decide(db.session(), ctx, user, number)
    number_assigned = assignment.account.number if assignment.account else None
    return AssignmentPreview(user.name, user.login, number_assigned, assignment.reason)


def decide(session: Session, ctx: ServiceContext, user: User, number: str | None) -> Assignment:
    """Decide what a login with this number, or with none, assigns."""
    if not has_right(user.role, Right.WORK):
        return Assignment(None, Reason.ROLE)
    try:
        requested = parse_number(number) if number else None
    except Invalid:
        return Assignment(None, Reason.UNKNOWN)
    leases, live = _leases_by_user(session), live_generation(ctx)[1]
    if current := _current_assignment(leases.get(user.id), requested, live):
        return current
    live = assignable_accounts(session, ctx, live)
    in_use = {lease.account_id for lease in leases.values()}
    assignment = assign(Agent(user.id, user.work_mode, user.external_phone), requested, live, in_use)
    if assignment.reason is Reason.UNKNOWN:
        return Assignment(None, _reason_not_live(session, requested))
    return assignment


def assignments_without_number(agents: Collection[Agent], live: Snapshot) -> dict[int, Assignment]:
    """Return, by agent's id, what a login without a number would assign to each of these active agents.

    Costs one query, however many agents there are.
    """
    leases = _leases_by_user(db.session())
    assignments = assign_without_number(agents, live, {lease.account_id for lease in leases.values()})
    held = {user_id: _current_assignment(lease, None, live) for user_id, lease in leases.items()}
    return {user_id: held.get(user_id) or assignment for user_id, assignment in assignments.items()}


def _leases_by_user(session: Session) -> dict[int, Lease]:
    """Return the leases; a user has one at most."""
    return {lease.user_id: lease for lease in session.scalars(select(Lease))}


def _current_assignment(lease: Lease | None, requested: int | None, live: Snapshot) -> Assignment | None:
    """Return the decision for an agent who uses an account already; None for all others."""
    account = live.by_id.get(lease.account_id) if lease else None
    if lease is None or account is None:
        return None
    if requested in (None, lease.number):
        return Assignment(account, Reason.ALREADY_ASSIGNED)
    return Assignment(None, Reason.OTHER_NUMBER)


def assignable_accounts(session: Session, ctx: ServiceContext, live: Snapshot) -> Snapshot:
    """Return the live accounts that no previous holder can register with.

    Where leases have no credentials of their own, those of the built-in phone are left out that have a new password
    which is not live yet.
    """
    if has_lease_credentials(ctx):
        return live
    rows = session.execute(select(AccountRow.id, AccountRow.fingerprint))
    saved = {row.id: row.fingerprint for row in rows}
    accounts = (a for a in live.accounts if a.phone != BUILTIN or saved.get(a.id, a.fingerprint) == a.fingerprint)
    return replace(live, accounts=tuple(accounts))


def _reason_not_live(session: Session, number: int | None) -> Reason:
    """Return why no live account has this number, as far as the saved accounts tell."""
    active = session.scalar(select(AccountRow.active).where(AccountRow.number == number))
    if active is None:
        return Reason.UNKNOWN
    return Reason.NOT_GENERATED if active else Reason.NOT_ACTIVE
