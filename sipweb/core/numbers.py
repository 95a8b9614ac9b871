"""The number plan: internal numbers are three digits, 100-999, unique among all accounts."""

import re
from collections.abc import Collection

from .errors import N_, Invalid

FIRST, LAST = 100, 999
_NUMBER = re.compile(r"[1-9][0-9]{2}")


def parse_number(text: str) -> int:
    """The number typed as `text`; surrounding blanks do not count. Raises Invalid for anything but 100-999."""
    if not _NUMBER.fullmatch(text.strip(" \t")):
        raise Invalid(N_("Enter a three-digit number from 100 to 999."), "number")
    return int(text)


def next_number(taken: Collection[int]) -> int | None:
    """The number to propose: highest + 1; after 999 the lowest free one; None when all 900 are taken."""
    highest = max(taken, default=FIRST - 1)
    if highest < LAST:
        return highest + 1
    taken = set(taken)
    return next((number for number in range(FIRST, LAST + 1) if number not in taken), None)


def propose(taken: Collection[int], emergency: Collection[str]) -> int | None:
    """next_number, passing over emergency numbers: those may be chosen, but are never proposed."""
    reserved = {int(number) for number in emergency if _NUMBER.fullmatch(number)}
    used = set(taken)
    while (number := next_number(used)) in reserved:
        used.add(number)
    return number
