"""Users, who may log in and own accounts. Automat Automat is not a user: automatic accounts have no owner."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, NotFound
from ..core.rights import ADMINISTRATOR, Right, has_right, right_to_edit_user
from ..core.snapshot import POOL_OWNER_NAME
from ..core.text import clean_display_name, search_key
from ..crypto import generate_password, hash_password
from ..db import db, transaction
from ..logs import acting_user, security_event
from ..models import Lease, User
from . import audit, records
from .accounts import create_for_user
from .authentication import check_password, set_password_hash, store_password
from .context import Actor, ServiceContext
from .edits import Replaced, replaced
from .errors import StaleEdit
from .lease_end import ReleasedNumber, revoke
from .lease_sync import sync_leases
from .user_list import user_view

COLUMNS = ("name", "login", "role", "active", "work_mode", "external_phone")


@dataclass(frozen=True, slots=True)
class UserInput:
    """A user as it shall be saved. An empty password keeps the old one; a new user gets a random one."""

    name: str
    login: str
    role: str
    active: bool
    work_mode: str
    external_phone: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class SavedUser:
    """What an edit did: the numbers that became free because it deactivated the user, and what can be undone."""

    released: list[ReleasedNumber]
    undoable: Replaced | None


@dataclass(frozen=True, slots=True)
class AddedUser:
    """A user who was added: the number of the SIP account, if there is one, and the password for the first sign-in."""

    id: int
    number: int | None
    password: str = field(repr=False)


def has_users() -> bool:
    """Return whether there is any user: set-up has made an administrator."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def create_user(
    actor: Actor, login: str, name: str, password: str, role: str, *,
    work_mode: str = "automatic", external_phone: str = "builtin", must_change: bool = False,
) -> int:  # fmt: skip
    """Save a new user and return the id.

    Raises:
        Forbidden: only administrators may add a user with this role.
        Invalid: the name or the password is bad, or the login is taken.
    """
    actor.require(right_to_edit_user(role))
    user = _new(UserInput(name, login, role, True, work_mode, external_phone, password), must_change=must_change)
    login = user.login
    with _unique(login), transaction() as session:
        user_id = _insert(session, actor, user)
    security_event("user_created", acting_user(), login, role)
    return user_id


def add_user(ctx: ServiceContext, actor: Actor, values: UserInput, *, account: bool) -> AddedUser:
    """Save a new user, and with `account` a SIP account of the user's own, both or neither.

    The password must be changed at the first sign-in. Raises Forbidden, and Invalid, which names the field.
    """
    actor.require(right_to_edit_user(values.role))
    values = replace(values, password=values.password or generate_password())
    user = _new(values, must_change=True)
    login = user.login
    with _unique(login), transaction() as session:
        user_id = _insert(session, actor, user)
        number = create_for_user(session, ctx, actor, user_id, values.external_phone) if account else None
    security_event("user_created", acting_user(), login, values.role)
    return AddedUser(user_id, number, values.password)


def _new(values: UserInput, *, must_change: bool) -> User:
    """Return a user that is not saved yet. Hashing the password is slow, so it is done outside of the transaction."""
    name, login = check_names(values)
    user = User(
        login=login, name=name, role=values.role, work_mode=values.work_mode, external_phone=values.external_phone
    )  # fmt: skip
    check_password(values.password, login, name, "password")
    set_password_hash(user, hash_password(values.password), must_change=must_change)
    return user


def _insert(session: Session, actor: Actor, user: User) -> int:
    session.add(user)
    session.flush()
    audit.record(session, actor, "user.add", user.login, user_id=user.id, changes={"role": [None, user.role]})
    return user.id


@contextmanager
def _unique(login: str) -> Iterator[None]:
    """Raise Invalid where the database refuses a login that is taken."""
    try:
        yield
    except IntegrityError:
        raise Invalid(N_("The login %(login)s is already in use."), "login", login=login) from None


def set_password(actor: Actor, login: str, password: str, *, must_change: bool = False) -> None:
    """Set a new password, end the user's sessions and forget failed logins. Raises NotFound, Forbidden or Invalid."""
    with transaction() as session:
        user = session.scalar(select(User).where(User.login == login.strip()))
        if user is None:
            raise NotFound(N_("No user has the login %(login)s."), login=login)
        actor.require(right_to_edit_user(user.role))
        check_password(password, user.login, user.name)
        store_password(session, user, password, must_change=must_change)
        audit.record(session, actor, "user.password", user.login, user_id=user.id)
        known = user.login
    security_event("authn_password_change", known)


