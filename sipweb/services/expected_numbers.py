"""Which number each user would get at sign-in, now and after the next generation; how many accounts are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ..core.accounts import BUILTIN
from ..core.assignment import AUTOMATIC, Agent, Assignment, Reason
from ..core.rights import AGENT, Right, has_right
from ..db import db
from ..models import User
from .assignment import assignable_accounts, assignments_without_number
from .context import ServiceContext
from .state import current_state
from .state_records import State
from .user_list import UserView


@dataclass(frozen=True, slots=True)
class ExpectedNumber:
    """What a user who enters no number would get: `now`, and `next` with the configuration as it is saved."""

    now: Assignment
    next: Assignment

    @property
    def is_pending(self) -> bool:
        """Whether the next generation changes it. Which automatic account it is does not matter."""
        return _kind(self.now) != _kind(self.next)


def expected_numbers(ctx: ServiceContext, users: Sequence[UserView]) -> dict[int, ExpectedNumber]:
    """Return what these users would get, by their ids."""
    workers = (user for user in users if user.active and has_right(user.role, Right.WORK))
    agents = [Agent(user.id, user.work_mode, user.external_phone) for user in workers]
    current = current_state(ctx)
    now = assignments_without_number(agents, assignable_accounts(db.session(), ctx, current.live))
    upcoming = assignments_without_number(agents, current.saved)
    none = {user.id: Assignment(None, Reason.ROLE if user.active else Reason.INACTIVE) for user in users}
    return {key: ExpectedNumber(now.get(key, without), upcoming.get(key, without)) for key, without in none.items()}


def without_number(users: Sequence[UserView], expected: dict[int, ExpectedNumber]) -> list[UserView]:
    """Return the active agents who would get no number now."""
    return [user for user in users if user.role == AGENT and user.active and expected[user.id].now.account is None]


def pool_shortage(current: State, more: int = 0) -> int:
    """Return how many automatic accounts are missing for all agents and so many `more`; 0 when they suffice.

    Active automatic agents without an active account of their own need one. An account counts for its owner from the
    moment it is saved, before it is generated, and for nobody else any more.
    """
    own = {account.id: account.user_id for account in current.by_id.values() if account.user_id and account.active}
    waiting = db.session.scalars(select(User.id).where(
        User.role == AGENT, User.active, User.work_mode == AUTOMATIC, User.external_phone == BUILTIN
    ))  # fmt: skip
    pool = sum(account.free and account.id not in own for account in current.accounts)
    return max(0, len(set(waiting).difference(own.values())) + more - pool)


def _kind(assignment: Assignment) -> object:
    """Return what tells one expectation from another."""
    if assignment.account is None:
        return None
    return assignment.reason if assignment.reason is Reason.POOL else assignment.account.number
