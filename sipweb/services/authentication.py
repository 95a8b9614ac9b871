"""Authentication by login and password."""

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, SipwebError, Throttled
from ..core.weak_passwords import check_not_weak, words_of
from ..crypto import hash_password, password_matches
from ..db import db, transaction
from ..logs import acting_user, security_event, set_user
from ..models import User
from . import audit, second_factor, sessions, throttling
from .context import Actor, utc_now
from .pending_sign_in import PendingSignIn, SecondFactorRequired

MIN_PASSWORD_LENGTH = 12
COMMON_PASSWORDS = Path(__file__).parent.parent / "common_passwords.txt"
ONE_TIME_LIFETIME = timedelta(days=7)  # of a password that must be changed at the first sign-in
UNKNOWN = "?"  # in place of a login that nobody has


class WrongPassword(SipwebError):
    """The login or the password is wrong; the message does not say which."""


class PasswordExpired(WrongPassword):
    """The password is right, but it was to be used once, and too long ago."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser in which a user has signed in before. `id` is random; it is known until `session_epoch` changes."""

    user_id: int
    id: str
    session_epoch: int


class Authenticated(NamedTuple):
    """Who has proved to know the password that was valid at `epoch`: a later one ends what begins now."""

    user_id: int
    epoch: int


def authenticate(login: str, password: str, address: str, devices: Sequence[Device] = ()) -> Authenticated:
    """Check login and password and return the user. `devices` are what the browser is known as.

    Raises:
        Throttled, WrongPassword: no session.
        SecondFactorRequired: login and password are right, but do not suffice.
    """
    user = db.session.scalar(select(User).where(User.login == login.strip()))
    present = (user.id, user.session_epoch) if user else None
    device = next((one for one in devices if (one.user_id, one.session_epoch) == present), None)
    count = throttling.of_device(device.id) if device else throttling.of_login(login, address)
    of_address = None if device else throttling.of_address(address)
    name = user.login if user else UNKNOWN  # a login that nobody has may be a password that somebody typed there
    try:
        if of_address:
            throttling.check_wait(of_address)
        wait = throttling.add_attempt(count)
    except Throttled as error:
        security_event("authn_login_fail_max", name, wait=error.seconds)
        raise
    password_hash, epoch = (user.password_hash, user.session_epoch) if user and user.active else (None, 0)
    matches = password_matches(password, password_hash)
    actor = Actor(user.id, user.name, address=address) if user else Actor(None, "", address=address)
    if not (matches and user):
        _record_failure(actor, name, wait, throttling.add_attempt(of_address) if of_address else 0)
        raise WrongPassword(N_("Incorrect login or password."))
    if user.password_expires_at and user.password_expires_at < utc_now():
        _record_failure(actor, name, wait, 0)
        raise PasswordExpired(N_("This one-time password has expired. Ask an administrator for a new one."))
    pending = PendingSignIn(user.id, epoch, time.time()) if second_factor.is_set_up(user.id) else None
    with transaction() as session:
        throttling.reset(session, count)
        if pending is None:
            audit.record(session, actor, "login", name, user_id=user.id)
    if pending:
        raise SecondFactorRequired(pending)
    set_user(name)
    security_event("authn_login_success", name)
    return Authenticated(user.id, epoch)


def _record_failure(actor: Actor, name: str, login_wait: int, address_wait: int) -> None:
    """Record a wrong password, and who must wait now: the login at this address, or the address."""
    locked = {what: seconds for what, seconds in (("login", login_wait), ("address", address_wait)) if seconds}
    with transaction() as session:
        somebody = replace(actor, id=None, name="")  # who has the password is who it says; this was anybody
        audit.record(session, somebody, "login.failed", name, user_id=actor.id)
        for what in locked:
            audit.record(session, somebody, f"login.locked.{what}", name, user_id=actor.id)
    security_event("authn_login_fail", name)
    for what, seconds in locked.items():
        security_event("authn_login_lock", name, what, wait=seconds)


def record_logout(actor: Actor) -> None:
    """Record a logout."""
    with transaction() as session:
        audit.record(session, actor, "logout", actor.name, user_id=actor.id)
    security_event("session_expired", acting_user(), "logout")


