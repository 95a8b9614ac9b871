"""People: those who may log in and own accounts. Automat Automat is none of them: it is the absence of an owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.assignment import AUTOMATIC
from ..core.errors import N_, Invalid, NotFound, SipwebError
from ..core.names import check_name, fold
from ..core.snapshot import AUTOMAT, BUILTIN
from ..db import db, transaction
from ..models import Lease, User
from ..vault import hash_password
from . import audit
from .accounts import give
from .agents import Freed, take_back
from .leases import tell
from .login import check_password, store_password
from .site import Actor, Site
from .state import State, state


@dataclass(frozen=True, slots=True)
class UserView:
    """One line of the users' list. `accounts` are the numbers of the own accounts."""

    id: int
    name: str
    login: str
    role: str
    active: bool
    work_mode: str
    external_phone: str
    version: int
    accounts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A user as somebody wants it. An empty password keeps the old one."""

    name: str
    login: str
    role: str
    active: bool
    work_mode: str
    external_phone: str
    password: str = ""


def any_user() -> bool:
    """Whether set-up has made an administrator already."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def create_user(
    who: Actor, login: str, name: str, password: str, role: str, *,
    work_mode: str = "automatic", external_phone: str = "builtin", must_change: bool = False,
) -> int:  # fmt: skip
    """Add a user; the new id. Raises Invalid for a bad name or password and a login that is taken."""
    user = _new(UserDraft(name, login, role, True, work_mode, external_phone, password), must_change=must_change)
    with _unique(user.login), transaction() as session:
        return _insert(session, who, user)


def add_user(site: Site, who: Actor, draft: UserDraft, *, account: bool) -> tuple[int, int | None]:
    """Add a user, and an account of the own when asked for, both or neither: the user's id, and the account's number.

    Raises Invalid naming the field.
    """
    user = _new(draft)
    with _unique(user.login), transaction() as session:
        user_id = _insert(session, who, user)
        return user_id, give(session, site, who, user_id, draft.external_phone) if account else None


def _new(draft: UserDraft, *, must_change: bool = False) -> User:
    """A user that is not saved yet: the password's digest takes its time outside of any transaction."""
    name, login = _check_person(draft)
    return User(
        login=login, name=name, role=draft.role, password_hash=hash_password(check_password(draft.password)),
        must_change=must_change, work_mode=draft.work_mode, external_phone=draft.external_phone,
    )  # fmt: skip


def _insert(session: Session, who: Actor, user: User) -> int:
    session.add(user)
    session.flush()
    audit.record(session, who, "user.add", user.login, user_id=user.id, changes={"role": [None, user.role]})
    return user.id


@contextmanager
def _unique(login: str) -> Iterator[None]:
    """Turns the database's refusal of a login into the sentence for it."""
    try:
        yield
    except IntegrityError:
        raise Invalid(N_("The login %(login)s is taken already."), "login", login=login) from None


def set_password(who: Actor, login: str, password: str) -> None:
    """Give somebody a new password, end their sessions and forget failed logins. Raises NotFound or Invalid."""
    check_password(password)
    with transaction() as session:
        user = session.scalar(select(User).where(User.login == login.strip()))
        if user is None:
            raise NotFound(N_("There is no user with the login %(login)s."), login=login)
        store_password(session, user, password)
        audit.record(session, who, "user.password", user.login, user_id=user.id)


class StaleUser(SipwebError):
    """Somebody else saved the user meanwhile: `theirs` is what stands there now."""

    def __init__(self, theirs: UserView) -> None:
        super().__init__(N_("%(name)s was changed by somebody else meanwhile."), name=theirs.name)
        self.theirs = theirs


def listed(site: Site) -> tuple[UserView, ...]:
    """All users by name, with their accounts."""
    numbers: dict[int, list[int]] = {}
    for account in state(site).accounts:
        if account.user_id and not account.deleted:
            numbers.setdefault(account.user_id, []).append(account.number)
    rows = sorted(db.session.scalars(select(User)), key=lambda user: (fold(user.name), user.id))
    return tuple(_view(user, tuple(numbers.get(user.id, ()))) for user in rows)


def shortage(current: State, more: int = 0) -> int:
    """How many more automatic accounts would be needed; 0 when they suffice, also for so many `more` agents.

    They are needed by the active automatic agents without an own account; an inactive one does not exist. An own account that the
    PBX does not know yet serves its owner already (a generation is all that is missing), and nobody else any more.
    """
    own = {account.id: account.user_id for account in current.by_id.values() if account.user_id and account.active}
    waiting = db.session.scalars(select(User.id).where(
        User.role == "agent", User.active, User.work_mode == AUTOMATIC, User.external_phone == BUILTIN
    ))  # fmt: skip
    pool = sum(account.free and account.id not in own for account in current.accounts)
    return max(0, len(set(waiting).difference(own.values())) + more - pool)


def change_user(site: Site, who: Actor, user_id: int, version: int, draft: UserDraft) -> list[Freed]:
    """Save a user's form: what a deactivated agent's end of work freed. Raises StaleUser, NotFound, Invalid."""
    name, login = _check_person(draft)
    if draft.password:
        check_password(draft.password, "password")
    freed: list[Freed] = []
    with _unique(login), transaction() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound(N_("This user does not exist any more."))
        if user.version != version:
            raise StaleUser(_view(user))
        _keep_an_administrator(session, user, draft)
        before = _values(user)
        user.name, user.login, user.role, user.active = name, login, draft.role, draft.active
        user.work_mode, user.external_phone = draft.work_mode, draft.external_phone
        if draft.password:
            store_password(session, user, draft.password)
        if before["active"] and not draft.active:
            freed = _end_work(session, site, who, user)
        changes = {field: [before[field], value] for field, value in _values(user).items() if before[field] != value}
        if draft.password:
            changes["secret"] = []
        if changes:
            user.version += 1
            audit.record(session, who, "user.edit", login, user_id=user.id, changes=changes)
    tell(site, [number for number, _replaced in freed])
    return freed


def _keep_an_administrator(session: Session, user: User, draft: UserDraft) -> None:
    if user.role != "administrator" or not user.active or (draft.role == "administrator" and draft.active):
        return
    others = select(User.id).where(User.role == "administrator", User.active, User.id != user.id)
    if session.scalar(others.limit(1)) is None:
        field = "active" if draft.role == "administrator" else "role"
        raise Invalid(N_("This is the last active administrator."), field)


def _end_work(session: Session, site: Site, who: Actor, user: User) -> list[Freed]:
    """The sessions end, and the lease, and with it the phone's password."""
    user.epoch += 1
    leases = session.scalars(select(Lease).where(Lease.user_id == user.id)).all()
    return [take_back(session, site, who, lease) for lease in leases]


def _values(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in ("name", "login", "role", "active", "work_mode", "external_phone")}


def _view(user: User, numbers: tuple[int, ...] = ()) -> UserView:
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
    )


def _check_person(draft: UserDraft) -> tuple[str, str]:
    """Name and login as they are saved. Raises Invalid."""
    login, name = _check_login(draft.login), check_name(draft.name)
    if fold(" ".join(name.split())) == fold(AUTOMAT):  # whoever reads it on a phone would take it for that
        raise Invalid(N_("This name belongs to the automatic accounts."), "name")
    return name, login


def _check_login(text: str) -> str:
    login = text.strip()
    if not (
        1 <= len(login) <= 80
        and login.isascii()
        and login.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum()
    ):
        raise Invalid(N_("A login consists of letters, digits, dots, dashes, underscores and @."), "login")
    return login
