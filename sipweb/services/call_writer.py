"""The call history: made of Asterisk's call records (CDR) and written in batches by the monitor."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..core.asterisk.dialplan.hosts import HOST_PREFIX
from ..core.asterisk.dialplan.outbound import trunk_name
from ..core.asterisk.dialplan.test_call import TEST_CALL
from ..core.snapshot import Snapshot
from ..core.text import search_key
from ..db import transaction
from ..models import AuditEntry, Call, Lease, User
from ..pbx.call_records import CallRecord
from .calls import RESULTS
from .context import ServiceContext
from .row_limit import RowLimit
from .state import live_generation

logger = logging.getLogger(__name__)
MAX_UNSAVED = 5000  # channels whose calls are kept while the database can't be written
QUARTER = 900  # seconds; time zones differ from UTC by whole quarters of an hour
Row = dict[str, Any]
Records = Sequence[CallRecord]
_RESULTS = {"17": "busy", "19": "no_answer", "20": "not_registered", "21": "declined", "1": "unknown", "28": "invalid"}
_REFUSALS = {"21": "not_allowed", "34": "trunks_failed", "1": "unknown", "28": "invalid"}


class CallWriter:
    """Writes calls that ended. What exceeds the limit is only counted, in the log."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._unsaved: list[Records] = []
        self._limit = RowLimit()

    def write(self, channels: Sequence[Records]) -> None:
        """Write the calls of channels that ended. What the database does not take is kept for the next time."""
        kept = channels[: self._limit.take(min(len(channels), MAX_UNSAVED - len(self._unsaved)))]
        self._unsaved += kept
        if left := len(channels) - len(kept):
            logger.warning("%d calls were too many to be stored", left)
        if not self._unsaved:
            return
        live = live_generation(self._ctx)[1]
        with transaction(bump_revision=False) as session:
            builder = _RowBuilder(session, live)
            if rows := [row for records in self._unsaved for row in builder.rows(records)]:
                session.execute(insert(Call), [row | {"host": self._ctx.host} for row in rows])
        self._unsaved = []


def longest_talk(channels: Sequence[Records]) -> float:
    """Return the seconds of the longest conversation; 0 if there is none."""
    talks = (record.ended - record.started for records in channels for record in records if record.is_answered)
    return max((one.total_seconds() for one in talks), default=0.0)


@dataclass(frozen=True, slots=True)
class _Noted:
    """What the dialplan noted in a CDR (core.asterisk.dialplan.call_record)."""

    call: str
    started: int
    account: str
    caller: str
    number: str
    transferrer: str
    linked_id: str
    outcome: str
    sip_status: str
    previous_outcome: str
    recording: str
    trunks: tuple[int, ...]
    forwarder: str

    @classmethod
    def parse(cls, values: Sequence[str]) -> "_Noted | None":
        """Read the values; None if they are not complete."""
        if len(values) not in (13, 14) or not values[2].isdecimal():  # the mark and 13 values, 12 before version 12
            return None
        trunks = tuple(int(one) for one in values[12].split("+") if one.isdecimal())
        account, caller, number, transferrer, linked_id, outcome, sip_status, previous, recording = values[3:12]
        return cls(
            values[1], int(values[2]), account, caller, number, transferrer, linked_id, outcome, sip_status, previous,
            recording, trunks, "".join(values[13:]),
        )  # fmt: skip


