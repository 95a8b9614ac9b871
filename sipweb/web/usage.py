"""Account usage: how many automatic accounts are in use over time, and whether they suffice."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from ..core.account_usage import UsageHour
from ..services import account_usage as service
from . import formatting
from .access import current_context
from .settings import current_settings

bp = Blueprint("usage", __name__)
COLUMNS = ("minute", "automatic_accounts", "in_use", "peak", "free_at_peak", "refused", "accounts_needed")
LABELS = {"day": 4, "week": 7, "month": 6}  # span → how many labels the plot's axis has


class Plot(NamedTuple):
    """The bars of a plot as paths of SVG: 10 units wide for each hour of the span, 100 high for `highest` accounts."""

    width: int
    highest: int
    used: str
    free: str
    refused: str


@bp.get("/usage")
def index() -> ResponseReturnValue:
    """Show the use of the automatic accounts in the last day, week or 30 days."""
    span, timezone = _span(), ZoneInfo(str(get_timezone()))
    view = service.usage(current_context(), span, current_settings().free_warning, timezone)
    starts = service.hours(span, timezone)
    locale = formatting.date_locale()

    def time(moment: datetime) -> str:
        return formatting.weekday_and_time(moment.astimezone(timezone), locale)

    return render_template(
        "usage/index.html",
        span=span,
        view=view,
        hours=[(time(hour.start), hour) for hour in reversed(view.hours)],
        plot=_plot(view.hours, len(starts)),
        axis=[time(start) for start in starts[:: len(starts) // LABELS[span]]],
        peak_time=time(view.peak.peak_at) if view.peak and view.peak.peak_at else "",
    )


@bp.get("/usage/export")
def export() -> ResponseReturnValue:
    """Send each minute in which something changed as CSV."""
    timezone = ZoneInfo(str(get_timezone()))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in service.export(_span(), timezone):
        minute = row.minute.astimezone(timezone).isoformat(timespec="minutes")
        writer.writerow((minute, row.total, row.in_use, row.peak, row.total - row.peak, row.refused, row.needed))
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=account-usage.csv"
    return response


def _span() -> str:
    span = request.args.get("span", "")
    return span if span in service.HOURS else "day"


def _plot(hours: Sequence[UsageHour], hour_count: int) -> Plot:
    highest = max((max(hour.total, hour.peak) for hour in hours), default=0)
    unit, first = 100 / (highest or 1), hour_count - len(hours)
    bars = [(10 * number + 1, 100 - hour.peak * unit, hour) for number, hour in enumerate(hours, first)]
    return Plot(
        10 * hour_count,
        highest,
        used="".join(f"M{x} {y:.1f}h8V100h-8z" for x, y, hour in bars if hour.peak),
        free="".join(f"M{x} {y - hour.free * unit:.1f}h8V{y:.1f}h-8z" for x, y, hour in bars if hour.free),
        refused="".join(f"M{x} 0h8v6h-8z" for x, _, hour in bars if hour.refused),
    )
