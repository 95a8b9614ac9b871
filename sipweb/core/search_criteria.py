"""What a filter asks of a record: which numbers, choices, texts or times it must have."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .text import search_key


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers from `low` to `high`, both included."""

    low: int
    high: int

    def matches(self, value: int) -> bool:
        """Return whether a value is one of these numbers."""
        return self.low <= value <= self.high

    @property
    def parts(self) -> tuple["Numbers"]:
        """Itself, as NumberList has it."""
        return (self,)


@dataclass(frozen=True, slots=True)
class NumberList:
    """The numbers of several ranges."""

    parts: tuple[Numbers, ...]

    def matches(self, value: int) -> bool:
        """Return whether a value is one of these numbers."""
        return any(part.matches(value) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a filter can have, by its English name."""

    value: str

    def matches(self, values: Collection[str]) -> bool:
        """Return whether this is one of a record's values."""
        return self.value in values


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a text, as a search key."""

    key: str

    def matches(self, value: str) -> bool:
        """Return whether a text contains it."""
        return self.key in search_key(value)


@dataclass(frozen=True, slots=True)
class Period:
    """The time from `start` until before `end`; None where it has no bound."""

    start: datetime | None
    end: datetime | None


Test = Numbers | NumberList | Choice | Text | Period
