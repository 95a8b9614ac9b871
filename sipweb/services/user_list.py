"""The list of users: who is in it, and whom a search shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from ..core.errors import N_
from ..core.rights import ADMINISTRATOR, AGENT, AUDITOR, EDITOR
from ..core.search import Search
from ..core.search_filters import CHANGED, ON_OFF, PHONE, TEXT, ChoiceValue, Filter, Term, on_off
from ..core.text import search_key
from ..db import db
from ..models import User
from .context import ServiceContext
from .list_search import matching
from .second_factor import users_with_second_factor
from .state import current_state


@dataclass(frozen=True, slots=True)
class UserView:
    """A user as saved. `accounts` are the numbers of the accounts that the user owns."""

    id: int
    name: str
    login: str
    role: str
    active: bool
    work_mode: str
    external_phone: str
    version: int
    accounts: tuple[int, ...] = ()
    has_second_factor: bool = False


FILTERS = (
    Filter(Term("name", "nazwisko", ("imię",)), TEXT, N_("Full name"), ("nowak",)),
    Filter(Term("login", "login"), TEXT, N_("Login"), ("anna",)),
    Filter(
        Term("role", "rola"),
        ChoiceValue(
            {
                AGENT: Term("agent", "agent"),
                AUDITOR: Term("auditor", "audytor"),
                EDITOR: Term("editor", "edytor"),
                ADMINISTRATOR: Term("administrator", "administrator", ("admin",)),
            }
        ),
        N_("Role"),
    ),
    Filter(
        Term("mode", "tryb"),
        ChoiceValue({"automatic": Term("automatic", "automatyczny"), "manual": Term("manual", "ręczny")}),
        N_("Work mode"),
    ),
    Filter(Term("phone", "telefon"), ChoiceValue(PHONE), N_("External phone")),
    Filter(Term("active", "aktywny", ("aktywne",)), ChoiceValue(ON_OFF), N_("Active")),
    CHANGED,
)
_SEARCHED: Mapping[str, Callable[[UserView], Any]] = {
    "name": attrgetter("name"),
    "login": attrgetter("login"),
    "role": lambda user: (user.role,),
    "mode": lambda user: (user.work_mode,),
    "phone": lambda user: (user.external_phone,),
    "active": lambda user: on_off(user.active),
}


def list_users(ctx: ServiceContext) -> tuple[UserView, ...]:
    """Return all users by name, with their accounts."""
    numbers: dict[int, list[int]] = {}
    for account in current_state(ctx).accounts:
        if account.user_id and not account.deleted:
            numbers.setdefault(account.user_id, []).append(account.number)
    rows = sorted(db.session.scalars(select(User)), key=lambda user: (search_key(user.name), user.id))
    secured = users_with_second_factor()
    return tuple(
        user_view(user, tuple(numbers.get(user.id, ())), has_second_factor=user.id in secured) for user in rows
    )


def search(users: Sequence[UserView], what: Search) -> list[UserView]:
    """Return the users whom a search shows: words are looked for in the name, the login and the accounts' numbers."""
    return matching(users, what, kind="user", text=_search_text, values=_SEARCHED) if what else list(users)


def _search_text(user: UserView) -> str:
    return search_key(" ".join([user.name, user.login, *map(str, user.accounts)]))


def user_view(user: User, numbers: tuple[int, ...] = (), *, has_second_factor: bool = False) -> UserView:
    """Return a row as pages show it."""
    return UserView(
        user.id,
        user.name,
        user.login,
        user.role,
        user.active,
        user.work_mode,
        user.external_phone,
        user.version,
        numbers,
        has_second_factor,
    )
