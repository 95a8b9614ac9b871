"""The filters of a list's search: their names, and what the values typed for them mean.

A filter and its values have an English and a Polish name. Both are understood whatever the language of the page, so
that an address can be passed on.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, NamedTuple, TypeVar

from .errors import N_
from .search_criteria import Choice, NumberList, Numbers, Period, Text
from .text import search_key

_COMPARED = re.compile(r"(>=|<=|[<>=≥≤])(.+)")
_NUMBER_RANGE = re.compile(r"([0-9]*)(?:\.\.|[-–])([0-9]*)")
_DAY_RANGE = re.compile(r"(.*?)(?:\.\.|–)(.*)")
_DAYS_OF = {"week": 7, "month": 30}
_YEARS = range(2000, 9999)  # others have no midnight in every time zone
_SIGNS = {"≥": ">=", "≤": "<="}
MAX_NUMBER = 10**9
B = TypeVar("B", int, date)


class _Bounds(NamedTuple, Generic[B]):
    """The bounds of a comparison or, with the sign "", of a range; None where there is none."""

    low: B | None
    high: B | None
    sign: str


class Term(NamedTuple):
    """A word of the search field in both languages, and what else is taken for it."""

    en: str
    pl: str
    others: tuple[str, ...] = ()

    def means(self, text: str) -> bool:
        """Return whether a text is this word; case and accents do not matter."""
        return search_key(text) in map(search_key, (self.en, self.pl, *self.others))


TERMS_OF_DAYS = {
    "today": Term("today", "dziś", ("dzisiaj",)), "yesterday": Term("yesterday", "wczoraj"),
    "week": Term("week", "tydzień", ("7d",)), "month": Term("month", "miesiąc", ("30d",)),
}  # fmt: skip
ON_OFF = {
    "on": Term("on", "wł", ("yes", "tak", "włączone")),
    "off": Term("off", "wył", ("no", "nie", "wyłączone")),
}
PHONE = {
    "builtin": Term("builtin", "wbudowany", ("built-in", "softphone", "thulium")), "other": Term("other", "inny"),
}  # fmt: skip


def on_off(flag: bool) -> tuple[str]:
    """Return the value of a filter that is on or off."""
    return ("on" if flag else "off",)


class NumberValue:
    """A filter of numbers: 10, >10, <=20, 10-20, or several of them with commas: 220-259,270."""

    expected = N_(
        "The filter “%(name)s” needs a number, for example %(name)s:10, %(name)s:>10, %(name)s:<=20, "
        "%(name)s:10-20 or %(name)s:10,15-20."
    )

    @staticmethod
    def parse(text: str, _now: datetime) -> Numbers | NumberList | None:
        """Return the numbers that a text means, or None."""
        parts = tuple(filter(None, map(NumberValue._parse_part, text.split(","))))
        if len(parts) <= text.count(","):
            return None
        return parts[0] if len(parts) == 1 else NumberList(parts)

    @staticmethod
    def _parse_part(text: str) -> Numbers | None:
        bounds = _bounds(text.strip(), _NUMBER_RANGE, _number)
        if bounds is None:
            return None
        low = 0 if bounds.low is None else bounds.low + (bounds.sign == ">")
        high = MAX_NUMBER if bounds.high is None else bounds.high - (bounds.sign == "<")
        return Numbers(low, high) if bounds.sign else Numbers(min(low, high), max(low, high))


class TextValue:
    """A filter of texts: a part of them."""

    expected = N_("The filter “%(name)s” needs a value, for example %(name)s:%(example)s.")

    @staticmethod
    def parse(text: str, _now: datetime) -> Text | None:
        """Return what a text must contain, or None."""
        key = search_key(text).strip()
        return Text(key) if key else None


class DayValue:
    """A filter of days: today, yesterday, week, month, 2026-11-24, >2026-11-24, or 2026-11-01..2026-11-24."""

    expected = N_(
        "The filter “%(name)s” needs a day, for example %(name)s:today, %(name)s:week, %(name)s:2026-11-24"
        " or %(name)s:>2026-11-01."
    )

    @staticmethod
    def parse(text: str, now: datetime) -> Period | None:
        """Return the time that a text means, or None. `now` is in the user's time zone."""
        today = now.date()
        name = next((name for name, term in TERMS_OF_DAYS.items() if term.means(text)), "")
        if name in _DAYS_OF:
            return _period(today - timedelta(days=_DAYS_OF[name] - 1), None, now)
        if name:
            day = today - timedelta(days=name == "yesterday")
            return _period(day, day, now)
        bounds = _bounds(text, _DAY_RANGE, _day)
        if bounds is None:
            return None
        first = bounds.low and bounds.low + timedelta(days=bounds.sign == ">")
        last = bounds.high and bounds.high - timedelta(days=bounds.sign == "<")
        if first and last and last < first:
            first, last = last, first
        return _period(first, last, now)


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    """A filter with a few values."""

    terms: Mapping[str, Term]
    expected = N_("The filter “%(name)s” can be: %(values)s.")

    def parse(self, text: str, _now: datetime) -> Choice | None:
        """Return the value that a text means, or None."""
        return next((Choice(value) for value, term in self.terms.items() if term.means(text)), None)


Value = NumberValue | TextValue | DayValue | ChoiceValue
NUMBER, TEXT, DAY = NumberValue(), TextValue(), DayValue()


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list. `label` is what it filters by; `examples` are values, for the help."""

    term: Term
    value: Value
    label: str
    examples: tuple[str | Term, ...] = ()

    @property
    def name(self) -> str:
        """The English name."""
        return self.term.en

    @property
    def terms(self) -> tuple[str | Term, ...]:
        """The examples of the help: all values where they are few."""
        if isinstance(self.value, ChoiceValue):
            return tuple(self.value.terms.values())
        return self.examples


CHANGED = Filter(
    Term("changed", "zmienione", ("zmiana",)), DAY, N_("Last change"), tuple(TERMS_OF_DAYS.values())
)  # fmt: skip


def _bounds(text: str, in_range: re.Pattern[str], parse_bound: Callable[[str], B | None]) -> _Bounds[B] | None:
    """Return what a comparison, a range or a single value means; None for none of them."""
    if compared := _COMPARED.fullmatch(text):
        sign, bound = _SIGNS.get(compared[1], compared[1]), parse_bound(compared[2])
        if bound is None:
            return None
        return _Bounds(None if sign in ("<", "<=") else bound, None if sign in (">", ">=") else bound, sign)
    parts = match.groups() if (match := in_range.fullmatch(text)) else (text, text)
    bounds = [parse_bound(part) for part in parts]
    if not any(parts) or any(part and bound is None for part, bound in zip(parts, bounds, strict=True)):
        return None
    return _Bounds(bounds[0], bounds[1], "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if len(text) == 10 and day.year in _YEARS else None  # 20261124 is ISO too


def _period(first: date | None, last: date | None, now: datetime) -> Period:
    """Return the time from the first to the last day, both included, in the time zone of `now`."""
    start = datetime.combine(first, time.min, now.tzinfo) if first else None
    return Period(start, datetime.combine(last + timedelta(days=1), time.min, now.tzinfo) if last else None)
