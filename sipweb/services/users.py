"""People: those who may log in and own accounts. Automat Automat is none of them: it is the absence of an owner."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ..core.errors import N_, Invalid, NotFound
from ..core.names import check_name
from ..core.snapshot import AUTOMAT
from ..db import db, transaction
from ..models import User
from ..vault import hash_password
from . import audit
from .login import check_password, store_password
from .site import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """A user as a list of owners needs one."""

    id: int
    name: str
    active: bool


def people() -> tuple[Person, ...]:
    """All users by name."""
    rows = db.session.execute(select(User.id, User.name, User.active).order_by(func.lower(User.name), User.id))
    return tuple(Person(*row) for row in rows)


def any_user() -> bool:
    """Whether set-up has made an administrator already."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def create_user(
    who: Actor, login: str, name: str, password: str, role: str, *,
    work_mode: str = "automatic", external_phone: str = "builtin", must_change: bool = False,
) -> int:  # fmt: skip
    """Add a user; the new id. Raises Invalid for a bad name or password and a login that is taken."""
    login = _check_login(login)
    name = check_name(name)
    if name == AUTOMAT:
        raise Invalid(N_("This name belongs to the automatic accounts."), "name")
    check_password(password)
    user = User(
        login=login, name=name, role=role, password_hash=hash_password(password), must_change=must_change,
        work_mode=work_mode, external_phone=external_phone,
    )  # fmt: skip
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            audit.record(session, who, "user.add", login, user_id=user.id, changes={"role": [None, role]})
            return user.id
    except IntegrityError:
        raise Invalid(N_("The login %(login)s is taken already."), "login", login=login) from None


def set_password(who: Actor, login: str, password: str) -> None:
    """Give somebody a new password and end their sessions. Raises NotFound or Invalid."""
    check_password(password)
    with transaction() as session:
        user = session.scalar(select(User).where(User.login == login.strip()))
        if user is None:
            raise NotFound(N_("There is no user with the login %(login)s."), login=login)
        store_password(user, password)
        audit.record(session, who, "user.password", user.login, user_id=user.id)


def _check_login(text: str) -> str:
    login = text.strip()
    if not (
        1 <= len(login) <= 80
        and login.isascii()
        and login.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum()
    ):
        raise Invalid(N_("A login consists of letters, digits, dots, dashes, underscores and @."), "login")
    return login
