"""Who may come in: passwords, sessions that can be ended, and patience with those who guess."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, SipwebError, Throttled
from ..db import db, transaction
from ..models import Throttle, User
from ..vault import hash_password, password_matches
from . import audit
from .site import Actor, now

FREE_TRIES = {"login": 5, "address": 20}  # failures in a row before the delay begins
LONGEST_DELAY = 300  # seconds: growing, never a lock-out for good
SHORTEST_PASSWORD = 12


class WrongPassword(SipwebError):
    """The login or the password is wrong; which of the two is not said."""


def authenticate(login: str, password: str, address: str) -> str:
    """The session key of the person (see `actor`). Raises Throttled or WrongPassword.

    A try counts for its login before it is looked at, so that many at once are not looked at for free; for its address
    once it failed: a whole contact centre may begin its day behind one address.
    """
    names = {"login": _tries(login), "address": f"address {address}"}
    _check_wait(names["address"])
    _count({"login": names["login"]})
    user = db.session.scalar(select(User).where(User.login == login.strip()))
    matches = password_matches(password, user.password_hash if user and user.active else None)
    key = f"{user.id}.{user.epoch}" if user else ""
    who = Actor(user.id, user.name, address=address) if user else Actor(None, "", address=address)
    with transaction() as session:
        if matches and user:
            for name in names.values():
                if entry := session.get(Throttle, name):
                    session.delete(entry)
            audit.record(session, who, "login", user.login, user_id=user.id)
        else:
            audit.record(session, who, "login.failed", user.login if user else "?", user_id=who.id)
    if not matches:
        _count({"address": names["address"]})
        raise WrongPassword(N_("The login or the password is wrong."))
    return key


_PERSON = select(User.name, User.role, User.language, User.must_change, User.active, User.epoch).where(
    User.id == bindparam("id")
)


def actor(key: str, address: str) -> Actor | None:
    """The person of a session key, unless deactivated or the session was ended (another password)."""
    identity, _, epoch = key.partition(".")
    row = db.session.execute(_PERSON, {"id": int(identity) if identity.isdecimal() else 0}).one_or_none()
    if row is None or not row.active or str(row.epoch) != epoch:
        return None
    return Actor(int(identity), row.name, row.role, address, row.language, row.must_change)


def session_key(user_id: int) -> str:
    """What a session of this user carries as the password stands now."""
    return f"{user_id}.{db.session.scalar(select(User.epoch).where(User.id == user_id))}"


def logout(who: Actor) -> None:
    """Note that somebody left."""
    with transaction() as session:
        audit.record(session, who, "logout", who.name, user_id=who.id)


def change_password(who: Actor, old: str, new: str) -> str:
    """Set the own password and end all other sessions. Returns the new session key. Raises Invalid."""
    _count({"login": f"password {who.id}"})
    check_password(new)
    hashed = db.session.scalar(select(User.password_hash).where(User.id == who.id))
    if not password_matches(old, hashed):
        raise Invalid(N_("This is not your present password."), "old")
    if old == new:
        raise Invalid(N_("Choose a password other than the present one."), "new")
    with transaction() as session:
        user = session.get_one(User, who.id)
        store_password(session, user, new)
        audit.record(session, who, "user.password", user.login, user_id=user.id)
        return f"{user.id}.{user.epoch}"


def store_password(session: Session, user: User, password: str) -> None:
    """Give the user this password; every session of before ends, and no failed try counts any more."""
    user.password_hash, user.must_change = hash_password(password), False
    user.epoch += 1
    session.execute(delete(Throttle).where(Throttle.login.in_([_tries(user.login), f"password {user.id}"])))


def check_password(password: str, field: str = "new") -> str:
    """The password itself. Raises Invalid when it is shorter than 12 characters or longer than 200."""
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise Invalid(N_("A password has at least %(shortest)s characters."), field, shortest=SHORTEST_PASSWORD)
    return password


def set_language(who: Actor, language: str) -> None:
    """Remember the person's language."""
    if language not in ("pl", "en"):
        raise Invalid(N_("Choose Polish or English."), "language")
    with transaction() as session:
        session.get_one(User, who.id).language = language


def _tries(login: str) -> str:
    """Where the tries of a login are counted."""
    return f"login {login.strip().casefold()[:60]}"


def _check_wait(name: str) -> None:
    """Raises Throttled while this name has to wait."""
    until = db.session.scalar(select(Throttle.locked_until).where(Throttle.login == name))
    if until and until > now():
        raise Throttled(
            N_("Too many tries. Try again in %(seconds)s seconds."), int((until - now()).total_seconds()) + 1
        )


def _count(names: dict[str, str]) -> None:
    """Count one try for each name. Raises Throttled, uncounted, while one of them has to wait."""
    moment, wait = now(), 0.0
    with transaction() as session:
        for kind, name in names.items():
            entry = session.get(Throttle, name)
            if entry is None:
                session.add(entry := Throttle(login=name, failures=0))
            if entry.locked_until and entry.locked_until > moment:
                wait = max(wait, (entry.locked_until - moment).total_seconds())
                continue
            entry.failures += 1
            if (over := entry.failures - FREE_TRIES[kind]) >= 0:
                entry.locked_until = moment + timedelta(seconds=min(LONGEST_DELAY, 2 ** min(over + 1, 9)))
    if wait:
        raise Throttled(N_("Too many tries. Try again in %(seconds)s seconds."), int(wait) + 1)
