"""What Asterisk reports about calls: call records (CDR) and the quality of the sound (RTCP reports)."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from ..core.asterisk.dialplan.call_record import MARK
from ..core.call_quality import CallQuality
from .ami import Message

MAX_RECORDS = 10_000  # kept until the next `take`
MAX_CHANNELS = 4_000  # whose quality is kept; the one without a report for longest is dropped
QUIET_TIME = 1.0  # seconds without another record of a channel; Asterisk sends all of them when the channel ends
WIDEBAND = 500  # units of the RTP clock a packet: 960 of Opus (48 kHz), 160 of all others (8 kHz)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One CDR. `values` are those of core.asterisk.dialplan.call_record; empty for a channel that did not dial.

    The times are Asterisk's local ones, without a time zone.
    """

    unique_id: str
    channel: str
    other_channel: str
    is_answered: bool
    is_busy: bool
    started: datetime
    answered: datetime | None
    ended: datetime
    values: tuple[str, ...]
    quality: CallQuality


@dataclass(slots=True)
class _Direction:
    """The reports about one direction of the sound."""

    reports: int = 0
    loss: float = 0.0  # sums
    jitter: float = 0.0
    clock: tuple[int, int] = (0, 0)  # RTP time stamp and packets of the last report
    rate: int = 8  # kHz


@dataclass(slots=True)
class _Channel:
    received: _Direction = field(default_factory=_Direction)
    sent: _Direction = field(default_factory=_Direction)
    round_trips: list[float] = field(default_factory=list)


class CallRecords:
    """Collects the events of calls. Its owner locks it."""

    def __init__(self) -> None:
        self.heard_records = self.heard_quality = False
        self._records: dict[str, tuple[float, list[CallRecord]]] = {}  # by unique id, with the time of the last one
        self._count = 0
        self._channels: OrderedDict[str, _Channel] = OrderedDict()

    def add_record(self, message: Message) -> None:
        """Keep a Cdr event."""
        self.heard_records = True
        record = self._parse(message)
        if record is None or self._count >= MAX_RECORDS:
            return
        self._count += 1
        _, records = self._records.get(record.unique_id, (0.0, []))
        self._records[record.unique_id] = (time.monotonic(), [*records, record])

    def add_report(self, message: Message) -> None:
        """Keep an RTCP report, which is about one direction of a channel's sound."""
        name = message.get("Channel")
        if not name or message.get("ReportCount") != "1":
            return
        self.heard_quality = True
        channel = self._channels.setdefault(name, _Channel())
        self._channels.move_to_end(name)
        if len(self._channels) > MAX_CHANNELS:
            self._channels.popitem(last=False)
        # Asterisk sends reports about what it received from the phone, and receives reports about what it sent to it
        direction = channel.received if message.get("Event") == "RTCPSent" else channel.sent
        direction.reports += 1
        direction.loss += _number(message, "Report0FractionLost") / 256 * 100
        clock = int(_number(message, "SentRTP")), int(_number(message, "SentPackets"))
        units, packets = clock[0] - direction.clock[0], clock[1] - direction.clock[1]
        if direction.clock[1] and packets > 0:
            direction.rate = 48 if units / packets > WIDEBAND else 8
        direction.clock = clock
        direction.jitter += _number(message, "Report0IAJitter") / direction.rate
        if (round_trip := _number(message, "RTT")) > 0:
            channel.round_trips.append(round_trip * 1000)

    def take(self) -> list[list[CallRecord]]:
        """Return and forget the records of each channel that has ended, in order."""
        now = time.monotonic()
        ended = [unique_id for unique_id, (last, _) in self._records.items() if now - last >= QUIET_TIME]
        taken = [self._records.pop(unique_id)[1] for unique_id in ended]
        self._count -= sum(map(len, taken))
        return taken

    def _parse(self, message: Message) -> CallRecord | None:
        try:
            started, ended = (datetime.fromisoformat(message[name]) for name in ("StartTime", "EndTime"))
            answered = message.get("AnswerTime")
            answered_at = datetime.fromisoformat(answered) if answered else None
        except (KeyError, ValueError):
            return None
        values = tuple(message.get("UserField", "").split("|"))
        channel, other = message.get("Channel", ""), message.get("DestinationChannel", "")
        return CallRecord(
            message.get("UniqueID", ""), channel, other, bool(other) and message.get("Disposition") == "ANSWERED",
            message.get("Disposition") == "BUSY", started, answered_at, ended,
            values if values[0] == MARK else (), self._quality(channel).worst(self._quality(other)),
        )  # fmt: skip

    def _quality(self, name: str) -> CallQuality:
        channel = self._channels.get(name)
        if channel is None:
            return CallQuality()
        quality = CallQuality(round_trip=_mean(sum(channel.round_trips), len(channel.round_trips)))
        for one in (channel.received, channel.sent):
            quality = quality.worst(CallQuality(_mean(one.loss, one.reports), _mean(one.jitter, one.reports)))
        return quality


def _mean(total: float, count: int) -> float | None:
    return round(total / count, 1) if count else None


def _number(message: Message, name: str) -> float:
    try:
        return float(message.get(name, "0").partition(" ")[0] or 0)
    except ValueError:
        return 0.0
