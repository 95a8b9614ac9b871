"""Dial patterns of routes: a safe subset of regular expressions.

A pattern must match the whole dialled number.

A pattern means the same here and in Asterisk (POSIX extended expressions of the C library). A digit or `#` stands for
itself, `.` for any dialable character, `[0-9*#+]` for one of several, `[^…]` for any other. `(…)` groups, `|`
separates alternatives, and `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}` repeat the part before them. A dialled star or plus is
written `[*]`, `[+]` or with a backslash. `^` and `$` around the pattern are optional.

A number is matched with a Thompson-style set of end positions: each part of a pattern maps the set of positions where
it may begin to the set where it may end, so no alternative is tried twice. Asterisk's C library matches every accepted
pattern fast too, because repetitions are never nested and their total is bounded (measured: at most 0.4 ms).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import N_, Invalid

DIALABLE = "0123456789*#+"
DIGITS = DIALABLE[:10]
MAX_NUMBER_LENGTH = 32  # characters
MAX_PATTERN_LENGTH = 200  # characters
MAX_REPEAT = MAX_NUMBER_LENGTH  # more repetitions could never match
MAX_DEPTH = 10  # nested groups
MAX_WEIGHT = 300  # characters that a pattern stands for, see _Node.weight
# (number, positions where a part begins) → positions where it ends
EndPositions = Callable[[str, frozenset[int]], frozenset[int]]


def is_dialable(number: str) -> bool:
    """Return whether a number can be dialled outside.

    It has digits, `*` and `#`, with an optional leading plus.
    """
    rest = number.removeprefix("+")
    return bool(rest) and len(number) <= MAX_NUMBER_LENGTH and set(rest) <= set(DIALABLE) - {"+"}


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a pattern, with its canonical text and its matcher.

    `weight` is the number of characters when repetitions are written out. A repetition with an upper bound counts four
    times, because the C library then tries that many more positions.
    """

    posix: str
    end_positions: EndPositions
    weight: int
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern.

    `posix` is the text for the dialplan: no quotes, no backslashes.
    """

    posix: str
    _end_positions: EndPositions

    def matches(self, number: str) -> bool:
        """Return whether the pattern matches the whole number.

        This takes time proportional to both lengths.
        """
        return (
            len(number) <= MAX_NUMBER_LENGTH
            and set(number) <= set(DIALABLE)
            and len(number) in self._end_positions(number, frozenset((0,)))
        )


def parse(text: str) -> Pattern:
    """Parse a pattern.

    Raises:
        Invalid: not in the subset; names the position.
    """
    text = text.strip()
    if len(text) > MAX_PATTERN_LENGTH:
        raise Invalid(N_("The pattern can have up to %(count)s characters."), "pattern", count=MAX_PATTERN_LENGTH)
    parser = _Parser(text)
    node = parser.alternatives()
    if parser.peek:
        raise parser.error()
    if node.weight > MAX_WEIGHT:
        raise Invalid(N_("This pattern is too complex. Simplify it or split it into several rules."), "pattern")
    return Pattern(node.posix, node.end_positions)


class _Parser:
    """A recursive-descent parser, from left to right.

    Grammar: alternatives = sequence ("|" sequence)*; sequence = repeated+; repeated = atom repetition?
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._text = pattern.removeprefix("^").removesuffix("$")
        self._offset = len(pattern) - len(pattern.removeprefix("^"))  # of the text in the pattern, for messages
        self._position = 0
        self._depth = 0  # groups that are open

    @property
    def peek(self) -> str:
        """The next character, "" at the end."""
        return self._text[self._position : self._position + 1]

    def error(self, message: str = "", position: int | None = None) -> Invalid:
        """Build the error for a position, the present one if None."""
        if position is None:
            position = self._position
        if position >= len(self._text):
            message = message or N_("The pattern is incomplete.")
        message = message or N_("Pattern %(text)s: unexpected %(char)s at position %(place)s.")
        if "%(" not in message:
            return Invalid(message, "pattern")
        char, place = self._text[position : position + 1], position + 1 + self._offset
        return Invalid(message, "pattern", char=char, place=place, text=self._pattern)

    def alternatives(self) -> _Node:
        """Parse alternatives up to a closing bracket or the end."""
        nodes = [self._sequence()]
        while self._accept("|"):
            nodes.append(self._sequence())
        if len(nodes) == 1:
            return nodes[0]
        return _concatenate("|", nodes, _alternation(nodes))

    def _sequence(self) -> _Node:
        nodes = [self._repeated()]
        while self.peek and self.peek not in "|)":
            nodes.append(self._repeated())
        return _concatenate("", nodes, _sequence_match(nodes))

    def _repeated(self) -> _Node:
        """Parse an atom and the repetition after it, if there is one."""
        node, start = self._atom(), self._position
        if not self._at_repetition():
            return node
        low, high = self._bounds()
        if node.repeats or self._at_repetition():
            message = N_("Pattern %(text)s: nested quantifier at position %(place)s.")
            raise self.error(message, start)
        repetition = self._text[start : self._position]
        count = _written_out(low, high, unbounded=repetition.endswith(("*", "+", ",}")))
        return _Node(node.posix + repetition, _repeat(node, low, high), node.weight * count, True)

    def _at_repetition(self) -> bool:
        return self.peek != "" and self.peek in "*+?{"

    def _bounds(self) -> tuple[int, int]:
        """Parse a repetition: how often at least and at most."""
        for sign, bounds in (("*", (0, MAX_REPEAT)), ("+", (1, MAX_REPEAT)), ("?", (0, 1))):
            if self._accept(sign):
                return bounds
        start = self._position
        self._expect("{")
        low = high = self._count()
        if self._accept(","):
            high = MAX_REPEAT if self.peek == "}" else self._count()
        self._expect("}")
        if not low <= high <= MAX_REPEAT:
            message = N_("Pattern %(text)s, position %(place)s: use {min,max} with values from 0 to 32, smaller first.")
            raise self.error(message, start)
        return low, high

    def _count(self) -> int:
        digits = ""
        while self.peek and self.peek in DIGITS and len(digits) < 3:
            digits += self._advance()
        if not digits:
            raise self.error()
        return int(digits)

    def _atom(self) -> _Node:
        """Parse a group, a character class or a single character."""
        if self._depth < MAX_DEPTH and self._accept("("):
            return self._group()
        if self._accept("["):
            return _characters(self._character_class())
        if self._accept("."):
            return _characters(DIALABLE)
        allowed = DIALABLE if self._accept("\\") else DIGITS + "#"
        if not self.peek or self.peek not in allowed:
            raise self.error()
        return _characters(self._advance())

    def _group(self) -> _Node:
        """Parse a group after its opening bracket."""
        self._depth += 1
        node = self.alternatives()
        self._expect(")")
        self._depth -= 1
        return _Node(f"({node.posix})", node.end_positions, node.weight, node.repeats)

    def _character_class(self) -> str:
        """Parse a character class after its opening bracket."""
        negated, listed = self._accept("^"), set[str]()
        while not listed or self.peek != "]":
            if not self.peek or self.peek not in DIALABLE:
                raise self.error()
            first = self._advance()
            last = self._range_end(first) if self._accept("-") else first
            listed |= set(DIALABLE[DIALABLE.index(first) : DIALABLE.index(last) + 1])
        self._expect("]")
        characters = "".join(char for char in DIALABLE if (char in listed) is not negated)
        if not characters:
            raise self.error(N_("Pattern %(text)s: this character class matches nothing."), self._position - 1)
        return characters

    def _range_end(self, first: str) -> str:
        """Parse the end of a range; ranges consist of digits only."""
        if not (first in DIGITS and self.peek and self.peek in DIGITS and first <= self.peek):
            raise self.error()
        return self._advance()

    def _advance(self) -> str:
        """Return the next character and go behind it."""
        self._position += 1
        return self._text[self._position - 1]

    def _accept(self, char: str) -> bool:
        """Go behind this character if it is the next one; return whether it was."""
        if self.peek != char:
            return False
        self._position += 1
        return True

    def _expect(self, char: str) -> None:
        if not self._accept(char):
            raise self.error()


