"""How many automatic accounts are in use over time: counted by the monitor from the audit log, shown by a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from ..core.account_usage import (
    ACQUIRED,
    ENDED,
    REFUSED,
    LeaseEntry,
    UsageCounter,
    UsageHour,
    UsageMinute,
    accounts_to_add,
    automatic_accounts,
    usage_by_hour,
)
from ..db import db, transaction
from ..models import AccountUsage, AuditEntry, Lease
from .context import ServiceContext, utc_now
from .state import LIVE_STATES, SnapshotDeleted, live_generation, load_snapshot

HOURS = {"day": 24, "week": 7 * 24, "month": 30 * 24}
_COLUMNS = select(
    AccountUsage.minute, AccountUsage.total, AccountUsage.in_use, AccountUsage.peak, AccountUsage.needed,
    AccountUsage.refused,
)  # fmt: skip
LONGEST_LEASE = timedelta(days=7)  # a lease ends with the agent's session, which is much shorter
BATCH = 1000  # audit entries that one poll counts
_LEASE_ACTIONS = (ACQUIRED, REFUSED, *ENDED)
_GENERATION_ACTIONS = tuple(f"generation.{state}" for state in LIVE_STATES)
_NEWEST = select(AccountUsage).order_by(AccountUsage.audit_id.desc(), AccountUsage.minute.desc()).limit(1)


class UsageRecorder:
    """Writes a row for each minute in which the use of the automatic accounts changed. It misses none while it is off.

    The audit log has every lease that began or ended, however briefly, and the generations that changed the accounts.
    Only one monitor may count at a time.
    """

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._counter: UsageCounter | None = None
        self._counted_id = 0

    def run(self) -> None:
        """Count the entries of the audit log since the last time."""
        if self._counter is None:
            self._counter = self._start()
        counter, self._counter = self._counter, None  # if the database fails, it starts again from what was stored
        query = select(AuditEntry).where(
            AuditEntry.id > self._counted_id, AuditEntry.action.in_(_LEASE_ACTIONS + _GENERATION_ACTIONS)
        )
        for entry in db.session.scalars(query.order_by(AuditEntry.id).limit(BATCH)):
            self._add(counter, entry)
            self._counted_id = entry.id
        self._store(counter)
        self._counter = counter

    def restart(self) -> None:
        """Begin with what is stored: another monitor counts."""
        self._counter = None

    def _start(self) -> UsageCounter:
        last = db.session.scalar(_NEWEST)
        if last is None:  # nothing is known of earlier
            self._counted_id = db.session.scalar(select(func.max(AuditEntry.id))) or 0
            leased = db.session.scalars(select(Lease.account_id))
            counter = UsageCounter(automatic_accounts(live_generation(self._ctx)[1]), leased)
            now = counter.current(utc_now())
            counter.minutes[now.minute] = now
            return counter
        self._counted_id = last.audit_id
        counter = UsageCounter(self._automatic_at(last.audit_id), _leased_at(last))
        counter.minutes[last.minute] = _minute(last)
        return counter

    def _automatic_at(self, audit_id: int) -> frozenset[int]:
        """Return the automatic accounts of the generation that was live then."""
        query = select(AuditEntry.subject).where(AuditEntry.id <= audit_id, AuditEntry.action.in_(_GENERATION_ACTIONS))
        number = db.session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))
        return self._automatic_of(int(number) if number else 0)

    def _automatic_of(self, generation: int) -> frozenset[int]:
        number, live = live_generation(self._ctx)
        try:
            return automatic_accounts(live if generation in (0, number) else load_snapshot(generation))
        except SnapshotDeleted:
            return automatic_accounts(live)

    def _add(self, counter: UsageCounter, entry: AuditEntry) -> None:
        if entry.action in _GENERATION_ACTIONS:
            counter.set_automatic(entry.created_at, self._automatic_of(int(entry.subject)))
            return
        reason = entry.changes.get("reason", ("", ""))[1]
        counter.add(LeaseEntry(entry.created_at, entry.action, entry.account_id, entry.user_id, reason))

    def _store(self, counter: UsageCounter) -> None:
        """Store the minutes that changed; the newest stays in memory, as more may follow in it."""
        stored = {
            row.minute: _minute(row)
            for row in db.session.scalars(select(AccountUsage).where(AccountUsage.minute.in_(counter.minutes)))
        }
        changed = [minute for minute in counter.minutes.values() if stored.get(minute.minute) != minute]
        if changed:
            with transaction(bump_revision=False) as session:
                for minute in changed:
                    session.merge(AccountUsage(**minute._asdict(), audit_id=self._counted_id))
        newest = max(counter.minutes, default=None)
        counter.minutes = {newest: counter.minutes[newest]} if newest else {}


def _leased_at(last: AccountUsage) -> list[int]:
    """Return the accounts that were leased when this was the newest row."""
    newest = select(func.max(AuditEntry.id)).where(
        AuditEntry.id <= last.audit_id, AuditEntry.action.in_((ACQUIRED, *ENDED)),
        AuditEntry.created_at > last.minute - LONGEST_LEASE,
    )  # fmt: skip
    query = select(AuditEntry.account_id).where(
        AuditEntry.id.in_(newest.group_by(AuditEntry.account_id)), AuditEntry.action == ACQUIRED
    )
    return [account_id for account_id in db.session.scalars(query) if account_id is not None]


def _minute(row: AccountUsage) -> UsageMinute:
    return UsageMinute(row.minute, row.total, row.in_use, row.peak, row.needed, row.refused)


@dataclass(frozen=True, slots=True)
class UsageView:
    """The use of the automatic accounts in a span of time.

    `hours` begins with the first hour that is known. `peak` is the hour with the most accounts in use, the last of
    equals; None if none were. `to_add` is how many accounts to add, so that `reserve` stay free.
    """

    hours: tuple[UsageHour, ...]
    peak: UsageHour | None
    refused: int
    total: int
    to_add: int


def usage(ctx: ServiceContext, span: str, reserve: int, timezone: ZoneInfo) -> UsageView:
    """Return the use by hours of `timezone` in a span of HOURS that ends with the present hour."""
    starts = hours(span, timezone)
    connection = db.session.connection()  # a session takes twice as long for 9,000 rows of a month
    rows = connection.execute(_COLUMNS.where(AccountUsage.minute >= starts[0]).order_by(AccountUsage.minute))
    before = db.session.execute(
        _COLUMNS.where(AccountUsage.minute < starts[0]).order_by(AccountUsage.minute.desc()).limit(1)
    ).one_or_none()
    found = usage_by_hour(
        list(map(UsageMinute._make, rows.all())), UsageMinute._make(before) if before else None, starts
    )
    used = [hour for hour in reversed(found) if hour.peak]
    total = len(automatic_accounts(live_generation(ctx)[1]))
    return UsageView(
        tuple(found), max(used, key=lambda hour: hour.peak, default=None), sum(hour.refused for hour in found), total,
        accounts_to_add(found, total, reserve),
    )  # fmt: skip


def export(span: str, timezone: ZoneInfo) -> Iterator[UsageMinute]:
    """Yield the minutes in which something changed in a span of HOURS, the oldest first."""
    query = _COLUMNS.where(AccountUsage.minute >= hours(span, timezone)[0]).order_by(AccountUsage.minute)
    return map(UsageMinute._make, db.session.execute(query))


def hours(span: str, timezone: ZoneInfo) -> Sequence[datetime]:
    """Return the beginnings of the hours of a span, in UTC."""
    present = datetime.now(timezone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return [present - timedelta(hours=ago) for ago in reversed(range(HOURS[span]))]
