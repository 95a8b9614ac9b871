"""SIP accounts: add, change, switch, delete, undo, and the secret as a thing of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter, is_, not_, truth
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, NotFound, Refused, SipwebError
from ..core.names import fold
from ..core.numbers import propose
from ..core.secrets import check_secret
from ..core.snapshot import AUTOMAT
from ..db import db, transaction
from ..models import Account, Lease, User
from ..vault import new_secret
from . import audit
from .site import Actor, Site
from .state import AccountView, State, live, state

SWITCHES = ("active", "recording")
_OWNER = select(User.name).where(User.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Draft:
    """An account as somebody wants it. An empty `secret` keeps the old one, or makes one."""

    number: int
    user_id: int | None
    phone: str
    active: bool
    recording: bool
    level: int
    secret: str = ""


class StaleEdit(SipwebError):
    """Somebody else saved the row meanwhile: `theirs` is what stands there now."""

    def __init__(self, theirs: AccountView) -> None:
        super().__init__(N_("%(number)s was changed by somebody else meanwhile."), number=theirs.number)
        self.theirs = theirs


class NumberTaken(Invalid):
    """The number is in use; `proposal` is a fresh one, None when all 900 are."""

    def __init__(self, number: int, proposal: int | None) -> None:
        message = N_("%(number)s is taken already. The next number from the list is %(proposal)s.")
        super().__init__(message, "number", number=number, proposal=proposal or "–")
        self.proposal = proposal


def proposal(site: Site) -> int | None:
    """The next number from the list, an emergency number excepted; None when all are taken."""
    return propose(set(db.session.scalars(select(Account.number))), site.settings.emergency)


def add(site: Site, who: Actor, draft: Draft) -> int:
    """Save a new account; its id. Raises NumberTaken, or Invalid naming the field."""
    with _unique(site, draft.number), transaction() as session:
        _check_owner(session, draft.user_id, None)
        return _insert(session, site, who, draft)


def give(session: Session, site: Site, who: Actor, user_id: int, phone: str) -> int:
    """A new account for a new user, within the caller's transaction; its number, the next of the list. Raises Invalid."""
    number = proposal(site)
    if number is None:
        raise Invalid(N_("All 900 numbers are taken. Delete an account first."), "account")
    _insert(session, site, who, Draft(number, user_id, phone, True, False, 10))
    return number


def _insert(session: Session, site: Site, who: Actor, draft: Draft) -> int:
    secret = check_secret(draft.secret) if draft.secret else new_secret()
    account = Account(
        number=draft.number, user_id=draft.user_id, phone=draft.phone, active=draft.active, recording=draft.recording,
        level=draft.level, secret=site.vault.encrypt(secret), fingerprint=site.vault.fingerprint(secret),
    )  # fmt: skip
    session.add(account)
    session.flush()
    changes = {name: [None, value] for name, value in _values(account).items() if name not in ("number", "user_id")}
    changes = {"user": [None, _named(session, [account.user_id])[0]]} | changes
    audit.record(session, who, "account.add", draft.number, account_id=account.id, changes=changes)
    return account.id


def change(site: Site, who: Actor, account_id: int, version: int, draft: Draft) -> None:
    """Save the row's form. Raises StaleEdit, NumberTaken, NotFound or Invalid."""
    secret = check_secret(draft.secret) if draft.secret else ""
    with _unique(site, draft.number), transaction() as session:
        account = _get(session, site, account_id, version)
        _check_owner(session, draft.user_id, account.user_id)
        before = _values(account)
        for name in ("number", "user_id", "phone", "active", "recording", "level"):
            setattr(account, name, getattr(draft, name))
        if secret:
            _set_secret(site, account, secret)
        _record(session, who, account, before, secret=bool(secret))


def switch(site: Site, who: Actor, account_id: int, version: int, *, name: str, value: bool) -> None:
    """Set `active` or `recording`, one click. Raises StaleEdit or NotFound."""
    with transaction() as session:
        account = _get(session, site, account_id, version)
        before = _values(account)
        setattr(account, name, value)
        _record(session, who, account, before)


def delete(site: Site, who: Actor, account_id: int) -> None:
    """Delete the saved account; a live one stays on the PBX, and in the list, until the next generation."""
    with transaction() as session:
        account = _get(session, site, account_id, None)
        if session.scalar(select(Lease.id).where(Lease.account_id == account_id)) is not None:
            raise Refused(N_("An agent uses %(number)s now. Release it first."), number=account.number)
        audit.record(session, who, "account.delete", account.number, account_id=account.id)
        session.delete(account)


def undo(site: Site, who: Actor, account_id: int) -> None:
    """Bring a deleted account back as it lives on the PBX, its secret included. Raises NotFound or NumberTaken."""
    with transaction() as session:
        lives = next((account for account in live(site)[1].accounts if account.id == account_id), None)
        if lives is None or session.get(Account, account_id) is not None:
            raise NotFound(N_("There is nothing to undo."))
        if session.scalar(select(Account.id).where(Account.number == lives.number)):
            raise NumberTaken(lives.number, proposal(site))
        owner = lives.user_id if lives.user_id and session.get(User, lives.user_id) else None
        session.add(
            Account(
                id=lives.id,
                number=lives.number,
                user_id=owner,
                phone=lives.phone,
                active=True,
                recording=lives.recording,
                level=lives.level,
                secret=lives.secret,
                fingerprint=lives.fingerprint,
            )
        )
        audit.record(session, who, "account.undo", lives.number, account_id=lives.id)


