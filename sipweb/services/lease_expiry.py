"""Ends leases without a heartbeat. Time in which no heartbeat could be stored does not count."""

import time
from collections.abc import Callable

from sqlalchemy import select

from ..db import db, transaction
from ..models import Lease
from .context import SYSTEM_ACTOR
from .database_clock import clock_ahead, database_time
from .lease_end import end_lease
from .lease_sync import HEARTBEAT_TIMEOUT

MAX_GAP = 30.0  # seconds from one run to the next, after which the monitor was stopped or waited for the database
MAX_STEP = 5.0  # seconds by which the clock may be set without everybody's last heartbeat being in doubt


def _clock_offset() -> float:
    return time.time() + clock_ahead() - time.monotonic()


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
            expire_leases()


def expire_leases() -> int:
    """End the leases without a recent heartbeat; return how many.

    Only the monitor knows whether heartbeats could be stored (see LeaseExpiry). One in the future was stored before the
    clock was set back.
    """
    now = database_time()
    is_expired = (Lease.last_seen_at < now - HEARTBEAT_TIMEOUT) | (Lease.last_seen_at > now + HEARTBEAT_TIMEOUT)
    if db.session.scalar(select(Lease.id).where(is_expired).limit(1)) is None:
        return 0
    with transaction() as session:
        expired = session.scalars(select(Lease).where(is_expired)).all()
        for lease in expired:
            end_lease(session, lease, SYSTEM_ACTOR, "lease.expire")
        return len(expired)