def _written_out(low: int, high: int, *, unbounded: bool) -> int:
    """Return how many copies of its part a repetition counts for, see _Node.weight."""
    if low == high:
        return max(high, 1)
    return low + 1 if unbounded else 4 * high


def _characters(chars: str) -> _Node:
    """Return a node that matches one of these characters."""
    plain = len(chars) == 1 and chars not in "*+"
    posix = "." if chars == DIALABLE else (chars if plain else f"[{chars}]")

    def ends(number: str, starts: frozenset[int]) -> frozenset[int]:
        return frozenset(start + 1 for start in starts if start < len(number) and number[start] in chars)

    return _Node(posix, ends, 1)


def _concatenate(separator: str, nodes: list[_Node], ends: EndPositions) -> _Node:
    posix, weight = separator.join(node.posix for node in nodes), sum(node.weight for node in nodes)
    return _Node(posix, ends, weight, any(node.repeats for node in nodes))


def _alternation(nodes: list[_Node]) -> EndPositions:
    return lambda number, starts: frozenset().union(*(node.end_positions(number, starts) for node in nodes))


def _sequence_match(nodes: list[_Node]) -> EndPositions:
    def ends(number: str, positions: frozenset[int]) -> frozenset[int]:
        for node in nodes:
            positions = node.end_positions(number, positions)
        return positions

    return ends


def _repeat(node: _Node, low: int, high: int) -> EndPositions:
    def ends_by_count(number: str, positions: frozenset[int]) -> Iterator[frozenset[int]]:
        for count in range(high + 1):
            if count >= low:
                yield positions
            positions = node.end_positions(number, positions)

    return lambda number, starts: frozenset().union(*ends_by_count(number, starts))
