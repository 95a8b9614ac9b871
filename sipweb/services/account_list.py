"""The account list: which accounts a filter and a search show, and in which order."""

from collections.abc import Callable, Mapping, Sequence, Sized
from operator import attrgetter, not_, truth

from ..core.text import search_key
from .accounts import COLUMNS
from .state_records import AccountView, State

SortKey = Callable[[AccountView], tuple[str | int, ...]]


def _by_field(name: str) -> SortKey:
    """Return the order by one field and the number; what is switched on comes first."""

    def key(account: AccountView) -> tuple[str | int, int]:
        value = getattr(account, name)
        return (not value if isinstance(value, bool) else value), account.number

    return key


FILTERS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "all": ("number", truth),
    "automatic": ("automatic", truth),
    "inactive": ("active", not_),
    "pending": ("pending", truth),
}
SORTS: dict[str, SortKey] = {name: _by_field(name) for name in COLUMNS if name != "user_id"} | {
    "user": lambda account: (search_key(account.user), account.number),
    "state": lambda account: (not account.live, not account.free, account.number),
}


def count(current: State, show: str) -> int:
    """Return how many accounts a filter shows, without looking at each of 900 where that is known."""
    known: Mapping[str, Sized] = {"all": current.accounts, "free": current.free, "inactive": current.saved.inactive}
    if show in known:
        return len(known[show])
    field, condition = _filter(show, current)
    return sum(map(condition, map(attrgetter(field), current.accounts)))


def select_accounts(current: State, show: str = "all", sort: str = "number", search: str = "") -> list[AccountView]:
    """Return the rows that a filter shows, sorted; an unknown filter is "all", an unknown order "number".

    "-level" sorts in reverse.
    """
    field, condition = _filter(show, current)
    words = search_key(search).split()
    rows = [
        account
        for account in current.accounts
        if condition(getattr(account, field)) and (not words or _matches_search(account, words))
    ]
    return sorted(rows, key=SORTS.get(sort.removeprefix("-"), SORTS["number"]), reverse=sort.startswith("-"))


def neighbours(account: AccountView, rows: Sequence[AccountView]) -> tuple[AccountView | None, AccountView | None]:
    """Return the rows before and after an account; None where there is none, or where the rows lack the account."""
    place = next((place for place, row in enumerate(rows) if row.id == account.id), None)
    if place is None:
        return None, None
    return (rows[place - 1] if place else None), next(iter(rows[place + 1 :]), None)


def _filter(show: str, current: State) -> tuple[str, Callable[[object], bool]]:
    """Return a field of the account, and the condition that its value must meet."""
    if show == "in-use":
        return "id", current.leases.__contains__
    if show == "free":
        return "id", current.free.__contains__
    return FILTERS.get(show, FILTERS["all"])


def _matches_search(account: AccountView, words: list[str]) -> bool:
    text = f"{account.number} {search_key(account.user)}"
    return all(word in text for word in words)
