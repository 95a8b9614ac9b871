"""Internal numbers (three digits, 100-999, unique among all accounts), and how dialled numbers are spelled."""

import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import unquote

from .errors import N_, Invalid

MIN_NUMBER, MAX_NUMBER = 100, 999
SEPARATORS = " ()./-"  # ignored in a dialled number: RFC 3966's visual separators, blanks, and the slash used in Poland
MAX_RANGES_LENGTH = 400  # characters in which numbers and ranges are written
_NUMBER = re.compile(r"[1-9][0-9]{2}")
_AROUND_HYPHEN = re.compile(r"\s*[-‐‑‒–—−]\s*")
_NOT_RANGES = N_("%(text)s isn't a number or a range from 100 to 999. Example: %(example)s.")
_EXAMPLE = "220-259, 270"


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


def parse_number_ranges(text: str) -> tuple[int, ...]:
    """Parse one number, or several with ranges: "220-259, 270". They are returned in ascending order.

    Commas, semicolons and blanks separate, and any hyphen or dash is that of a range.

    Raises:
        Invalid: another text, not 100-999, a range whose first number is the higher one, or a number twice.
    """
    if len(text) > MAX_RANGES_LENGTH:
        message = N_("Too long: enter at most %(count)s characters. Example: %(example)s.")
        raise Invalid(message, "number", count=MAX_RANGES_LENGTH, example=_EXAMPLE)
    parts = re.split(r"[,;\s]+", _AROUND_HYPHEN.sub("-", text.strip()).strip(" ,;"))
    if len(parts) == 1 and "-" not in parts[0]:
        return (parse_number(parts[0]),)
    numbers: set[int] = set()
    for part in parts:
        found = _parse_range(part)
        if twice := numbers & set(found):
            message = N_("Listed more than once: %(numbers)s. Enter each number once.")
            raise Invalid(message, "number", numbers=number_ranges(twice))
        numbers |= set(found)
    return tuple(sorted(numbers))


def _parse_range(text: str) -> range:
    """Parse "220-259" or "220"."""
    first, hyphen, last = text.partition("-")
    last = last if hyphen else first
    if not (_NUMBER.fullmatch(first) and _NUMBER.fullmatch(last)):
        shown = text if len(text) <= 20 else text[:20] + "…"
        raise Invalid(_NOT_RANGES, "number", text=shown, example=_EXAMPLE)
    if first > last:
        message = N_("%(text)s: enter the lower number first, %(proposal)s.")
        raise Invalid(message, "number", text=text, proposal=f"{last}-{first}")
    return range(int(first), int(last) + 1)


def number_ranges(numbers: Iterable[int], max_length: int | None = None) -> str:
    """Return numbers as ranges: "220-259, 270". What would be longer ends with the last whole range and "…"."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    text = ", ".join("-".join(map(str, one)) for one in ranges)
    if max_length is None or len(text) <= max_length:
        return text
    return text[: max_length - 2].rpartition(",")[0] + " …"


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
