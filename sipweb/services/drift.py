"""Drift: what a PBX runs, or has as files, that differs from the live generation."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text

from ..core.asterisk import Configuration
from ..core.errors import N_, OperationRefused
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db, transaction
from ..models import Drift, DriftCheck, UTCDateTime
from ..pbx import control, verification
from ..pbx.verification import ALL_NUMBERS, Difference
from . import lease_sync
from .context import ServiceContext, utc_now
from .database_clock import can_have_several
from .generation_lock import generation_lock
from .host_reports import written_digests
from .rollout import current_rollout
from .state import live_generation, live_number

CONFIRMATION_DELAY = 1.0  # seconds after which a difference must be seen again
RETRY_DELAY = 3.0  # seconds to the next attempt when Asterisk can't be asked or a generation is running
FULL_PASS = 10  # every tenth search compares each account option by option
LOCK_TIMEOUT = 5.0  # seconds that a check on demand waits for a running generation
_STORE_CHECK = text(  # a check on demand and the monitor's may both be the first
    "INSERT INTO drift_check (host, generation, checked_at) VALUES (:host, :generation, :checked_at) "
    "ON CONFLICT (host) DO UPDATE SET generation = excluded.generation, checked_at = excluded.checked_at"
).bindparams(bindparam("checked_at", type_=UTCDateTime))


@dataclass(frozen=True, slots=True)
class DriftCheckView:
    """The last comparison: with which generation, and when."""

    generation: int
    at: datetime


def last_check(ctx: ServiceContext) -> DriftCheckView | None:
    """Return this host's last comparison with the live generation; None before the first."""
    row = db.session.get(DriftCheck, ctx.host)
    return DriftCheckView(row.generation, row.checked_at) if row else None


def last_checks() -> dict[str, DriftCheckView]:
    """Return the last comparison of each host that has compared, by its name."""
    return {row.host: DriftCheckView(row.generation, row.checked_at) for row in db.session.scalars(select(DriftCheck))}


def check_now(ctx: ServiceContext) -> frozenset[Difference]:
    """Compare everything now, store and return the differences. What is new must be there a second later too.

    Raises:
        OperationRefused: a generation is running, or Asterisk is unreachable or still starting.
    """
    found = find_drift(ctx, full=True, timeout=LOCK_TIMEOUT)
    if found - stored_drift(ctx):
        time.sleep(CONFIRMATION_DELAY)
        found &= find_drift(ctx, full=True, timeout=LOCK_TIMEOUT)
    store_drift(ctx, found)
    return found


def find_drift(ctx: ServiceContext, *, full: bool, timeout: float = 0) -> frozenset[Difference]:
    """Compare the PBX and its files with the live generation, while no generation is running.

    `full` compares each account option by option. `timeout` is how long a running generation is waited for, in seconds.

    Raises:
        OperationRefused: a generation is running, Asterisk is unreachable or still starting, or the live generation is
            none or one of an earlier sipweb, whose files cannot be compared.
    """
    if not ctx.pbx.writes_files:
        raise OperationRefused(N_("This server has no PBX."))
    with generation_lock(ctx, timeout):
        if can_have_several() and current_rollout(ctx).running:
            raise OperationRefused(N_("A configuration version is being generated."))
        number, snapshot = live_generation(ctx)
        if not number:
            raise OperationRefused(N_("No configuration has been generated yet."))
        if snapshot.renderer_version != RENDERER_VERSION:
            raise OperationRefused(N_("sipweb was updated. Generate the configuration first."))
        return frozenset([*_file_differences(ctx, number), *_asterisk_differences(ctx, snapshot, full=full)])


