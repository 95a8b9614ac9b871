"""When an address is blocked for guessing SIP passwords, and for how long."""

import ipaddress
from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta

LIMIT = 30  # wrong passwords within WINDOW after which an address is blocked
WINDOW = 60.0  # seconds
ATTACK_SECONDS = 300.0  # how long after the limit was exceeded guessing counts as in progress
FIRST_BLOCK = timedelta(minutes=10)
LONGEST_BLOCK = timedelta(days=1)
FORGET_BLOCKS = timedelta(days=1)  # after so long without a block the next one is as short as the first
MAX_ADDRESSES = 20_000  # that are counted at a time


def block_key(address: str) -> str:
    """Return what is blocked for an address: an IPv4 address, or the /64 of an IPv6 one; "" if it is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def overlaps(key: str, networks: Collection[str]) -> bool:
    """Return whether one of these networks has an address that the block of `key` would concern."""
    blocked = ipaddress.ip_network(key)
    others = (ipaddress.ip_network(network) for network in networks)
    return any(other.version == blocked.version and blocked.overlaps(other) for other in others)


def block_length(last_length: timedelta | None, last_end: datetime | None, now: datetime) -> timedelta:
    """Return how long to block an address; twice as long as the last time, if that was less than a day ago."""
    if last_length is None or last_end is None or now - last_end > FORGET_BLOCKS:
        return FIRST_BLOCK
    return min(last_length * 2, LONGEST_BLOCK)


class AttemptCounter:
    """Counts the wrong passwords of each address in the last ATTACK_SECONDS. All times are in seconds."""

    def __init__(self) -> None:
        self._attempts: dict[str, deque[tuple[float, int]]] = {}

    def add(self, key: str, count: int, now: float) -> None:
        """Count attempts."""
        if key in self._attempts or len(self._attempts) < MAX_ADDRESSES:
            self._attempts.setdefault(key, deque()).append((now, count))

    def count(self, key: str, since: float) -> int:
        """Return how many attempts there were since that time."""
        return sum(count for time, count in self._attempts.get(key, ()) if time >= since)

    def forget(self, key: str) -> None:
        """Forget the attempts of one address."""
        self._attempts.pop(key, None)

    def forget_before(self, time: float) -> None:
        """Forget all attempts before that time."""
        for key, attempts in [*self._attempts.items()]:
            while attempts and attempts[0][0] < time:
                attempts.popleft()
            if not attempts:
                del self._attempts[key]
