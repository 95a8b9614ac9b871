"""Patterns of routing rules: regular expressions on the whole dialled number, from a subset that is safe and means the
same here and in Asterisk (POSIX extended expressions of the C library).

A digit or `#` stands for itself, `.` for any character that can be dialled, `[0-9*#+]` for one of several, `[^…]` for
any other; `(…)` groups, `|` separates alternatives, and `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}` repeat what stands before
them. A star or plus that is dialled is written `[*]`, `[+]` or with a backslash. `^` and `$` around the whole may be
left out, as the whole number is always meant. Nothing can stall: repetitions do not stand inside repetitions, and what
they stand for in all is bounded (measured with the C library: at most 0.4 ms for the worst patterns).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import N_, Invalid

DIALLED = "0123456789*#+"
LONGEST = 200  # characters of a pattern
MOST = 32  # repetitions, and characters of a number
DEEPEST = 10  # groups within groups
HEAVIEST = 300  # characters that a pattern stands for, see _Part
Match = Callable[[str, frozenset[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern: its canonical text, where it can end when it begins at these places, whether it repeats.

    `weight` counts the characters it stands for when repetitions are written out; what may repeat up to a bound counts
    four times, as the C library then has that many more places to try.
    """

    posix: str
    ends: Match
    weight: int
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """`posix` is what the dialplan gets: digits, `.`, classes, groups and repetitions; neither quotes nor backslashes."""

    posix: str
    _ends: Match

    def matches(self, number: str) -> bool:
        """Whether the pattern means this whole number. Takes time in proportion to both lengths."""
        return (
            len(number) <= MOST and set(number) <= set(DIALLED) and len(number) in self._ends(number, frozenset((0,)))
        )


def parse(text: str) -> Pattern:
    """Read a pattern as it was typed. Raises Invalid, showing the place of what is not understood."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(N_("A pattern has at most %(count)s characters."), "pattern", count=LONGEST)
    reader = _Reader(text)
    part = reader.alternatives()
    if reader.next:
        raise reader.stop()
    if part.weight > HEAVIEST:
        raise Invalid(N_("This pattern repeats too much. Write simpler rules, or several."), "pattern")
    return Pattern(part.posix, part.ends)


class _Reader:
    """One pass over the text, from left to right."""

    def __init__(self, text: str) -> None:
        self._whole, self._text = text, text.removeprefix("^").removesuffix("$")
        self._at, self._skipped, self._depth = 0, len(text) - len(text.removeprefix("^")), 0

    @property
    def next(self) -> str:
        return self._text[self._at : self._at + 1]

    def stop(self, message: str = "", place: int | None = None) -> Invalid:
        """What is wrong, and where."""
        at = self._at if place is None else place
        if not self._text[at:]:
            message = message or N_("The pattern ends too early.")
        message = message or N_("%(char)s cannot stand at place %(place)s of the pattern: %(text)s")
        values = {"char": self._text[at : at + 1], "place": at + 1 + self._skipped, "text": self._whole}
        return Invalid(message, "pattern", **(values if "%(" in message else {}))

    def alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._took("|"):
            parts.append(self._sequence())
        if len(parts) == 1:
            return parts[0]
        return _joined("|", parts, _any(parts))

    def _sequence(self) -> _Part:
        parts = [self._repeated()]
        while self.next and self.next not in "|)":
            parts.append(self._repeated())
        return _joined("", parts, _all(parts))

    def _repeated(self) -> _Part:
        part, place = self._one(), self._at
        if not self.next or self.next not in "*+?{":
            return part
        low, high = self._bounds()
        if part.repeats or (self.next and self.next in "*+?{"):
            raise self.stop(N_("A repetition cannot be repeated (place %(place)s of the pattern: %(text)s)."), place)
        text = self._text[place : self._at]
        count = high if low == high else (low + 1 if text.endswith(("*", "+", ",}")) else 4 * high)
        return _Part(part.posix + text, _times(part, low, high), part.weight * max(count, 1), True)

    def _bounds(self) -> tuple[int, int]:
        for sign, bounds in (("*", (0, MOST)), ("+", (1, MOST)), ("?", (0, 1))):
            if self._took(sign):
                return bounds
        place = self._at
        self._expect("{")
        low = high = self._count()
        if self._took(","):
            high = MOST if self.next == "}" else self._count()
        self._expect("}")
        if not low <= high <= MOST:
            message = N_("%(text)s, place %(place)s: repeat from 0 to 32 times, the smaller number first.")
            raise self.stop(message, place)
        return low, high

    def _count(self) -> int:
        digits = ""
        while self.next and self.next in DIALLED[:10] and len(digits) < 3:
            digits += self._take()
        if not digits:
            raise self.stop()
        return int(digits)

    def _one(self) -> _Part:
        if self._depth < DEEPEST and self._took("("):
            self._depth += 1
            inner = self.alternatives()
            self._expect(")")
            self._depth -= 1
            return _Part(f"({inner.posix})", inner.ends, inner.weight, inner.repeats)
        if self._took("["):
            return _of(self._set())
        if self._took("."):
            return _of(DIALLED)
        escaped = self._took("\\")
        if not self.next or self.next not in (DIALLED if escaped else "0123456789#"):
            raise self.stop()
        return _of(self._take())

    def _set(self) -> str:
        """The characters between brackets; the opening one is read already."""
        other, chars = self._took("^"), set[str]()
        while not chars or self.next != "]":
            if not self.next or self.next not in DIALLED:
                raise self.stop()
            first = self._take()
            last = self._take_last(first) if self._took("-") else first
            chars |= set(DIALLED[DIALLED.index(first) : DIALLED.index(last) + 1])
        self._expect("]")
        found = [char for char in DIALLED if (char in chars) is not other]
        if not found:
            raise self.stop(N_("The brackets leave no character (pattern: %(text)s)."), self._at - 1)
        return "".join(found)

    def _take_last(self, first: str) -> str:
        """The end of a range, of digits only."""
        if not (first.isdecimal() and self.next and self.next in "0123456789" and first <= self.next):
            raise self.stop()
        return self._take()

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _took(self, char: str) -> bool:
        if self.next != char:
            return False
        self._at += 1
        return True

    def _expect(self, char: str) -> None:
        if not self._took(char):
            raise self.stop()


def _of(chars: str) -> _Part:
    plain = len(chars) == 1 and chars not in "*+"
    posix = "." if chars == DIALLED else (chars if plain else f"[{chars}]")
    return _Part(posix, lambda number, at: frozenset(i + 1 for i in at if i < len(number) and number[i] in chars), 1)


def _joined(sign: str, parts: list[_Part], ends: Match) -> _Part:
    posix, weight = sign.join(part.posix for part in parts), sum(part.weight for part in parts)
    return _Part(posix, ends, weight, any(part.repeats for part in parts))


def _any(parts: list[_Part]) -> Match:
    return lambda number, at: frozenset().union(*(part.ends(number, at) for part in parts))


def _all(parts: list[_Part]) -> Match:
    def ends(number: str, at: frozenset[int]) -> frozenset[int]:
        for part in parts:
            at = part.ends(number, at)
        return at

    return ends


def _times(part: _Part, low: int, high: int) -> Match:
    def reached(number: str, at: frozenset[int]) -> Iterator[frozenset[int]]:
        for time in range(high + 1):
            if time >= low:
                yield at
            at = part.ends(number, at)

    return lambda number, at: frozenset().union(*reached(number, at))