def store_drift(ctx: ServiceContext, found: Collection[Difference]) -> None:
    """Store what was found, with the time when each difference was first seen.

    Pages are told only if something changed.
    """
    number, now = live_number(), utc_now()
    with transaction(bump_revision=stored_drift(ctx) != set(found)) as session:
        rows = {_difference(row): row for row in session.scalars(select(Drift).where(Drift.host == ctx.host))}
        for gone in rows.keys() - set(found):
            session.delete(rows[gone])
        session.add_all(_row(ctx.host, one, now) for one in sorted(set(found) - rows.keys(), key=_order))
        session.execute(_STORE_CHECK, {"host": ctx.host, "generation": number, "checked_at": now})


def stored_drift(ctx: ServiceContext) -> frozenset[Difference]:
    """Return the differences of this host that the pages show."""
    return frozenset(_difference(row) for row in db.session.scalars(select(Drift).where(Drift.host == ctx.host)))


def _row(host: str, one: Difference, now: datetime) -> Drift:
    values = {"name": one.name, "field": one.field, "expected": one.expected, "actual": one.actual}
    return Drift(host=host, first_seen_at=now, **values)


def _difference(row: Drift) -> Difference:
    return Difference(row.name, row.field, row.expected, row.actual)


def _order(one: Difference) -> tuple[str, str]:
    return one.name, one.field


def _asterisk_differences(ctx: ServiceContext, snapshot: Snapshot, *, full: bool) -> tuple[Difference, ...]:
    numbers = [account.number for account in snapshot.accounts] if full else []
    with control.connect(ctx.pbx) as ami:
        if ami is None:
            return ()
        lease_sync.sync_all_leases(ctx, ami)  # what Asterisk has of leases must be what the database has
        configuration, digests = Configuration(snapshot, ctx.renderer), lease_sync.lease_digests(ctx)
        return verification.differences(ami, configuration, numbers, ALL_NUMBERS, lease_digests=digests)


def _file_differences(ctx: ServiceContext, number: int) -> Iterator[Difference]:
    current = ctx.generation_files.current()
    if current != number:
        folder = ctx.generation_files.path
        yield Difference("current", "file", folder(number).name, folder(current).name if current else "missing")
    for name, state in ctx.generation_files.states(number, written_digests(ctx, number)):
        yield Difference(name, "file", "present", state)


class DriftDetector:
    """Searches for drift at start, every `drift_interval` seconds, after each generation and on request.

    A difference counts when two searches in a row have seen it, CONFIRMATION_DELAY apart. `clock` returns seconds.
    """

    def __init__(self, ctx: ServiceContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._due = 0.0
        self._passes = 0
        self._generation = 0
        self._seen_once: frozenset[Difference] = frozenset()

    def request(self) -> None:
        """Compare everything at the next `run`: Asterisk was started or reloaded.

        A difference that was seen once is looked for again when that is due, not earlier.
        """
        self._passes = 0
        if not self._seen_once:
            self._due = 0.0

    def run(self) -> None:
        """Search for drift if it is due; if Asterisk can't be asked or a generation is running, soon again."""
        if not self._is_on:
            return
        if live_number() != self._generation:
            self._seen_once = frozenset()
            self.request()
        if self._clock() < self._due:
            return
        try:
            self._search()
        except OperationRefused:
            self._due = self._clock() + RETRY_DELAY

    def remaining(self) -> float:
        """Return the seconds until the next search."""
        return max(0.0, self._due - self._clock()) if self._is_on else float("inf")

    @property
    def _is_on(self) -> bool:
        return self._ctx.drift_interval > 0 and self._ctx.pbx.writes_files

    def _search(self) -> None:
        number, stored = live_number(), stored_drift(self._ctx)
        full = self._passes % FULL_PASS == 0 or bool(stored or self._seen_once)  # a cheap search would not see all
        found = find_drift(self._ctx, full=full)
        unconfirmed = found - stored - self._seen_once
        store_drift(self._ctx, found - unconfirmed)
        self._generation, self._seen_once = number, unconfirmed
        self._passes += 1
        self._due = self._clock() + (CONFIRMATION_DELAY if unconfirmed else self._ctx.drift_interval)
