"""The owner of an account as text: what the form offers, and which user a typed text means."""

import re
from collections import defaultdict
from collections.abc import Callable

from ..core.errors import N_, Invalid
from ..core.snapshot import POOL_OWNER_NAME
from ..core.text import search_key
from .state_records import AccountView, State, UserOption

MAX_NAMED = 3  # users that the message about an ambiguous text names
NOBODY = N_("No active user matches '%(text)s'. Enter a name or a login.")
SEVERAL = N_("'%(text)s' matches more than one user: %(users)s.")
NUMBERS = re.compile(r" · [\d, ]+$")  # at the end of an offered text


def offered_owners(state: State) -> list[str]:
    """Return the texts of all active users, by name: "Anna Kowalska (anna) · 230"."""
    numbers = _own_numbers(state)
    return [_offer(user, numbers[user.id]) for user in state.users if user.active]


def owner_text(state: State, user_id: int | None) -> str:
    """Return the text of one user, inactive ones included; "" for the pool."""
    user = next((user for user in state.users if user.id == user_id), None)
    return _offer(user, _own_numbers(state)[user.id]) if user else ""


def find_owner(state: State, text: str, present_id: int | None = None) -> int | None:
    """Return the id of the user whom a text means, None for the pool.

    The text is what the form offers, a name, a login, a number, an id, or words of name and login; if no user has it,
    whole words of the pool's name. Only active users are found, and `present_id`, who owns the account.

    Raises:
        Invalid: no user is meant, or more than one.
    """
    text = " ".join(text.split())
    if search_key(text) in ("", search_key(POOL_OWNER_NAME)):
        return None
    users = [user for user in state.users if user.active or user.id == present_id]
    present = next((user for user in users if user.id == present_id), None)
    text = NUMBERS.sub("", text)  # the numbers may have changed since they were offered
    if present and text == _full_name(present):  # the usual case: the owner was not changed
        return present_id
    numbers = _own_numbers(state)
    found = [user for user in users if _is_called(user, numbers[user.id], text)]
    found = found or [user for user in users if _has_words(user, text)]
    if not found and set(search_key(text).split()) <= set(search_key(POOL_OWNER_NAME).split()):
        return None
    if not found:
        raise Invalid(NOBODY, text=text)
    if len(found) > 1:
        offers = [_offer(user, numbers[user.id]) for user in found[:MAX_NAMED]]
        named = ", ".join(offers) + (" …" if len(found) > MAX_NAMED else "")
        raise Invalid(SEVERAL, text=text, users=named)
    return found[0].id


def check_active_owner(state: State, user_id: int | None) -> None:
    """Raise Invalid unless this is an active user, or None for the pool."""
    if user_id is not None and not any(user.active for user in state.users if user.id == user_id):
        raise Invalid(N_("Select Automat Automat or an active user."), "user_id")


def file_texts(state: State) -> dict[int | None, str]:
    """Return what exported files call each owner, by id; None is the pool."""
    names: dict[int | None, str] = {user.id: _full_name(user) for user in state.users}
    return names | {None: POOL_OWNER_NAME}


def owner_finder(state: State) -> Callable[[str, AccountView | None], int | None]:
    """Return a function that finds the user whom the text in a file means, None for the pool.

    The text is a login, a name, or what the form offers: nothing less exact, as nobody sees which user is found. Only
    active users are found, and the owner of the present account.
    """
    known: defaultdict[str, list[UserOption]] = defaultdict(list)
    for user in state.users:
        for key in {search_key(text) for text in (user.name, user.login, _full_name(user))}:
            known[key].append(user)

    def find(text: str, account: AccountView | None) -> int | None:
        text = NUMBERS.sub("", " ".join(text.split()))
        if search_key(text) in ("", search_key(POOL_OWNER_NAME)):
            return None
        present_id = account.user_id if account else None
        found = [user for user in known[search_key(text)] if user.active or user.id == present_id]
        found = [user for user in found if user.login == text] or found
        if not found:
            raise Invalid(NOBODY, text=text)
        if len(found) > 1:
            raise Invalid(SEVERAL, text=text, users=", ".join(map(_full_name, found[:MAX_NAMED])))
        return found[0].id

    return find


def _own_numbers(state: State) -> defaultdict[int, list[str]]:
    """Return the numbers of each user's saved accounts, by the user's id."""
    numbers: defaultdict[int, list[str]] = defaultdict(list)
    for account in state.by_id.values():
        if account.user_id is not None:
            numbers[account.user_id].append(str(account.number))
    return numbers


def _offer(user: UserOption, numbers: list[str]) -> str:
    return " · ".join([_full_name(user), ", ".join(sorted(numbers))] if numbers else [_full_name(user)])


def _full_name(user: UserOption) -> str:
    return f"{user.name} ({user.login})"


def _is_called(user: UserOption, numbers: list[str], text: str) -> bool:
    """Whether a text is the user's name, login, number or id, or name and login."""
    return search_key(text) in map(search_key, (user.name, user.login, *numbers, str(user.id), _full_name(user)))


def _has_words(user: UserOption, text: str) -> bool:
    name = search_key(_full_name(user))
    return all(word in name for word in search_key(text).split())
