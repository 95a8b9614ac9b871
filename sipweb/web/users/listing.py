"""What the list of users shows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from flask_babel import gettext

from ...core.assignment import Assignment, Reason
from ...core.rights import right_to_edit_user
from ...core.text import search_key
from ...services import user_list as service
from ...services.expected_numbers import ExpectedNumber, expected_numbers, pool_shortage, without_number
from ...services.state import current_state
from ...services.state_records import State
from ...services.user_list import UserView
from ..access import current_actor, current_context
from ..formatting import format_value
from ..inline_list import InlineList
from ..labels import label
from ..list_query import changed_argument, query_args, read_query
from ..list_search import ListSearch

WITHOUT_NUMBER = "without-number"


def may_edit(user: UserView) -> bool:
    """Return whether the row of this user may be opened: only administrators change users who are no agents."""
    return current_actor().can(right_to_edit_user(user.role))


class ListQuery(NamedTuple):
    """Search, filter and order of the list, as in its address."""

    q: str = ""
    show: str = ""
    sort: str = "name"


def _list_query() -> ListQuery:
    """Return the query of the list that this request belongs to."""
    return read_query(ListQuery, "users.index")


@dataclass(frozen=True)
class UserList:
    """All users and what they would get; read when a block of the page needs them. The templates call it `page`."""

    query: ListQuery = field(default_factory=_list_query)
    state: State = field(default_factory=lambda: current_state(current_context()))

    @cached_property
    def search(self) -> ListSearch:
        """What the search field holds."""
        return ListSearch(self.query.q, service.FILTERS)

    @property
    def list_args(self) -> dict[str, str]:
        """The arguments of the list's address, for links that lead back to the same view."""
        return query_args(self.query)

    @cached_property
    def users(self) -> tuple[UserView, ...]:
        """All users, by name."""
        return service.list_users(current_context())

    @cached_property
    def expected(self) -> dict[int, ExpectedNumber]:
        """What each user would get, by the user's id."""
        return expected_numbers(current_context(), self.users)

    @cached_property
    def without_number(self) -> list[UserView]:
        """The active agents who would get no number."""
        return without_number(self.users, self.expected)

    @cached_property
    def rows(self) -> Sequence[UserView]:
        """The users that the query shows."""
        users = self.without_number if self.query.show == WITHOUT_NUMBER else self.users
        found, sort = service.search(users, self.search.search), self.query.sort
        key = self._sorts.get(sort.removeprefix("-"), self._sorts["name"])
        return sorted(found, key=key, reverse=sort.startswith("-"))

    @property
    def _sorts(self) -> Mapping[str, Callable[[UserView], Any]]:
        """The orders, by the column's name."""
        return {
            "name": lambda user: search_key(user.name),
            "login": attrgetter("login"),
            "role": attrgetter("role"),
            "work_mode": attrgetter("work_mode"),
            "external_phone": attrgetter("external_phone"),
            "accounts": lambda user: user.accounts or (1000,),  # who has none comes last
            "gets": lambda user: self._place_of_number(self.expected[user.id].now),
            "active": lambda user: not user.active,
        }

    @staticmethod
    def _place_of_number(assignment: Assignment) -> int:
        """Return the place of a number in the order: own numbers, automatic ones, none."""
        if assignment.account is None:
            return 1001
        return 1000 if assignment.reason is Reason.POOL else assignment.account.number

    @cached_property
    def changed_argument(self) -> str:
        """Which argument of the list the user has just changed: the page puts the focus on its control."""
        return changed_argument({"show": "", "q": "", "sort": "name"})

    @cached_property
    def _name_counts(self) -> Counter[str]:
        return Counter(user.name for user in self.users)

    def unique_name(self, user: UserView) -> str:
        """Return the user's name, with the login where another user has the same name."""
        return f"{user.name} ({user.login})" if self._name_counts[user.name] > 1 else user.name

    may_edit = staticmethod(may_edit)

    def pool_shortage(self, more: int = 0) -> int:
        """Return how many automatic accounts are missing for all agents and so many `more`."""
        return pool_shortage(self.state, more)

    def number_text(self, assignment: Assignment) -> str:
        """Return the number that is assigned, without which automatic one it is, or that there is none."""
        if assignment.account is None:
            return gettext("none")
        return gettext("automatic") if assignment.reason is Reason.POOL else str(assignment.account.number)

    def reason_text(self, user: UserView, assignment: Assignment) -> str:
        """Return why a user would get no number, or that the number is in use; "" when there is nothing to explain."""
        if assignment.reason is Reason.ALREADY_ASSIGNED:
            return gettext("in use now")
        if assignment.account is not None:
            return ""
        if assignment.reason is Reason.INACTIVE:
            return gettext("inactive user")
        if assignment.reason is Reason.NUMBER_REQUIRED:
            field_name = "work_mode" if user.work_mode != "automatic" else "external_phone"
            return f"{label(field_name)}: {format_value(field_name, getattr(user, field_name))}"
        return format_value("reason", assignment.reason)


def _context(*, rows: Sequence[UserView] | None, **values: object) -> Mapping[str, object]:
    page = UserList()
    return (
        {"details": None}
        | values
        | {"page": page, "rows": page.rows if rows is None else rows, "current_state": lambda: page.state}
    )


LIST: InlineList[UserView] = InlineList(
    "users/index.html", "users.index", "user", context=_context, args=lambda: query_args(_list_query())
)
