"""The call history as pages show it: searched, exported, and what its collection lacks."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.sql import ColumnElement

from ..core.call_quality import CallQuality
from ..core.errors import N_, Invalid
from ..core.text import search_key
from ..db import db
from ..models import Call
from . import host_statuses
from .context import ServiceContext
from .hosts import all_hosts
from .local_recordings import keys_of_day
from .recording_files import DAY, parse_day
from .remote_recordings import is_own_folder, keys_of_days

PAGE = 100  # calls of one page
BATCH = 1000  # calls that an export reads at once
RESULTS = (
    "answered", "busy", "no_answer", "declined", "cancelled", "not_registered", "unknown", "invalid", "not_allowed",
    "trunks_failed", "failed",
)  # fmt: skip


class CallQuery(NamedTuple):
    """What is searched for; "" for anything. `first` and `last` are ISO dates."""

    number: str = ""
    user: str = ""
    first: str = ""
    last: str = ""
    result: str = ""
    cause: str = ""
    trunk: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class CallItem:
    """One call, as models.Call describes it.

    `recording` is empty if there is no such file any more, as far as is known: the host that has it may be away.
    `recording_host` is that host, "" if the file is in the own folder.
    """

    id: int
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    caller: str
    caller_id: int | None
    caller_name: str
    number: str
    callee: str
    callee_id: int | None
    callee_name: str
    transferred_by: str
    forwarded_by: str
    forwarded_by_id: int | None
    result: str
    cause: int | None
    sip_status: int | None
    trunk: str
    trunks: tuple[str, ...]
    recording: str
    unique_id: str
    linked_id: str
    quality: CallQuality
    recording_host: str = ""

    @property
    def seconds(self) -> int:
        """How long the call took, with the ringing."""
        return round((self.ended_at - self.started_at).total_seconds())

    @property
    def talk_seconds(self) -> int:
        """How long the parties talked."""
        return round((self.ended_at - self.answered_at).total_seconds()) if self.answered_at else 0


@dataclass(frozen=True, slots=True)
class CallPage:
    """One page of calls; `more` if there are older ones."""

    calls: tuple[CallItem, ...]
    more: bool


def search(ctx: ServiceContext, query: CallQuery, timezone: ZoneInfo, before: int = 0) -> CallPage:
    """Return the newest calls that match, older than the call `before`. The days are those of `timezone`.

    Raises:
        Invalid: not a date, or not a cause.
    """
    rows = _page(_matching(query, timezone), before, PAGE + 1)
    return CallPage(tuple(_items(ctx, rows[:PAGE])), len(rows) > PAGE)


def export(ctx: ServiceContext, query: CallQuery, timezone: ZoneInfo) -> Iterator[CallItem]:
    """Yield all calls that match, the newest first. The arguments are checked before the first is asked for."""
    return _all(ctx, _matching(query, timezone))


def calls_of_account(account_id: int, before: int, count: int) -> list[CallItem]:
    """Return the newest calls from and to an account, and those that it forwarded, older than the call `before`.

    They are without their recordings.
    """
    # queries each of which reads an index; the database would sort the result of one with OR
    found = {
        row.id: row
        for column in (Call.caller_id, Call.callee_id, Call.forwarded_by_id)
        for row in _page(select(Call).where(column == account_id), before, count)
    }
    newest = sorted(found.values(), key=lambda row: (row.started_at, row.id), reverse=True)
    return [_item(row, "") for row in newest[:count]]


def collection_problems(ctx: ServiceContext) -> dict[str, str]:
    """Return host → what its collection of calls lacks. The only host has the name "".

    The problem `no_pbx` is that there is no Asterisk, here or on another host.
    """
    others = host_statuses.other_hosts(ctx)
    found = {host: one.call_problem for host, one in others.statuses.items()}
    if ctx.pbx.has_asterisk:
        found[ctx.host if others.known else ""] = collection_problem(ctx)
    elif not any(one.stamp for one in others.known.values()):
        found[""] = "no_pbx"
    return {host: problem for host, problem in sorted(found.items()) if problem}


def collection_problem(ctx: ServiceContext) -> str:
    """Return what this host's collection of calls lacks, as call_collection found it, or ""."""
    try:
        problem = json.loads((ctx.runtime_dir / "calls.json").read_text())["problem"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return problem if isinstance(problem, str) else ""


def _matching(query: CallQuery, timezone: ZoneInfo) -> Select[Call]:
    conditions: list[ColumnElement[bool]] = []
    if query.number:
        columns = (Call.caller, Call.number, Call.callee, Call.forwarded_by)
        conditions.append(or_(*(column.contains(query.number, autoescape=True) for column in columns)))
    if query.user:
        conditions.append(Call.search.contains(search_key(query.user), autoescape=True))
    if query.first:
        conditions.append(Call.started_at >= _midnight(query.first, "from", timezone))
    if query.last:
        conditions.append(Call.started_at < _midnight(query.last, "to", timezone, days=1))
    if query.result in RESULTS:
        conditions.append(Call.result == query.result)
    if query.cause:
        if not (query.cause.isascii() and query.cause.isdecimal() and len(query.cause) <= 3):
            raise Invalid(N_("Enter the cause as a number, for example 17 or 486."), "cause")
        conditions.append(or_(Call.cause == int(query.cause), Call.sip_status == int(query.cause)))
    if query.trunk:
        conditions.append(Call.trunks.icontains(query.trunk, autoescape=True))
    if query.recording in ("yes", "no"):
        conditions.append(Call.recording != "" if query.recording == "yes" else Call.recording == "")
    return select(Call).where(*conditions)


def _midnight(day: str, name: str, timezone: ZoneInfo, days: int = 0) -> datetime:
    if not DAY.fullmatch(day) or parse_day(day) >= date.max - timedelta(days=2) or parse_day(day).year < 2:
        raise Invalid(N_("Enter the date as YYYY-MM-DD, for example 2026-11-24."), name)
    moment = datetime.combine(parse_day(day) + timedelta(days=days), datetime.min.time(), timezone)
    return moment.astimezone(UTC)


def _page(query: Select[Call], before: int, count: int) -> Sequence[Call]:
    if before and (at := db.session.scalar(select(Call.started_at).where(Call.id == before))):
        older = or_(Call.started_at < at, and_(Call.started_at == at, Call.id < before))
        query = query.where(Call.started_at <= at, older)  # the first condition lets the index be used
    return db.session.scalars(query.order_by(Call.started_at.desc(), Call.id.desc()).limit(count)).all()


def _all(ctx: ServiceContext, query: Select[Call]) -> Iterator[CallItem]:
    before = 0
    while rows := _page(query, before, BATCH):
        before = rows[-1].id
        yield from _items(ctx, rows)
        db.session.expunge_all()  # so that the rows of a long export do not stay in memory


def _items(ctx: ServiceContext, rows: Sequence[Call]) -> Iterator[CallItem]:
    places = _places(ctx, [row for row in rows if row.recording])
    for row in rows:
        host = places.get(row.id)
        yield _item(row, "" if host is None else row.recording, host or "")


def _places(ctx: ServiceContext, rows: Sequence[Call]) -> dict[int, str]:
    """Return the hosts that have the recordings of calls, by the call's id: "" for the own folder."""
    recordings = {row.id: row.recording.partition("/")[::2] for row in rows}
    keys = {day: keys_of_day(ctx.recordings_dir, day) for day in {day for day, _key in recordings.values()}}
    here = {row.id: "" for row in rows if _is_among(recordings[row.id], keys)}
    elsewhere = [row for row in rows if row.id not in here]
    return here | _places_elsewhere(ctx, elsewhere, recordings) if elsewhere else here


def _places_elsewhere(
    ctx: ServiceContext, rows: Sequence[Call], recordings: Mapping[int, tuple[str, ...]]
) -> dict[int, str]:
    """Return the other hosts that have the recordings of calls, by the call's id.

    The host of a call is asked; if it was removed or renamed since, all hosts are: any may have its files.
    """
    hosts = all_hosts()
    names, others = {host.name for host in hosts}, [host for host in hosts if not is_own_folder(ctx, host)]
    candidates = {row.id: [host for host in others if host.name == row.host or row.host not in names] for row in rows}
    asked = {host.name: host for found in candidates.values() for host in found}
    days = {recordings[row_id][0] for row_id, found in candidates.items() if found}
    answers = keys_of_days(ctx, list(asked.values()), days) if asked else {}
    places = {}
    for row in rows:
        has_it = (host.name for host in candidates[row.id] if _is_among(recordings[row.id], answers.get(host.name, {})))
        # nobody knows whether a host that does not answer still has it
        silent = row.host if row.host in asked and row.host not in answers else None
        if place := next(has_it, silent):
            places[row.id] = place
    return places


def _is_among(recording: tuple[str, ...], keys: Mapping[str, Collection[str]]) -> bool:
    day, key = recording
    return key in keys.get(day, ())


def _item(row: Call, recording: str, recording_host: str = "") -> CallItem:
    return CallItem(
        row.id, row.started_at, row.answered_at, row.ended_at, row.caller, row.caller_id, row.caller_name, row.number,
        row.callee, row.callee_id, row.callee_name, row.transferred_by, row.forwarded_by, row.forwarded_by_id,
        row.result, row.cause, row.sip_status, row.trunk, tuple(row.trunks.splitlines()), recording, row.unique_id,
        row.linked_id, CallQuality(row.loss, row.jitter, row.round_trip), recording_host,
    )  # fmt: skip
