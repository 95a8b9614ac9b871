"""Internal numbers (three digits, 100-999, unique among all accounts), and how dialled numbers are spelled."""

import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import unquote

from .errors import N_, Invalid

MIN_NUMBER, MAX_NUMBER = 100, 999
SEPARATORS = " ()./-"  # ignored in a dialled number: RFC 3966's visual separators, blanks, and the slash used in Poland
_NUMBER = re.compile(r"[1-9][0-9]{2}")


def parse_number(text: str) -> int:
    """Parse a number; surrounding spaces are ignored.

    Raises:
        Invalid: not 100-999.
    """
    if not _NUMBER.fullmatch(text.strip(" \t")):
        raise Invalid(N_("Enter a three-digit number from 100 to 999."), "number")
    return int(text)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers within these bounds. It raises Invalid."""

    def parse(text: str) -> int:
        digits = text.strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 3 and low <= int(digits) <= high):
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=low, high=high)
        return int(digits)

    return parse


def number_ranges(numbers: Iterable[int]) -> str:
    """Return numbers as ranges: "220-259, 270"."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    return ", ".join("-".join(map(str, one)) for one in ranges)


def next_free_number(taken: Collection[int]) -> int | None:
    """Return highest + 1.

    After 999 the lowest free number; None when all 900 are in use.
    """
    highest = max(taken, default=MIN_NUMBER - 1)
    if highest < MAX_NUMBER:
        return highest + 1
    taken = set(taken)
    return next((number for number in range(MIN_NUMBER, MAX_NUMBER + 1) if number not in taken), None)


def suggest_number(taken: Collection[int], emergency: Collection[str]) -> int | None:
    """Return the next free number that is not an emergency number.

    Those may be chosen, but are never suggested.
    """
    reserved = {int(number) for number in emergency if _NUMBER.fullmatch(number)}
    used = set(taken)
    while (number := next_free_number(used)) in reserved:
        used.add(number)
    return number


def normalize_dialled_number(text: str) -> str:
    """Return a dialled number without separators and URL escapes: `(22) 123-45-67` and `22%20123` → digits.

    The dialplan does the same with SEPARATORS; Asterisk itself decodes URL escapes. Other characters are kept.
    """
    return re.sub(rf"[\s{re.escape(SEPARATORS)}]", "", unquote(text))
