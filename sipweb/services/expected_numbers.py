"""Which number each user would get at sign-in: now, and after the next generation."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.assignment import Agent, Assignment, Reason
from ..core.rights import AGENT, Right, has_right
from ..db import db
from .assignment import assignable_accounts, assignments_without_number
from .context import ServiceContext
from .state import current_state
from .users import UserView


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


def _kind(assignment: Assignment) -> object:
    """Return what tells one expectation from another."""
    if assignment.account is None:
        return None
    return assignment.reason if assignment.reason is Reason.POOL else assignment.account.number
