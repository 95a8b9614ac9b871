"""How often a password may be tried.

An attempt counts for its login and its address together, and a failed one for the address too. A browser in which the
same user has signed in before has a count of its own instead (OWASP's device cookies): others can't lock it out, and
it locks nobody else out. Counts decrease with time; a success resets only its own.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core.errors import N_, Throttled
from ..db import db, transaction
from ..models import LoginThrottle
from .context import utc_now

MAX_DELAY = 300  # seconds; the delay grows, but is never permanent


@dataclass(frozen=True, slots=True)
class Count:
    """What failures are counted for.

    After `free` of them the next attempt must wait, the longer the more there were. One is forgotten each `forget`.
    """

    key: str
    free: int = 5
    forget: timedelta = timedelta(minutes=10)


def of_login(login: str, address: str) -> Count:
    """Return the count of a login at an address, where the user has not signed in before."""
    return Count(f"{_login_prefix(login)}{_digest(_network(address))}")


def of_device(device: str) -> Count:
    """Return the count of a browser in which the user has signed in before."""
    return Count(f"device {device}")


def of_address(address: str) -> Count:
    """Return the count of an address, which a whole contact centre may share."""
    return Count(f"address {_network(address)}", free=20, forget=timedelta(minutes=1))


def of_own_password(user_id: int | None) -> Count:
    """Return the count of a user who is signed in and must enter the password again."""
    return Count(f"password {user_id}")


def of_second_factor(user_id: int) -> Count:
    """Return the count of a user whose password was right and whose second factor is tried."""
    return Count(f"second-factor {user_id}")


def of_provisioning(address: str) -> Count:
    """Return the count of an address from which phones ask for their settings and are refused."""
    return Count(f"provisioning {_network(address)}", free=20, forget=timedelta(seconds=10))


def check_wait(count: Count) -> None:
    """Check that the next attempt need not wait.

    Raises:
        Throttled: it must wait.
    """
    until = db.session.scalar(select(LoginThrottle.locked_until).where(LoginThrottle.key == count.key))
    if until:
        _raise_if_locked(until, utc_now())


def add_attempt(count: Count) -> int:
    """Count an attempt; return the seconds that the next one must wait if this one fails.

    It counts before the password is checked, so that parallel attempts are not free.

    Raises:
        Throttled: it must wait, and is not counted.
    """
    now = utc_now()
    with transaction() as session:
        entry = session.get(LoginThrottle, count.key)
        if entry is None:
            session.add(entry := LoginThrottle(key=count.key, failures=0))
        if entry.locked_until:
            _raise_if_locked(entry.locked_until, now)
        forgotten = max(now - entry.last_attempt_at, timedelta()) // count.forget if entry.last_attempt_at else 0
        entry.failures, entry.last_attempt_at = max(0, entry.failures - forgotten) + 1, now
        over = entry.failures - count.free
        wait: int = min(MAX_DELAY, 2 ** min(over + 1, 9)) if over >= 0 else 0
        if wait:
            entry.locked_until = now + timedelta(seconds=wait)
        return wait


def reset(session: Session, count: Count) -> None:
    """Forget all attempts, within the caller's transaction."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == count.key))


def reset_login(session: Session, login: str) -> None:
    """Forget the attempts of a login at all addresses, within the caller's transaction."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.key.startswith(_login_prefix(login))))


def _network(address: str) -> str:
    """Return what one attacker has: of IPv6 at least the 2^64 addresses of a subnet, which count as one."""
    try:
        ip = ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((int(ip) >> 64 << 64, 64)))
    return address


def _login_prefix(login: str) -> str:
    return f"login {_digest(login.strip().casefold())} "


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _raise_if_locked(until: datetime, now: datetime) -> None:
    if now < until <= now + timedelta(seconds=MAX_DELAY):  # later: the clock was set back meanwhile
        raise Throttled(
            N_("Too many attempts. Try again in %(seconds)s seconds."), int((until - now).total_seconds()) + 1
        )
