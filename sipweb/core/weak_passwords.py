"""Which passwords of users are refused because they are among the first that anybody would guess."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from .errors import N_, Invalid
from .rights import RIGHTS
from .text import search_key

CONTEXT_WORDS = {"sipweb", "asterisk", "thulium", *RIGHTS}  # the product and its roles
SEPARATORS = " -_."
MIN_REST = 6  # characters that a password must have besides words like the user's name
MIN_RUN = 4  # a password is refused if its runs of neighbouring characters have so many characters on average
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "12345678901", "qwertyuiop", "qwertz", "asdfghjkl", "zxcvbnm", "!@#$%^&*()")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm")
_NEIGHBOURS = {pair for keys in (*_ROWS, *_COLUMNS) for line in (keys, keys[::-1]) for pair in pairwise(line)}


def check_not_weak(password: str, words: Iterable[str], common: Collection[str], field: str) -> None:
    """Check that a password is none of the `common` ones, and does not consist of `words`, repetitions or rows of keys.

    `words` are what the user's login, name and server are made of. Case and accents do not matter.

    Raises:
        Invalid: another password is needed.
    """
    text = search_key(password)
    parts = _split(text, sorted({*map(search_key, words), *CONTEXT_WORDS}, key=len, reverse=True))
    rest = "".join(part for part in parts if len(part) == 1)
    has_words = len(rest) < sum(map(len, parts))
    is_monotonous = _count_runs(parts) * MIN_RUN <= len(password)
    if has_words and (len(rest) < MIN_REST or is_monotonous):
        raise Invalid(N_("The password must not consist of the login, the name or words like “sipweb”."), field)
    if is_monotonous or _is_repeated(text):
        raise Invalid(N_("The password must not consist of repetitions or of sequences like 123456 or qwerty."), field)
    if text in common:
        raise Invalid(N_("This password is among the most common ones. Choose another."), field)


def words_of(*texts: str) -> list[str]:
    """Return the words of texts like a name, a login or a host, from three letters on."""
    return [word for text in texts for word in re.split(r"[\W_]+", text) if len(word) >= 3]


def _split(text: str, words: Sequence[str]) -> list[str]:
    """Return the text's words and its other characters, without separators."""
    pattern = "|".join(map(re.escape, words))
    return [part for part in re.findall(f"{pattern}|.", text, re.DOTALL) if part not in SEPARATORS]


def _count_runs(parts: Sequence[str]) -> int:
    """Return how many runs of equal or neighbouring parts there are: 3 in "qwerty", "aaa", "321"."""
    return sum(not (one == other or (one, other) in _NEIGHBOURS) for one, other in pairwise(["", *parts]))


def _is_repeated(text: str) -> bool:
    """Return whether a text is a shorter one again and again, which is too short for a password by itself."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(len(text) // 2, 11) + 1))
