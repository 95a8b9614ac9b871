"""What the monitor does on one of several PBX hosts: it follows the rollout of generations, and reports itself."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from ..core.errors import OperationRefused
from ..pbx import control, status
from ..pbx.ami import AmiUnavailable
from . import generation_follow, hosts, lease_sync, pbx_status
from .context import ServiceContext
from .generation_lock import AlreadyGenerating
from .state import live_generation

logger = logging.getLogger(__name__)
REPORT_INTERVAL = 2.5  # seconds; less than between two polls, so that each one is reported
STILL_SEEN_INTERVAL = 1.0  # seconds between two reports that this host is still present


class HostMonitor:
    """Follows and reports. `clock` returns seconds."""

    def __init__(self, ctx: ServiceContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._report_due = 0.0
        self._still_seen_due = 0.0
        self._epoch = ctx.cache.epoch
        self._notifications: set[str] = set()
        self._reported: tuple[int, str, bool] = (0, "", False)  # generation, digest, whether there is a problem
        self._stamp = 0  # of the status that was reported last

    def notified(self, about: str) -> None:
        """Take note of what another host changed, in another thread."""
        self._notifications.add(about)

    def run(self) -> bool:
        """Do what is due for a running generation, sync leases, and forget phones that are at another host now.

        Return whether what this host runs is still known: not after a new connection to the database, which may have
        lost transactions, and not after it failed to become the live generation.
        """
        notifications, self._notifications = self._notifications, set()
        has_failed = False
        try:
            generation_follow.follow(self._ctx)
        except AlreadyGenerating:
            pass  # another process of this host does it
        except (OperationRefused, OSError) as error:  # a full disk, which the cleanup of recordings may help
            logger.warning("Following the other hosts: %s", error)
            has_failed = True
        if "leases" in notifications and self._ctx.pbx.has_asterisk:
            self.report_still_seen()
            with suppress(OperationRefused), self._ctx.pbx.open() as ami:  # the next poll repeats it
                lease_sync.sync_all_leases(self._ctx, ami)
        if "status" in notifications and self._ctx.pbx.has_asterisk:
            self.report_still_seen()
            self._forget_moved_phones()
        is_known, self._epoch = self._epoch == self._ctx.cache.epoch, self._ctx.cache.epoch
        return is_known and not has_failed

    def _forget_moved_phones(self) -> None:
        """Remove the contacts of phones that have registered at another host: the next poll would, but later."""
        if pbx_status.moved_away(self._ctx, pbx_status.own_status(self._ctx).registrations):
            with suppress(OperationRefused), self._ctx.pbx.open() as ami:
                control.remove_contacts(ami, pbx_status.moved_away(self._ctx, status.registered_phones(ami)))

    def report_still_seen(self) -> None:
        """Report that this host is alive, unless it did so a moment ago."""
        if self._clock() >= self._still_seen_due:
            hosts.report_still_seen(self._ctx)
            self._still_seen_due = self._clock() + STILL_SEEN_INTERVAL

    def report(self, problem: OperationRefused | None, *, is_right: bool) -> None:
        """Report that this host is alive and, if it is right, that it runs the live generation.

        Another one may have become live since that was checked: the active files tell. They have the number 0 after
        somebody has made a link by hand.
        """
        number, digest = self._reported[:2]
        if is_right:
            live, snapshot = live_generation(self._ctx)
            if self._ctx.generation_files.current() in (0, live):
                number, digest = live, snapshot.digest
        state = number, digest, problem is not None
        if state == self._reported and self._clock() < self._report_due:
            return
        is_down = isinstance(problem, AmiUnavailable | control.AsteriskStarting)
        values = hosts.problem_to_json(problem, asterisk_down=is_down) if problem else None
        new_status = pbx_status.status_to_report(self._ctx, self._stamp)
        if not hosts.report_present(self._ctx, number, digest, values, new_status):
            self._stamp, self._report_due = 0, 0.0  # the new row has nothing yet: the next report has all
            return
        if new_status:
            self._stamp = new_status[0]
            hosts.notify("status")
        self._reported, self._report_due = state, self._clock() + REPORT_INTERVAL
        self._still_seen_due = self._clock() + STILL_SEEN_INTERVAL