def confirm_password(actor: Actor, session_id: int, password: str) -> str:
    """Check the password that a user enters again in a session; return the session's new identifier.

    Raises:
        Throttled, Invalid: nothing is confirmed. NotFound: the session has ended.
    """
    refusal = Invalid(N_("The password is incorrect."), "current_password")
    try:
        login, _ = _check_own_password(actor, password, "session.confirm_failed", refusal)
    except Invalid:
        security_event("authn_login_fail", acting_user())
        raise
    with transaction() as session:
        token = sessions.confirm(session, session_id)
        audit.record(session, actor, "session.confirm", login, user_id=actor.id)
    security_event("authn_login_success", acting_user())
    return token


def change_password(actor: Actor, old: str, new: str) -> None:
    """Change one's own password. All sessions end, except one that is renewed (see `sessions`).

    Raises:
        Invalid: names the field.
    """
    try:
        old_hash = _check_change(actor, old, new)
        with transaction() as session:
            user = session.get_one(User, actor.id)
            if user.password_hash != old_hash:  # somebody else set another one meanwhile
                raise Invalid(N_("The current password is incorrect."), "old")
            store_password(session, user, new)
            audit.record(session, actor, "user.password", user.login, user_id=user.id)
    except SipwebError:
        security_event("authn_password_change_fail", acting_user())
        raise
    security_event("authn_password_change", acting_user())


def _check_change(actor: Actor, old: str, new: str) -> str:
    """Check that the user may change the password from `old` to `new`; return the hash of `old`.

    Raises:
        Throttled, Invalid: the user may not.
    """
    login, name = db.session.execute(select(User.login, User.name).where(User.id == actor.id)).one()
    check_password(new, login, name)
    refusal = Invalid(N_("The current password is incorrect."), "old")
    _, password_hash = _check_own_password(actor, old, "user.password_failed", refusal)
    if old == new:
        raise Invalid(N_("The new password must differ from the current one."), "new")
    return password_hash


def _check_own_password(actor: Actor, password: str, failure: str, refusal: Invalid) -> tuple[str, str]:
    """Check the password of a user who is signed in; return login and hash.

    Raises:
        Throttled: it was not looked at.
        Invalid: the `refusal`; the password is wrong, which the audit log has as the action `failure`.
    """
    query = select(User.login, User.password_hash).where(User.id == actor.id)
    login, password_hash = db.session.execute(query).one()
    count = throttling.of_own_password(actor.id)
    try:
        wait = throttling.add_attempt(count)
    except Throttled as error:
        security_event("authn_login_fail_max", login, wait=error.seconds)
        raise
    matches = password_matches(password, password_hash)
    with transaction() as session:
        if matches:
            throttling.reset(session, count)
            return login, password_hash
        audit.record(session, actor, failure, login, user_id=actor.id)
        if wait:
            audit.record(session, actor, "login.locked.password", login, user_id=actor.id)
    if wait:
        security_event("authn_login_lock", login, "password", wait=wait)
    raise refusal


def store_password(session: Session, user: User, password: str, *, must_change: bool = False) -> None:
    """Store a password, end all earlier sessions, and reset the failed attempts."""
    store_hash(session, user, hash_password(password), must_change=must_change)


def store_hash(session: Session, user: User, password_hash: str, *, must_change: bool) -> None:
    """Store the hash of a password, end all earlier sessions, and reset the failed attempts."""
    set_password_hash(user, password_hash, must_change=must_change)
    user.session_epoch += 1
    throttling.reset(session, throttling.of_own_password(user.id))
    throttling.reset_login(session, user.login)


def set_password_hash(user: User, password_hash: str, *, must_change: bool) -> None:
    """Set the hash of a user's password. A password that must be changed expires."""
    user.password_hash, user.must_change_password = password_hash, must_change
    user.password_expires_at = utc_now() + ONE_TIME_LIFETIME if must_change else None


def check_password(password: str, login: str, name: str, field: str = "new") -> None:
    """Check a new password of the user with this login and name.

    Raises:
        Invalid: shorter than 12 or longer than 200 characters, or easy to guess.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= 200:
        raise Invalid(N_("Use at least %(shortest)s characters."), field, shortest=MIN_PASSWORD_LENGTH)
    check_not_weak(password, words_of(login, name, platform.node()), _common_passwords(), field)


@cache
def _common_passwords() -> frozenset[str]:
    """Return the list, which is read when the first password is set (measured: 1 ms, 0.2 MB)."""
    lines = COMMON_PASSWORDS.read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def set_language(actor: Actor, language: str) -> None:
    """Store the user's language."""
    if language not in ("pl", "en"):
        raise Invalid(N_("Select Polish or English."), "language")
    with transaction() as session:
        session.get_one(User, actor.id).language = language
