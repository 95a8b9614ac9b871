"""Administration → Telecommunication → Calls: the call history, searched and exported."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from ..core.call_quality import MAX_JITTER, MAX_LOSS, MAX_ROUND_TRIP
from ..core.csv_files import write_rows
from ..core.errors import Invalid
from ..core.numbers import normalize_dialled_number
from ..services import calls as service
from ..services import hosts
from ..services.calls import CallItem, CallPage, CallQuery
from .access import current_context
from .forms import parse_id
from .list_query import changed_argument
from .locale import translate_message

bp = Blueprint("calls", __name__)
ARGUMENTS = {"number": "", "user": "", "from": "", "to": "", "result": "", "cause": "", "trunk": "", "recording": ""}
COLUMNS = (
    "started_at", "answered_at", "ended_at", "seconds", "talk_seconds", "caller", "caller_name", "number", "callee",
    "callee_name", "transferred_by", "forwarded_by", "result", "cause", "sip_status", "trunk", "trunks_tried",
    "recording", "packet_loss_percent", "jitter_ms", "round_trip_ms", "unique_id", "linked_id",
)  # fmt: skip
LIMITS = {"loss": MAX_LOSS, "jitter": MAX_JITTER, "round_trip": MAX_ROUND_TRIP}


@bp.get("/calls")
def index() -> ResponseReturnValue:
    """Show the newest calls, or those that match the search."""
    ctx, query = current_context(), _query()
    error, status = None, 200
    try:
        page = service.search(ctx, query, _timezone(), parse_id(request.args.get("before")) or 0)
    except Invalid as invalid:
        page, status = CallPage((), more=False), 422
        error = invalid.field, translate_message(invalid.message, invalid.values)
    content = render_template(
        "calls/index.html",
        page=page,
        query=query,
        filters={name: value for name, value in zip(ARGUMENTS, query, strict=True) if value},
        changed_argument=changed_argument(ARGUMENTS),
        error=error,
        problems=service.collection_problems(ctx),
        days=hosts.longest_days(ctx, "call_days"),
        limits=LIMITS,
    )
    return content, status


@bp.get("/calls/export")
def export() -> ResponseReturnValue:
    """Send all calls that match the search as CSV, in UTF-8 with a mark by which spreadsheets recognise it."""
    timezone = _timezone()
    items = service.export(current_context(), _query(), timezone)
    response = Response(stream_with_context(write_rows(_rows(items, timezone))), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=calls.csv"
    return response


def _rows(items: Iterator[CallItem], timezone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    yield from (_values(item, timezone) for item in items)


def _values(item: CallItem, timezone: ZoneInfo) -> tuple[object, ...]:
    moments = item.started_at, item.answered_at, item.ended_at
    times = (moment and moment.astimezone(timezone).isoformat() for moment in moments)
    return (
        *times, item.seconds, item.talk_seconds, item.caller, item.caller_name, item.number, item.callee,
        item.callee_name, item.transferred_by, item.forwarded_by, item.result, item.cause, item.sip_status, item.trunk,
        ", ".join(item.trunks), item.recording, item.quality.loss, item.quality.jitter, item.quality.round_trip,
        item.unique_id, item.linked_id,
    )  # fmt: skip


def _query() -> CallQuery:
    values = {name: request.args.get(name, "").strip()[:80] for name in ARGUMENTS}
    values["number"] = normalize_dialled_number(values["number"])
    return CallQuery(*values.values())


def _timezone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))