@dataclass(frozen=True, slots=True)
class Secret:
    """A revealed secret. `live` is None while the PBX does not know the account, else whether it runs this secret."""

    text: str
    live: bool | None


def reveal(site: Site, who: Actor, account_id: int) -> Secret:
    """The saved secret, for an entry in the audit log. Raises NotFound."""
    with transaction() as session:
        account = _get(session, site, account_id, None)
        audit.record(session, who, "account.reveal", account.number, account_id=account.id)
        lives = next((a for a in live(site)[1].accounts if a.id == account_id), None)
        same = lives.fingerprint == account.fingerprint if lives else None
        return Secret(site.vault.decrypt(account.secret), same)


def renew_secret(site: Site, who: Actor, account_id: int) -> None:
    """Give the account a new random secret. Raises NotFound."""
    with transaction() as session:
        account = _get(session, site, account_id, None)
        replace_secret(site, account)
        audit.record(session, who, "account.secret", account.number, account_id=account.id)


def replace_secret(site: Site, account: Account) -> None:
    """Another random secret, within the caller's transaction."""
    _set_secret(site, account, new_secret())
    account.version += 1


FILTERS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "all": ("number", truth),
    "automatic": ("user_id", partial(is_, None)),
    "inactive": ("active", not_),
    "pending": ("pending", truth),
}
SORTS: dict[str, Callable[[AccountView], Any]] = {
    "number": lambda account: account.number,
    "user": lambda account: (fold(account.user), account.number),
    "phone": lambda account: (account.phone, account.number),
    "state": lambda account: (not account.live, not account.free, account.number),
    "active": lambda account: (not account.active, account.number),
    "recording": lambda account: (not account.recording, account.number),
    "level": lambda account: (account.level, account.number),
}


def count(current: State, registered: dict[int, str], show: str) -> int:
    """How many accounts one filter shows."""
    if show in ("all", "free"):
        return len(current.accounts if show == "all" else current.free)
    field, holds = _filter(show, current, registered)
    return sum(map(holds, map(attrgetter(field), current.accounts)))


def select_accounts(
    current: State, registered: dict[int, str], show: str = "all", sort: str = "number", search: str = ""
) -> list[AccountView]:
    """The rows of one view of the list. Unknown names of filters and sorts mean the first of each."""
    field, holds = _filter(show, current, registered)
    words = fold(search).split()
    rows = [a for a in current.accounts if holds(getattr(a, field)) and (not words or _found(a, words))]
    key = SORTS.get(sort.removeprefix("-"), SORTS["number"])
    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _filter(show: str, current: State, registered: dict[int, str]) -> tuple[str, Callable[[Any], bool]]:
    """A field of an account, and what must hold of its value."""
    if show == "in-use":
        there = {a.id for a in current.accounts if a.number in registered} if registered else set()
        return "id", (current.leases.keys() | there).__contains__
    if show == "free":
        return "id", current.free.__contains__
    return FILTERS.get(show, FILTERS["all"])


def _found(account: AccountView, words: list[str]) -> bool:
    text = f"{account.number} {fold(account.user)}"
    return all(word in text for word in words)


def _get(session: Session, site: Site, account_id: int, version: int | None) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(N_("This account does not exist any more."))
    if version is not None and account.version != version:
        theirs = state(site).account(account_id)
        assert theirs is not None  # it was just found
        raise StaleEdit(theirs)
    return account


def _check_owner(session: Session, user_id: int | None, before: int | None) -> None:
    if user_id is None or user_id == before:
        return
    if not session.scalar(select(User.active).where(User.id == user_id)):
        raise Invalid(N_("Choose Automat Automat or an active user."), "user")


def _set_secret(site: Site, account: Account, secret: str) -> None:
    account.secret, account.fingerprint = site.vault.encrypt(secret), site.vault.fingerprint(secret)


def _values(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in ("number", "user_id", "phone", "active", "recording", "level")}


def _named(session: Session, pair: list[Any]) -> list[Any]:
    """Old and new owner by name, as the log keeps them."""
    with session.no_autoflush:  # a number that is taken is found out at the end, once
        return [session.scalar(_OWNER, {"id": user_id}) if user_id else AUTOMAT for user_id in pair]


def _record(session: Session, who: Actor, account: Account, before: dict[str, Any], *, secret: bool = False) -> None:
    changes = {name: [before[name], value] for name, value in _values(account).items() if before[name] != value}
    if "user_id" in changes:
        changes = {"user": _named(session, changes.pop("user_id"))} | changes
    if secret:
        changes["secret"] = []
    if changes:
        account.version += 1
        audit.record(session, who, "account.edit", account.number, account_id=account.id, changes=changes)


class _unique:  # noqa: N801  # a context manager, used like a function
    """Turns the database's refusal of a number into the sentence for it."""

    def __init__(self, site: Site, number: int) -> None:
        self._site, self._number = site, number

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, IntegrityError):
            raise NumberTaken(self._number, proposal(self._site)) from None
