"""Values, times and durations as the screen shows them."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_skeleton, format_time
from flask_babel import format_decimal, get_locale, gettext, to_user_timezone

from ..core.provisioning import shown_mac
from ..services.context import utc_now
from .labels import CHOICES, phone_name
from .locale import translate_message

_FORMATS = {"phone": phone_name, "external_phone": phone_name, "mac": shown_mac}


def format_value(field: str, content: object) -> str:
    """Return a field's value as it is shown."""
    if field in CHOICES:
        return str(CHOICES[field].get(str(content), content))
    if field in _FORMATS:
        return _FORMATS[field](str(content)) if content else ""
    if field == "hosts":  # of a snapshot, which has them only if there are several
        content = content or gettext("only one")
    if isinstance(content, bool):
        return gettext("yes") if content else gettext("no")
    if isinstance(content, (list, tuple)):
        return ", ".join(str(item) for item in content)
    if isinstance(content, dict) and "message" in content:  # an error, as the audit log stores it
        return translate_message(content["message"], content["values"])
    return "" if content is None else str(content)


def duration(seconds: int) -> str:
    """Format a duration as 1:05 or 1:00:05."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def browser_name(user_agent: str) -> str:
    """Return the browser and the system of a User-Agent header as far as they are known, as Firefox, Windows."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS",
        "Linux": "Linux",
    }  # fmt: skip
    names = [next((name for mark, name in known.items() if mark in user_agent), "") for known in (browsers, systems)]
    return ", ".join(filter(None, names)) or user_agent[:40] or "–"


def time_span(span: timedelta) -> str:
    """Format a time to the minute, as 30 min, 12 h or 1 h 30 min."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


def decimal(number: float) -> str:
    """Return a number in the page's language, as 0.4 or 0,4."""
    text: str = format_decimal(number)
    return text


def date_and_time(timestamp: datetime) -> str:
    """Return date and time, as 25 Nov 2026, 12:38."""
    return _date_and_time(timestamp, "short")


def exact_time(timestamp: datetime) -> str:
    """Return date and time to the second, as 25 Nov 2026, 12:38:05."""
    return _date_and_time(timestamp, "medium")


def time_ago(timestamp: datetime) -> str:
    """Return how long ago, as text; show the exact time next to it."""
    past = utc_now() - timestamp
    if past < timedelta(minutes=1):
        return gettext("just now")
    if past < timedelta(hours=1):
        return gettext("%(count)s min ago", count=int(past.total_seconds() // 60))
    return date_and_time(timestamp)


def short_time(timestamp: datetime) -> str:
    """Return the time of day, with the date unless it is today."""
    local = to_user_timezone(timestamp)
    is_today = local.date() == to_user_timezone(utc_now()).date()
    return format_time(local, "short", locale=date_locale()) if is_today else date_and_time(timestamp)


def weekday_and_time(local: datetime, locale: str) -> str:
    """Return weekday, date and time, as Mon 23 Nov, 09:40, of a local time; `locale` is date_locale()."""
    return f"{_weekday_and_date(local.date(), locale)}, {local:%H:%M}"


@lru_cache(maxsize=100)  # 720 hours of a page have 31 days
def _weekday_and_date(day: date, locale: str) -> str:
    return format_skeleton("MMMEd", day, locale=locale)


def _date_and_time(timestamp: datetime, precision: Literal["short", "medium"]) -> str:
    local, locale = to_user_timezone(timestamp), date_locale()
    return f"{format_date(local, locale=locale)}, {format_time(local, precision, locale=locale)}"


def date_locale() -> str:
    """Return the locale of dates: English ones are European, with 24 hours."""
    language = str(get_locale())
    return "en_GB" if language == "en" else language
