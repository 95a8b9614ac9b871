"""Background process.

It polls Asterisk, reconciles it with the live generation, looks for drift, expires leases, deletes what is old.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from .core.errors import N_, OperationRefused, StorageFailed
from .db import db, listen
from .logs import FailureLog, StateLog, security_event
from .pbx.event_listener import EventListener
from .process_lock import process_lock
from .services import (
    account_usage,
    drift,
    generation_follow,
    generations,
    health,
    host_duties,
    host_monitor,
    hosts,
    lease_expiry,
    pbx_status,
    recording_cleanup,
    retention,
    warnings,
)
from .services.asterisk_poll import AsteriskPoll
from .services.context import ServiceContext
from .services.database_clock import can_have_several
from .services.errors import failure_reason
from .services.generation_recovery import write_failed
from .systemd import Notifier

logger = logging.getLogger(__name__)
POLL_INTERVAL = 3.0  # seconds between polls; 900 contacts cost Asterisk about 40 ms
FIRST_DELAY = 1.0  # seconds between the first two attempts to reconcile after the start
RETRY_DELAY = 2.0  # the same after Asterisk was unreachable
MAX_DELAY = 4.0  # seconds; each attempt to reconcile may reload Asterisk
PROBLEM_DELAY = 15.0  # seconds without an answer after which every page says so; Asterisk may be restarting
CLEANUP_INTERVAL = 3600.0  # seconds between deletions of what is old; while more is left, POLL_INTERVAL


def run(ctx: ServiceContext) -> None:
    """Run until SIGTERM.

    Raises:
        OperationRefused: another monitor works in this instance.
    """
    with process_lock(ctx.runtime_dir / "monitor.lock", "Another monitor already runs in this instance."):
        _run(ctx, Notifier())


def _run(ctx: ServiceContext, notifier: Notifier) -> None:
    listener = EventListener(ctx.pbx)
    monitor = Monitor(ctx, listener=listener)
    if ctx.pbx.has_asterisk:
        listener.start()
    if can_have_several() and ctx.pbx.writes_files:
        listen(hosts.CHANNEL, monitor.notified)

    def stop(*_: object) -> None:
        security_event("sys_shutdown", "monitor")
        notifier.notify("STOPPING=1")
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    work_log = FailureLog(logger, "The background process's work")
    while True:
        try:
            health.report_alive(ctx)
            pause = monitor.tick()
        except (SQLAlchemyError, OSError, StorageFailed) as error:  # full, locked, away: what is due stays due
            work_log.failed(failure_reason(error))
            pause = POLL_INTERVAL
            monitor.interrupted()
        else:
            work_log.succeeded()
        notifier.notify("READY=1\nWATCHDOG=1")
        db.session.remove()
        listener.wait(pause)


@dataclass(slots=True)
class Backoff:
    """When to try again.

    The delay in seconds doubles with each failure up to MAX_DELAY.
    """

    delay: float = FIRST_DELAY
    due: float = 0.0

    def is_due(self, now: float) -> bool:
        """Return whether the next attempt is due."""
        return now >= self.due

    def remaining(self, now: float) -> float:
        """Return the seconds until the next attempt."""
        return max(0.0, self.due - now)

    def update(self, now: float, *, succeeded: bool) -> None:
        """Set the time of the next attempt."""
        if succeeded:
            self.due, self.delay = now + POLL_INTERVAL, RETRY_DELAY
        else:
            self.due, self.delay = now + self.delay, min(self.delay * 2, MAX_DELAY)


class Monitor:
    """The work of the background process.

    `clock` returns seconds. `reconciled` tells whether Asterisk runs the live generation, as far as is known.
    """

    def __init__(
        self,
        ctx: ServiceContext,
        clock: Callable[[], float] = time.monotonic,
        listener: EventListener | None = None,
    ) -> None:
        self.ctx = ctx
        self._listener = listener or EventListener(ctx.pbx)  # not started: it hears nothing
        self._asterisk_poll = AsteriskPoll(ctx, clock, self._listener)
        self.reconciled = False
        self._problem: OperationRefused | None = None  # why it is not reconciled
        self._clock = clock
        self._backoff = Backoff()
        self._is_notified = False  # set by another thread
        self._poll_due = 0.0
        self._answers = True  # at the last poll
        self._answered_at = clock()
        self._drift = drift.DriftDetector(ctx, clock)
        self._usage = account_usage.UsageRecorder(ctx)
        self._duties = host_duties.DatabaseDuties()
        self._has_duties = False
        self._lease_expiry = lease_expiry.LeaseExpiry(clock)
        self._cleanup_due = clock()
        self._host = host_monitor.HostMonitor(ctx, clock) if can_have_several() and ctx.pbx.writes_files else None
        self._reconcile_log = StateLog(logger, "Reconciling Asterisk with the live generation")
        self._poll_log = StateLog(logger, "Polling Asterisk")
        self._files_log = FailureLog(logger, "Writing what Asterisk reports")
        self._cleanup_log = StateLog(logger, "Deleting old recordings")

    def tick(self) -> float:
        """Do what is due. Return the seconds until the next tick."""
        if self._host:
            self._host.report_still_seen()
            self.reconciled = self._host.run() and self.reconciled
        if self._is_notified:
            self._is_notified = False
            if not generation_follow.is_waiting(self.ctx):  # it must be ready when it is its turn
                self._backoff.due = 0.0  # this host may have to go back
        if self._backoff.is_due(self._clock()):
            if not self.reconciled:
                self._asterisk_poll.restart()
                self._drift.request()  # Asterisk was unreachable: it may have been started with other files
            self._report_still_seen()
            reconciled = self.reconcile()
            self._report_still_seen()
            self._answers = self.poll()
            self.reconciled = self._answers and reconciled  # repeated whenever Asterisk was unreachable
            self._backoff.update(self._clock(), succeeded=self.reconciled)
        elif self._clock() >= self._poll_due:  # not at each event
            self._answers = self.poll()
        if self._clock() >= self._cleanup_due:  # first: it makes room on a full disk
            more = [self._delete_expired_recordings(), self._has_duties and retention.delete_expired(self.ctx)]
            self._cleanup_due = self._clock() + (POLL_INTERVAL if any(more) else CLEANUP_INTERVAL)
        if self._listener.take_reload():
            self._drift.request()
        if self._answers:
            self._report_still_seen()
            self._drift.run()
        if self._host:
            self._host.report(self._problem, is_right=self.reconciled)
        drift_due = self._drift.remaining() if self._answers else POLL_INTERVAL
        return min(self._backoff.remaining(self._clock()), drift_due, POLL_INTERVAL)

    def _report_still_seen(self) -> None:
        """Report that this host is present before what a hanging Asterisk may delay for seconds."""
        if self._host:
            self._host.report_still_seen()

    def notified(self, about: str) -> None:
        """Take note, in another thread, of what another host reports: the next tick comes at once."""
        if self._host:
            self._host.notified(about)
            if about in ("", "generation"):
                self._is_notified = True
        self._listener.wake()

    def reconcile(self) -> bool:
        """Reconcile if necessary. Return whether Asterisk runs the live generation."""
        if self.reconciled and not generations.needs_reconciling(self.ctx):
            return True
        try:
            matches = generations.reconcile(self.ctx)
        except OperationRefused as error:
            self._reconcile_log.failed(str(error))
            self._problem = error
            return False
        except OSError as error:  # the cleanup of recordings may make room
            message, values = write_failed(error)
            self._problem = OperationRefused(message, None, **values)
            self._reconcile_log.failed(str(self._problem))
            return False
        self._problem = None if matches else OperationRefused(N_("Asterisk does not run the live configuration."))
        if matches:
            self._reconcile_log.succeeded()
        else:
            self._reconcile_log.failed("Asterisk does not run the live generation.")
        return matches

    def poll(self) -> bool:
        """Expire leases and acknowledgements, count the accounts in use, and poll Asterisk (AsteriskPoll).

        Return whether Asterisk answered.
        """
        self._poll_due = self._clock() + POLL_INTERVAL
        self._lease_expiry.run()
        self._has_duties = self._duties.acquire()
        if self._has_duties:
            self._usage.run()
        else:
            self._usage.restart()
        if not self.ctx.pbx.has_asterisk:
            self._expire_acknowledgements()
            return True
        empty_recordings = recording_cleanup.find_empty_recordings(self.ctx)
        try:
            with self.ctx.pbx.open() as ami:
                self._asterisk_poll.run(ami, empty_recordings)
        except OperationRefused as error:
            self._unanswered(error)
            return False
        except OSError as error:  # a full disk must not prevent the deletion of old recordings
            self._files_log.failed(str(error))
            return True
        self._answered_at = self._clock()
        self._poll_log.succeeded()
        self._files_log.succeeded()
        self._expire_acknowledgements()  # only now, as the status of the trunks is known
        return True

    def _expire_acknowledgements(self) -> None:
        if self._has_duties:
            warnings.expire_acknowledgements(self.ctx)

    def interrupted(self) -> None:
        """Take note that the database or a disk failed: heartbeats may have been lost, but Asterisk may answer."""
        self._lease_expiry.restart()
        if not self.ctx.pbx.has_asterisk:
            return
        with suppress(OSError):
            try:
                with self.ctx.pbx.open():
                    pbx_status.keep_status(self.ctx)
                    self._answered_at = self._clock()
            except OperationRefused as error:
                self._unanswered(error)

    def _unanswered(self, error: OperationRefused) -> None:
        self._poll_log.failed(str(error))
        if self._clock() - self._answered_at >= PROBLEM_DELAY:
            pbx_status.write_problem(self.ctx, error)

    def _delete_expired_recordings(self) -> bool:
        """Delete old recordings; return whether more are left to delete."""
        deletion = recording_cleanup.delete_expired(self.ctx)
        if deletion.undeletable:  # the page of recordings shows it too
            self._cleanup_log.failed(f"{deletion.undeletable} files can't be deleted, the first: {deletion.reason}")
        elif not deletion.more:
            self._cleanup_log.succeeded()
        return deletion.more
