"""Authentication: passwords, sessions that can be ended, and throttling."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, SipwebError, Throttled
from ..crypto import hash_password, password_matches
from ..db import db, transaction
from ..logs import acting_user, security_event, set_user
from ..models import LoginThrottle, User
from . import audit
from .context import Actor, utc_now

FREE_LOGIN_ATTEMPTS = 5  # failures in a row before the delay begins
FREE_ADDRESS_ATTEMPTS = 20
MAX_DELAY = 300  # seconds; the delay grows, but is never permanent
MIN_PASSWORD_LENGTH = 12
UNKNOWN = "?"  # in place of a login that nobody has


class WrongPassword(SipwebError):
    """The login or the password is wrong; the message does not say which."""


def authenticate(login: str, password: str, address: str) -> int:
    """Check login and password and return the user's id.

    An attempt counts for its login before the password is checked, so that parallel attempts are not free. It counts
    for its address only after it failed, because a whole contact centre may share one address.

    Raises:
        Throttled, WrongPassword: no session.
    """
    login_key, address_key = _throttle_key(login), f"address {address}"
    try:
        _check_wait(address_key)
        login_wait = _count_attempt(login_key, FREE_LOGIN_ATTEMPTS)
    except Throttled as error:
        security_event("authn_login_fail_max", _known_login(login), wait=error.seconds)
        raise
    user = db.session.scalar(select(User).where(User.login == login.strip()))
    matches = password_matches(password, user.password_hash if user and user.active else None)
    name = user.login if user else UNKNOWN
    actor = Actor(user.id, user.name, address=address) if user else Actor(None, "", address=address)
    with transaction() as session:
        if matches and user:
            session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_([login_key, address_key])))
            audit.record(session, actor, "login", name, user_id=user.id)
        else:
            audit.record(session, actor, "login.failed", name, user_id=actor.id)
    if not (matches and user):
        security_event("authn_login_fail", name)
        _log_lock(name, "login", login_wait)
        _log_lock(name, "address", _count_attempt(address_key, FREE_ADDRESS_ATTEMPTS))
        raise WrongPassword(N_("Incorrect login or password."))
    set_user(name)
    security_event("authn_login_success", name)
    return user.id


def _known_login(login: str) -> str:
    """Return the login if a user has it: somebody may have typed a password there, which must not be logged."""
    return db.session.scalar(select(User.login).where(User.login == login.strip())) or UNKNOWN


def _log_lock(login: str, what: str, seconds: int) -> None:
    """Log that a login or an address must wait from now on; 0 seconds: it need not."""
    if seconds:
        security_event("authn_login_lock", login, what, wait=seconds)


def record_logout(actor: Actor) -> None:
    """Record a logout."""
    with transaction() as session:
        audit.record(session, actor, "logout", actor.name, user_id=actor.id)
    security_event("session_expired", acting_user(), "logout")


def change_password(actor: Actor, old: str, new: str) -> None:
    """Change one's own password. All sessions end, except one that is renewed (see `sessions`).

    Raises:
        Invalid: names the field.
    """
    try:
        _check_change(actor, old, new)
    except SipwebError:
        security_event("authn_password_change_fail", acting_user())
        raise
    with transaction() as session:
        user = session.get_one(User, actor.id)
        store_password(session, user, new)
        audit.record(session, actor, "user.password", user.login, user_id=user.id)
    security_event("authn_password_change", acting_user())


def _check_change(actor: Actor, old: str, new: str) -> None:
    """Check that the user may change the password from `old` to `new`. Raises Throttled or Invalid."""
    _count_attempt(f"password {actor.id}", FREE_LOGIN_ATTEMPTS)
    check_password(new)
    password_hash = db.session.scalar(select(User.password_hash).where(User.id == actor.id))
    if not password_matches(old, password_hash):
        raise Invalid(N_("The current password is incorrect."), "old")
    if old == new:
        raise Invalid(N_("The new password must differ from the current one."), "new")


def store_password(session: Session, user: User, password: str, *, must_change: bool = False) -> None:
    """Store a password, end all earlier sessions, and reset the failed attempts."""
    user.password_hash, user.must_change_password = hash_password(password), must_change
    user.session_epoch += 1
    session.execute(
        delete(LoginThrottle).where(LoginThrottle.key.in_([_throttle_key(user.login), f"password {user.id}"]))
    )


def check_password(password: str, field: str = "new") -> str:
    """Check the length of a password and return it.

    Raises:
        Invalid: shorter than 12 or longer than 200 characters.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= 200:
        raise Invalid(N_("Use at least %(shortest)s characters."), field, shortest=MIN_PASSWORD_LENGTH)
    return password


def set_language(actor: Actor, language: str) -> None:
    """Store the user's language."""
    if language not in ("pl", "en"):
        raise Invalid(N_("Select Polish or English."), "language")
    with transaction() as session:
        session.get_one(User, actor.id).language = language


def _throttle_key(login: str) -> str:
    """Return the key under which a login's attempts are counted."""
    return f"login {login.strip().casefold()[:60]}"


def _check_wait(key: str) -> None:
    """Check that this key need not wait.

    Raises:
        Throttled: it must wait.
    """
    until = db.session.scalar(select(LoginThrottle.locked_until).where(LoginThrottle.key == key))
    if until:
        _raise_if_locked(until, utc_now())


def _count_attempt(key: str, free_attempts: int) -> int:
    """Count one attempt for this key; return the seconds that the next one must wait, if this one fails.

    Raises:
        Throttled: the key must wait; the attempt is not counted.
    """
    now = utc_now()
    with transaction() as session:
        entry = session.get(LoginThrottle, key)
        if entry is None:
            session.add(entry := LoginThrottle(key=key, failures=0))
        if entry.locked_until:
            _raise_if_locked(entry.locked_until, now)
        entry.failures, entry.last_attempt_at = entry.failures + 1, now
        over = entry.failures - free_attempts
        wait: int = min(MAX_DELAY, 2 ** min(over + 1, 9)) if over >= 0 else 0
        if wait:
            entry.locked_until = now + timedelta(seconds=wait)
        return wait


def _raise_if_locked(until: datetime, now: datetime) -> None:
    if now < until <= now + timedelta(seconds=MAX_DELAY):  # later: the clock was set back meanwhile
        raise Throttled(
            N_("Too many attempts. Try again in %(seconds)s seconds."), int((until - now).total_seconds()) + 1
        )
