"""Which number each user would get at sign-in: now, and after the next generation."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.assignment import Agent, Assignment, Reason
from ..db import db
from .assignment import assignable_accounts, assignments_without_number
from .context import ServiceContext
from .state import current_state
from .users import UserView

_INACTIVE = Assignment(None, Reason.INACTIVE)


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
    agents = [Agent(user.id, user.work_mode, user.external_phone) for user in users if user.active]
    current = current_state(ctx)
    now = assignments_without_number(agents, assignable_accounts(db.session(), ctx, current.live))
    upcoming = assignments_without_number(agents, current.saved)
    return {user.id: ExpectedNumber(now.get(user.id, _INACTIVE), upcoming.get(user.id, _INACTIVE)) for user in users}


def without_number(users: Sequence[UserView], expected: dict[int, ExpectedNumber]) -> list[UserView]:
    """Return the active agents who would get no number now."""
    return [user for user in users if user.role == "agent" and user.active and expected[user.id].now.account is None]


def _kind(assignment: Assignment) -> object:
    """Return what tells one expectation from another."""
    if assignment.account is None:
        return None
    return assignment.reason if assignment.reason is Reason.POOL else assignment.account.number