def update_user(ctx: ServiceContext, actor: Actor, user_id: int, version: int, values: UserInput) -> SavedUser:
    """Save a user's form. Raises Forbidden, StaleEdit, NotFound or Invalid.

    A password that somebody else set must be changed at the next sign-in. One's own is changed only by who knows it.
    """
    name, login = check_names(values)
    columns = {field: getattr(values, field) for field in COLUMNS} | {"name": name, "login": login}
    if values.password:
        if actor.id == user_id:
            raise Invalid(N_("Your password can't be changed here. Change it with Change password."), "password")
        check_password(values.password, login, name, "password")
    with _unique(login), transaction() as session:
        user = records.get_or_raise(session, User, user_id, N_("This user no longer exists."))
        actor.require(right_to_edit_user(user.role, values.role))
        if user.version != version:
            raise StaleEdit(user_view(user))
        _keep_an_administrator(session, user, values)
        changes, freed = save_columns(session, ctx, actor, user, columns)
        if values.password:
            store_password(session, user, values.password, must_change=True)
            user.version = version + 1  # also when nothing but the password changed
            changes["secret"] = []
        if changes:
            audit.record(session, actor, "user.edit", login, user_id=user.id, changes=changes)
        undoable = replaced(user.id, user.version, changes)
    log_changes(login, changes)
    sync_leases(ctx, [released.number for released in freed])
    return SavedUser(freed, undoable)


def save_columns(
    session: Session, ctx: ServiceContext, actor: Actor, user: User, columns: Mapping[str, Any]
) -> tuple[dict[str, list[Any]], list[ReleasedNumber]]:
    """Save columns within the caller's transaction. Return what changed, and the numbers that became free."""
    deactivated = user.active and not columns["active"]
    ends_work = has_right(user.role, Right.WORK) and not has_right(columns["role"], Right.WORK)
    changes = records.update(user, columns)
    if deactivated:
        user.session_epoch += 1
    return changes, _end_use(session, ctx, actor, user) if deactivated or ends_work else []


def log_changes(login: str, changes: Mapping[str, list[Any]]) -> None:
    """Log which fields of a user changed, and the rights and the password by themselves."""
    if changes:
        security_event("user_updated", acting_user(), login, *changes)
    if "role" in changes:
        security_event("privilege_permissions_changed", acting_user(), login, *changes["role"])
    if "secret" in changes:
        security_event("authn_password_change", login)


def undo(ctx: ServiceContext, actor: Actor, edit: Replaced) -> SavedUser:
    """Restore the values that an edit replaced. Sessions and numbers that it ended do not return.

    Raises:
        Forbidden, StaleEdit, Invalid, NotFound: nothing was restored. StaleEdit: the user was changed since.
    """
    user = records.get_or_raise(db.session(), User, edit.id, N_("This user no longer exists."))
    values = {name: getattr(user, name) for name in COLUMNS}
    return update_user(ctx, actor, edit.id, edit.version, UserInput(**values | dict(edit.values)))


def _keep_an_administrator(session: Session, user: User, values: UserInput) -> None:
    if user.role != ADMINISTRATOR or not user.active or (values.role == ADMINISTRATOR and values.active):
        return
    others = select(User.id).where(User.role == ADMINISTRATOR, User.active, User.id != user.id)
    if session.scalar(others.limit(1)) is None:
        field = "active" if values.role == ADMINISTRATOR else "role"
        raise Invalid(N_("At least one active administrator is required."), field)


def _end_use(session: Session, ctx: ServiceContext, actor: Actor, user: User) -> list[ReleasedNumber]:
    """End the user's use of a number, with its password for the phone."""
    leases = session.scalars(select(Lease).where(Lease.user_id == user.id)).all()
    return [revoke(session, ctx, actor, lease) for lease in leases]


def check_names(values: UserInput) -> tuple[str, str]:
    """Return name and login as they are saved. Raises Invalid."""
    login, name = _check_login(values.login), clean_display_name(values.name, N_("Enter the full name."))
    if search_key(" ".join(name.split())) == search_key(POOL_OWNER_NAME):  # a phone would show it as the pool's name
        raise Invalid(N_("This name is reserved for automatic accounts."), "name")
    return name, login


def _check_login(text: str) -> str:
    login = text.strip()
    if not (
        1 <= len(login) <= 80
        and login.isascii()
        and login.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum()
    ):
        raise Invalid(N_("Use only letters, digits, dots, hyphens, underscores and @."), "login")
    return login