class _RowBuilder:
    """Makes rows of the records of one channel."""

    def __init__(self, session: Session, live: Snapshot) -> None:
        self._session = session
        self._accounts = {str(account.number): account for account in live.accounts}
        self._trunks = {trunk.id: trunk.name for trunk in live.trunks}

    def rows(self, records: Records) -> Iterator[Row]:
        """Yield a row for each call that the channel made: all records of a call have its number in the channel."""
        noted = [(record, _Noted.parse(record.values)) for record in records]
        previous = {one.call: one.previous_outcome for _, one in noted if one}
        for call, group in groupby(noted, lambda pair: pair[1].call if pair[1] else ""):
            pairs = list(group)
            newest = pairs[-1][1]
            if newest is None:
                yield from self._undialled(record for record, _ in pairs)
            else:
                outcome = newest.outcome or previous.get(str(int(call) + 1), "")
                yield from self._dialled([record for record, _ in pairs], newest, outcome)

    def _dialled(self, records: Records, noted: _Noted, outcome: str) -> Iterator[Row]:
        offset = _utc_offset(records[0].started, noted.started)
        started = datetime.fromtimestamp(noted.started, UTC)
        answered = [record for record in records if record.is_answered] if not outcome else []
        forwarder = self._accounts.get(noted.forwarder)
        common = {
            "linked_id": noted.linked_id[:80], "caller": noted.account or noted.caller, "number": noted.number,
            "transferred_by": noted.transferrer, "forwarded_by": noted.forwarder,
            "forwarded_by_id": forwarder.id if forwarder else None, "sip_status": _integer(noted.sip_status),
            "trunks": "\n".join(dict.fromkeys(self._trunk(one) for one in noted.trunks)),
        }  # fmt: skip
        if not answered:
            result, cause = _result(outcome, noted, is_busy=records[0].is_busy)
            # an account that was called without success has its name too
            callee = noted.number if noted.number in self._accounts and not noted.trunks else ""
            ended = records[-1].ended - offset
            values = common | {"cause": cause, "callee": callee}
            yield self._row(records[-1], (started, None, ended), result, values)
        for index, record in enumerate(answered):  # the other party may have changed: an attended transfer
            begin = started if index == 0 else record.started - offset
            used = _endpoint(record.other_channel)
            trunk = self._trunk(noted.trunks[-1]) if noted.trunks and used.startswith(trunk_name(0)[:-1]) else ""
            if used.startswith(HOST_PREFIX):  # at another PBX host is the phone that was dialled, or is not known
                used = noted.number if index == 0 else ""
            values = {"callee": "" if trunk else used, "trunk": trunk, "sip_status": None}
            values["recording"] = noted.recording if index == 0 else ""
            if index:
                values["number"] = used if used in self._accounts else noted.number
            answered_at = (record.answered or record.started) - offset
            times = begin, answered_at, record.ended - offset
            yield self._row(record, times, "answered", common | values)

    def _undialled(self, records: Iterator[CallRecord]) -> Iterator[Row]:
        """Yield conversations of two parties of whom neither dialled the other: the end of an attended transfer.

        A call of services.test_call is none, and a call from another PBX host is in the list as a call of that host.
        """
        for record in records:
            one, other = _endpoint(record.channel), _endpoint(record.other_channel)
            if TEST_CALL in record.channel or HOST_PREFIX in record.channel + record.other_channel:
                continue
            if one not in self._accounts:
                one, other = other, one
            if record.is_answered and record.ended > record.started and one in self._accounts:
                started, ended = record.started.astimezone(UTC), record.ended.astimezone(UTC)
                callee = other if other in self._accounts else ""
                values = {"caller": one, "number": callee, "callee": callee}
                yield self._row(record, (started, started, ended), "answered", values)

    def _row(
        self, record: CallRecord, times: tuple[datetime, datetime | None, datetime], result: str, values: Row
    ) -> Row:
        started, answered, ended = (one and one.replace(tzinfo=UTC) for one in times)
        assert started
        assert ended
        row: Row = {
            "unique_id": record.unique_id[:80], "linked_id": "", "started_at": started,
            "answered_at": answered and max(started, answered),
            "ended_at": max(started, ended), "transferred_by": "", "forwarded_by": "",
            "forwarded_by_id": None, "result": result,
            "cause": None, "sip_status": None, "trunk": "", "trunks": "", "recording": "",
            "loss": record.quality.loss, "jitter": record.quality.jitter, "round_trip": record.quality.round_trip,
        } | values  # fmt: skip
        for party in ("caller", "callee"):
            account = self._accounts.get(row[party])
            row[f"{party}_id"] = account.id if account else None
            row[f"{party}_name"] = (self._agent(account.id, started) or account.user) if account else ""
        row["search"] = search_key(f"{row['caller_name']} {row['callee_name']}")[:330]
        return row

    def _agent(self, account_id: int, at: datetime) -> str:
        """Return the name of the agent who used the account at that time; "" if nobody did."""
        lease = select(User.name).join(Lease, Lease.user_id == User.id)
        lease = lease.where(Lease.account_id == account_id, Lease.acquired_at <= at + timedelta(seconds=1))
        if name := self._session.scalar(lease):
            return name
        last = select(AuditEntry.action, User.name).outerjoin(User, User.id == AuditEntry.user_id)
        last = last.where(
            AuditEntry.account_id == account_id, AuditEntry.action.startswith("lease."),
            AuditEntry.action != "lease.refused", AuditEntry.created_at <= at + timedelta(seconds=1),
        ).order_by(AuditEntry.id.desc())  # fmt: skip
        entry = self._session.execute(last.limit(1)).first()
        return (entry[1] or "") if entry and entry[0] == "lease.acquire" else ""

    def _trunk(self, trunk_id: int) -> str:
        return self._trunks.get(trunk_id, f"#{trunk_id}")


def _result(outcome: str, noted: _Noted, *, is_busy: bool) -> tuple[str, int | None]:
    """Return the result and the cause of a call that nobody answered."""
    if not outcome and is_busy:
        outcome = "17"
    if not outcome:
        return "cancelled", None
    code = outcome.removeprefix("r")
    result = (_REFUSALS if outcome.startswith("r") else _RESULTS).get(code, "failed")
    if result == "not_registered" and noted.trunks:
        result = "no_answer"  # the provider says that the called party is not available
    assert result in RESULTS
    return result, _integer(code)


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _utc_offset(local: datetime, timestamp: int) -> timedelta:
    """Return how far Asterisk's clock on the wall is ahead of UTC; both are of about the same moment."""
    ahead = (local.replace(tzinfo=UTC) - datetime.fromtimestamp(timestamp, UTC)).total_seconds()
    return timedelta(seconds=round(ahead / QUARTER) * QUARTER)


def _endpoint(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]
