"""Events of accounts, trunks and routes: written by the monitor and by generations, read by their history."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ..core.accounts import BUILTIN
from ..core.plan import Plan
from ..db import transaction
from ..models import Event
from ..pbx.event_listener import SignInFailure
from ..pbx.status import Contact
from . import host_statuses
from .context import ServiceContext, utc_now
from .row_limit import RowLimit
from .state import live_generation
from .state_records import PbxStatus

logger = logging.getLogger(__name__)
MAX_UNSAVED = 5000  # rows kept while the database can't be written
Row = dict[str, Any]
_REACHABILITY = {True: ("registered", "reachable"), False: ("unregistered", "unreachable")}  # kind and reason
_TABLE = Event.metadata.tables["event"]


class EventWriter:
    """Writes events of phones and trunks in batches. What exceeds the limit is only counted, in the log."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._unsaved: list[Row] = []  # what the database did not take, for the next time
        self._unsaved_failures: Counter[SignInFailure] = Counter()
        self._limit = RowLimit()

    def write(self, before: PbxStatus, after: PbxStatus, failures: Mapping[SignInFailure, int]) -> None:
        """Write what changed from one status to the next, and sign-ins that failed."""
        accounts = live_generation(self._ctx)[1].accounts
        ids = {account.number: account.id for account in accounts}
        builtin = {str(account.number) for account in accounts if account.phone == BUILTIN}
        failures = {_explained(failure, builtin): count for failure, count in failures.items()}
        elsewhere = host_statuses.phones_at_other_hosts(self._ctx).keys()
        phones = _registration_rows(before, after, ids, elsewhere)
        rows = [*_trunk_rows(before, after), *phones] if before.stamp else []
        kept = rows[: self._take(len(rows))]
        counted = [*failures.items()][: self._take(len(failures))]
        self._unsaved += kept
        self._unsaved_failures.update(dict(counted))
        if left := len(failures) - len(counted) + len(rows) - len(kept):
            logger.warning("%d events of phones and trunks were too many to be stored", left)
        if not self._unsaved and not self._unsaved_failures:
            return
        with transaction(bump_revision=False) as session:
            host = self._ctx.host
            found = [_count(session, host, failure, count, ids) for failure, count in self._unsaved_failures.items()]
            if new := [*filter(None, found), *self._unsaved]:
                session.execute(insert(_TABLE), [row | {"host": host} for row in new])
        self._unsaved, self._unsaved_failures = [], Counter()

    def _take(self, wanted: int) -> int:
        """Return how many of so many rows may be written now, and count them."""
        return self._limit.take(min(wanted, MAX_UNSAVED - len(self._unsaved) - len(self._unsaved_failures)))


def record_generation(session: Session, host: str, number: int, plan: Plan) -> None:
    """Record in the caller's transaction which accounts, trunks and routes a generation changed."""
    accounts = [("added", account) for account in plan.added] + [("removed", account) for account in plan.removed]
    accounts += [("changed", change.new) for change in plan.changed]
    rows = [
        _row("generated", reason=how, account_id=one.id, number=one.number, generation=number) for how, one in accounts
    ]
    for change in plan.routing:
        how = "added" if change.old is None else "removed" if change.new is None else "changed"
        rows.append(_row("generated", reason=how, generation=number, **{f"{change.kind}_id": change.id}))
    if rows:
        session.execute(insert(_TABLE), [row | {"host": host} for row in rows])


def _registration_rows(
    before: PbxStatus, after: PbxStatus, ids: Mapping[int, int], elsewhere: Collection[int]
) -> Iterator[Row]:
    """Yield registrations that began, moved or ended, and phones that began or ceased to answer; no renewals.

    A phone that comes from one of the other hosts (`elsewhere`) has moved; the host that it left tells nothing.
    """
    for number in sorted(before.registrations.keys() | after.registrations.keys()):
        old, new = before.registrations.get(number), after.registrations.get(number)
        subject: Row = {"account_id": ids.get(number), "number": number}
        if old is None or new is None:
            kind = "unregistered" if new is None else "moved" if number in elsewhere else "registered"
            if new or number not in elsewhere:
                yield _row(kind, address=(new or old or Contact("")).address, **subject)
            continue
        if old.address != new.address:
            yield _row("moved", address=new.address, **subject)
        if old.reachable != new.reachable:
            yield _row(*_REACHABILITY[new.reachable], address=new.address, **subject)


def _trunk_rows(before: PbxStatus, after: PbxStatus) -> Iterator[Row]:
    """Yield trunks whose registration or reachability changed."""
    for trunk_id in sorted(before.trunks.keys() & after.trunks.keys()):
        old, new = before.trunks[trunk_id], after.trunks[trunk_id]
        if old.registration != new.registration and new.registration:
            kind = "registered" if new.registration == "Registered" else "unregistered"
            yield _row(kind, trunk_id=trunk_id, reason=new.registration)
        if old.reachable != new.reachable and new.reachable is not None and old.reachable is not None:
            yield _row(*_REACHABILITY[new.reachable], trunk_id=trunk_id)


def _explained(failure: SignInFailure, builtin: Collection[str]) -> SignInFailure:
    """Return the failure with its reason: to other phones the number of a built-in phone's account is unknown."""
    is_known = failure.reason == "unknown_number" and failure.number in builtin
    return replace(failure, reason="not_websocket") if is_known else failure


def _count(session: Session, host: str, failure: SignInFailure, count: int, ids: Mapping[int, int]) -> Row | None:
    """Add to the row of the same host, account, address and minute; return a new row if there is none."""
    number = int(failure.number) if failure.number.isascii() and failure.number.isdecimal() else None
    number = number if number and 100 <= number <= 999 else None
    minute = datetime.fromtimestamp(failure.minute * 60, UTC)
    same = select(Event.id).where(
        Event.created_at == minute, Event.host == host, Event.kind == "auth_failed",
        Event.number.is_not_distinct_from(number), Event.address == failure.address, Event.reason == failure.reason,
    )  # fmt: skip
    row_id = session.scalar(same)
    if row_id is not None:
        session.execute(update(Event).where(Event.id == row_id).values(count=Event.count + count))
        return None
    return _row(
        "auth_failed", created_at=minute, account_id=ids.get(number or 0), number=number,
        address=failure.address, reason=failure.reason, count=count,
    )  # fmt: skip


def _row(kind: str, reason: str = "", **values: Any) -> Row:
    row: Row = {"created_at": utc_now(), "kind": kind, "account_id": None, "trunk_id": None}
    row |= {"route_id": None, "generation": None, "number": None, "address": "", "reason": reason, "count": 1}
    return row | values | {"address": values.get("address", "")[:80]}
