"""How many automatic accounts are in use over time, followed through the entries of the audit log, minute by minute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .accounts import BUILTIN
from .assignment import Reason
from .snapshot import Snapshot

ACQUIRED, REFUSED = "lease.acquire", "lease.refused"
ENDED = ("lease.release", "lease.revoke", "lease.expire", "lease.end")
LACK_OF_ACCOUNTS = (Reason.POOL_IN_USE, Reason.POOL_EMPTY)  # a refusal that one more account would have prevented
RETRY_INTERVAL = timedelta(minutes=15)  # an agent who asks again within it is the same request


@dataclass(frozen=True, slots=True)
class LeaseEntry:
    """What the audit log has about one lease: `action` with an account, or a refusal with its reason."""

    at: datetime
    action: str
    account_id: int | None
    user_id: int | None
    reason: str = ""


class UsageMinute(NamedTuple):
    """A minute in which something changed.

    `total` automatic accounts were live and `in_use` of them used at its end, at most `peak` at once. `refused`
    requests found none free. `needed` is how many accounts would have sufficed for all who asked.
    """

    minute: datetime
    total: int
    in_use: int
    peak: int
    needed: int
    refused: int = 0


def automatic_accounts(live: Snapshot) -> frozenset[int]:
    """Return the ids of the live accounts that any agent may get."""
    return frozenset(account.id for account in live.accounts if account.user_id is None and account.phone == BUILTIN)


class UsageCounter:
    """Follows which automatic accounts are in use. `minutes` has those in which something changed."""

    def __init__(self, automatic: frozenset[int], leased: Iterable[int] = ()) -> None:
        self.automatic = automatic
        self.minutes: dict[datetime, UsageMinute] = {}
        self._leased = set(leased)
        self._waiting: dict[int | None, datetime] = {}  # agents who were refused, and have no account yet

    def current(self, at: datetime) -> UsageMinute:
        """Return the present numbers as those of a minute."""
        in_use, minute = self._in_use(), at.replace(second=0, microsecond=0)
        return UsageMinute(minute, len(self.automatic), in_use, in_use, in_use + len(self._waiting))

    def set_automatic(self, at: datetime, automatic: frozenset[int]) -> None:
        """Take other accounts as the automatic ones: a generation changed them."""
        if automatic != self.automatic:
            before, self.automatic = self.current(at), automatic
            self._note(at, before, 0)

    def add(self, entry: LeaseEntry) -> None:
        """Follow one entry of the audit log; the oldest comes first."""
        before, refused = self.current(entry.at), 0
        self._waiting = {user: at for user, at in self._waiting.items() if entry.at - at < RETRY_INTERVAL}
        if entry.action == ACQUIRED and entry.account_id is not None:
            self._leased.add(entry.account_id)
            self._waiting.pop(entry.user_id, None)
        elif entry.action in ENDED and entry.account_id is not None:
            self._leased.discard(entry.account_id)
        elif entry.action == REFUSED and entry.reason in LACK_OF_ACCOUNTS:
            self._waiting[entry.user_id] = entry.at
            refused = 1
        if refused or before[:4] != self.current(entry.at)[:4]:
            self._note(entry.at, before, refused)

    def _in_use(self) -> int:
        return len(self._leased & self.automatic)

    def _note(self, at: datetime, before: UsageMinute, refused: int) -> None:
        now = self.current(at)
        noted = self.minutes.get(now.minute, before)
        self.minutes[now.minute] = now._replace(
            peak=max(noted.peak, now.peak),
            needed=max(noted.needed if now.minute in self.minutes else before.in_use, now.needed),
            refused=noted.refused + refused,
        )


class UsageHour(NamedTuple):
    """The numbers of an hour, as UsageMinute has them. `peak_at` is the minute of the peak, if anything was used."""

    start: datetime
    total: int
    peak: int
    refused: int
    needed: int
    peak_at: datetime | None

    @property
    def free(self) -> int:
        """How many accounts were free at the peak."""
        return max(0, self.total - self.peak)


def usage_by_hour(
    minutes: Sequence[UsageMinute], before: UsageMinute | None, starts: Sequence[datetime]
) -> list[UsageHour]:
    """Return the numbers of the hours that begin at `starts`, from the minutes in which something changed.

    `before` is the last minute before them: what was in use then still is at the beginning. Hours before the first
    known minute are left out.
    """
    hours, position, level = [], 0, before
    for start, end in zip(starts, [*starts[1:], starts[-1] + timedelta(hours=1)], strict=True):
        first = position
        while position < len(minutes) and minutes[position].minute < end:
            position += 1
        inside = minutes[first:position]
        if level is not None or inside:
            hours.append(_hour(start, inside, level))
        level = inside[-1] if inside else level
    return hours


def _hour(start: datetime, inside: Sequence[UsageMinute], level: UsageMinute | None) -> UsageHour:
    carried = [UsageMinute(start, level.total, level.in_use, level.in_use, level.in_use)] if level else []
    highest = max([*carried, *inside], key=lambda minute: minute.peak)
    return UsageHour(
        start,
        total=highest.total,
        peak=highest.peak,
        refused=sum(minute.refused for minute in inside),
        needed=max(minute.needed for minute in [*carried, *inside]),
        peak_at=highest.minute if highest.peak else None,
    )


def accounts_to_add(hours: Iterable[UsageHour], total: int, reserve: int) -> int:
    """Return how many automatic accounts to add to the `total` that there are, so that `reserve` stay free."""
    return max(0, max((hour.needed for hour in hours), default=0) + reserve - total)
