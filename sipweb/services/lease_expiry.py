"""The end of the leases of agents who are gone. Time in which no heartbeat could be stored does not count."""

import time
from collections.abc import Callable

from . import hosts, leases
from .lease_sync import HEARTBEAT_TIMEOUT

MAX_GAP = 30.0  # seconds from one run to the next, after which the monitor was stopped or waited for the database
MAX_STEP = 5.0  # seconds by which the clock may be set without everybody's last heartbeat being in doubt


def _clock_offset() -> float:
    return time.time() + hosts.clock_ahead() - time.monotonic()


class LeaseExpiry:
    """Ends leases, but only after the database could be used for as long as a lease lasts without a heartbeat.

    `clock` returns seconds. `offset` returns how far the clock that dates leases is ahead of one that nobody sets.
    """

    def __init__(self, clock: Callable[[], float], offset: Callable[[], float] = _clock_offset) -> None:
        self._clock = clock
        self._get_offset = offset
        self.restart()

    def restart(self) -> None:
        """Begin anew: heartbeats may have been lost."""
        self._since = self._seen = self._clock()
        self._offset: float | None = None

    def run(self) -> None:
        """End the leases without a recent heartbeat, unless there was an interruption."""
        now, offset = self._clock(), self._get_offset()
        was_set = self._offset is not None and abs(offset - self._offset) > MAX_STEP
        if was_set or now - self._seen > MAX_GAP:
            self.restart()
        self._seen, self._offset = now, offset
        if now - self._since >= HEARTBEAT_TIMEOUT.total_seconds():
            leases.expire_leases()
