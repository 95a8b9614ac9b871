"""The account list: which accounts a filter and a search show, and in which order."""

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import lru_cache
from operator import attrgetter

from ..core.errors import N_
from ..core.search import EVERYTHING, Search
from ..core.search_filters import CHANGED, NUMBER, ON_OFF, PHONE, TEXT, ChoiceValue, Filter, Term, on_off
from ..core.snapshot import POOL_OWNER_NAME
from ..core.text import search_key
from .accounts import COLUMNS
from .list_search import matching
from .state_records import AccountView, PbxStatus, State

SortKey = Callable[[AccountView], tuple[str | int, ...]]
UNKNOWN = PbxStatus()
_cached_search_key = lru_cache(4096)(search_key)  # the names of 900 users, for each letter that is typed


def _by_field(name: str) -> SortKey:
    """Return the order by one field and the number; what is switched on comes first."""

    def key(account: AccountView) -> tuple[str | int, int]:
        value = getattr(account, name)
        return (not value if isinstance(value, bool) else value), account.number

    return key


# What an account is; an account can be several of these.
STATES: dict[str, Callable[[AccountView, State, PbxStatus], bool]] = {
    "free": lambda account, state, _: account.id in state.free,
    "in-use": lambda account, state, _: account.id in state.leases,
    "automatic": lambda account, _, __: account.automatic,
    "inactive": lambda account, _, __: not account.active,
    "pending": lambda account, _, __: bool(account.pending),
    "registered": lambda account, _, status: account.live_number in status.registrations,
    "unregistered": lambda account, _, status: _is_unregistered(account, status),
    "refused": lambda account, _, status: account.live_number in status.refusals and _is_unregistered(account, status),
    "unreachable": lambda account, _, status: (
        (contact := status.registrations.get(account.live_number)) is not None and not contact.reachable
    ),
}


def _is_unregistered(account: AccountView, status: PbxStatus) -> bool:
    """Return whether the phone is missing. Whose account ends with the next generation is not."""
    stays = account.active and not account.deleted
    return stays and account.should_register and account.live_number not in status.registrations


_STATE_TERMS = {
    "registered": Term("registered", "zarejestrowane"),
    "unregistered": Term("unregistered", "niezarejestrowane", ("not-registered",)),
    "refused": Term("refused", "odrzucone", ("rejected",)),
    "unreachable": Term("unreachable", "niedostępne"), "free": Term("free", "wolne"),
    "in-use": Term("in-use", "zajęte", ("used", "busy")), "automatic": Term("automatic", "automatyczne"),
    "inactive": Term("inactive", "nieaktywne"), "pending": Term("pending", "oczekujące"),
}  # fmt: skip
FILTERS = (
    Filter(Term("number", "numer"), NUMBER, N_("Internal number"), ("200-259", "220,225-230", ">500")),
    Filter(Term("user", "użytkownik"), TEXT, N_("User"), (POOL_OWNER_NAME.split()[0].lower(),)),
    Filter(Term("phone", "telefon"), ChoiceValue(PHONE), N_("Hardware phone")),
    Filter(Term("state", "stan"), ChoiceValue(_STATE_TERMS), N_("State")),
    Filter(Term("active", "aktywne", ("aktywny",)), ChoiceValue(ON_OFF), N_("Account active")),
    Filter(Term("recording", "nagrywanie"), ChoiceValue(ON_OFF), N_("Call recording")),
    Filter(Term("level", "poziom"), NUMBER, N_("Permission level"), (">10", "10-20", "50")),
    CHANGED,
)
SORTS: dict[str, SortKey] = {name: _by_field(name) for name in COLUMNS if name != "user_id"} | {
    "user": lambda account: (_cached_search_key(account.user), account.number),
}
# What the column State shows, in its order: what needs attention first.
_PHONE_PROBLEMS = ("refused", "unreachable", "never_registered", "not_registered")
_SHOWN_STATES = ("busy", "registered", "free", "not_in_use", "not_live", "inactive")


def count(current: State, show: str, status: PbxStatus = UNKNOWN) -> int:
    """Return how many accounts a filter shows, without looking at each of 900 where that is known."""
    known: Mapping[str, Sized] = {
        "all": current.accounts, "free": current.free, "in-use": current.leases, "inactive": current.saved.inactive,
    }  # fmt: skip
    if show in known:
        return len(known[show])
    is_so = STATES[show]
    return sum(is_so(account, current, status) for account in current.accounts)


def select_accounts(
    current: State,
    show: str = "all",
    sort: str = "number",
    search: Search = EVERYTHING,
    status: PbxStatus = UNKNOWN,
) -> list[AccountView]:
    """Return the rows that a filter and a search show, sorted.

    `show` is one of STATES; an unknown one shows all. "-level" sorts in reverse; an unknown order is "number".
    """
    values: Mapping[str, Callable[[AccountView], object]] = {
        "number": attrgetter("number"),
        "level": attrgetter("level"),
        "user": attrgetter("user"),
        "phone": lambda account: (account.phone,),
        "active": lambda account: on_off(account.active),
        "recording": lambda account: on_off(account.recording),
        "state": lambda account: [name for name, is_so in STATES.items() if is_so(account, current, status)],
    }
    rows: Sequence[AccountView] = _in_state(current, show, status)
    if search:
        rows = matching(rows, search, kind="account", text=_search_text, values=values)
    sorts: Mapping[str, SortKey] = SORTS | {"state": lambda account: _state_order(account, current, status)}
    return sorted(rows, key=sorts.get(sort.removeprefix("-"), sorts["number"]), reverse=sort.startswith("-"))


def phone_state(account: AccountView, status: PbxStatus) -> str:
    """Return the state of an account's phone; "" if it neither is registered nor should be."""
    number = account.live_number
    if contact := status.registrations.get(number):
        return "registered" if contact.reachable else "unreachable"
    if not account.should_register:
        return ""
    if status.refusal(number):
        return "refused"
    return "not_registered" if number in status.ended or not status.stamp else "never_registered"


def _state_order(account: AccountView, current: State, status: PbxStatus) -> tuple[int, int, int]:
    """Return the place of an account in the order of what its column State shows: the phone's problem, the state."""
    phone = phone_state(account, status)
    problem = account.live and phone in _PHONE_PROBLEMS
    if account.id in current.leases:
        shown = "busy"
    elif not account.live:
        shown = "not_live" if account.active else "inactive"
    elif account.free:
        shown = "free"
    else:
        shown = "not_in_use" if problem else phone or "not_in_use"
    rank = _PHONE_PROBLEMS.index(phone) if problem else len(_PHONE_PROBLEMS)
    return rank, _SHOWN_STATES.index(shown), account.number


def neighbours(account: AccountView, rows: Sequence[AccountView]) -> tuple[AccountView | None, AccountView | None]:
    """Return the rows before and after an account; None where there is none, or where the rows lack the account."""
    place = next((place for place, row in enumerate(rows) if row.id == account.id), None)
    if place is None:
        return None, None
    return (rows[place - 1] if place else None), next(iter(rows[place + 1 :]), None)


def _in_state(current: State, show: str, status: PbxStatus) -> Sequence[AccountView]:
    if show not in STATES:
        return current.accounts
    return [account for account in current.accounts if STATES[show](account, current, status)]


def _search_text(account: AccountView) -> str:
    return f"{account.number} {_cached_search_key(account.user)}"
