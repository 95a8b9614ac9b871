"""What is typed into the search field of a list: words, and filters such as `level:>10`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from .search_criteria import Test
from .search_filters import DAY, NUMBER, Filter
from .text import search_key

_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_NAME = re.compile(r"[^\W\d_]+(-[^\W\d_]+)*")  # 12:30 and fe80::1 are words
_NAME_COMPARED = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)(>=|<=|[<>=≥≤])(.+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """A filter that is not there, or that can't have this value; `filter` is None if it is not there.

    `typed` is its name as typed. `suggestion` is the name of a similar filter, or "". For a filter without a colon
    `typed` is the whole word, and `suggestion` the word with the colon.
    """

    typed: str
    filter: Filter | None = None
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was understood: what a record must contain, and the tests that it must pass by filter.

    What was not understood is in `problems`, and is otherwise left out.
    """

    words: tuple[str, ...] = ()
    tests: tuple[tuple[str, Test], ...] = ()
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.tests)

    def in_text(self, text: str) -> bool:
        """Return whether a search key contains all words."""
        return all(word in text for word in self.words)


EVERYTHING = Search()


def parse(text: str, filters: Sequence[Filter], now: datetime) -> Search:
    """Return what a text asks for. `now` is in the user's time zone. A phrase in quotes is one word."""
    words: list[str] = []
    tests: list[tuple[str, Test]] = []
    problems: list[Problem] = []
    for token in _TOKEN.findall(text):
        name, colon, value = token.partition(":")
        if not (colon and _NAME.fullmatch(name)):
            if problem := _without_colon(token, filters):
                problems.append(problem)
                continue
            words += [key] if (key := search_key(token.replace('"', "")).strip()) else []
            continue
        known = _named(name, filters)
        test = known.value.parse(value.replace('"', "").strip(), now) if known else None
        if known and test:
            tests.append((known.name, test))
        else:
            problems.append(Problem(name, known, "" if known else _similar(name, filters)))
    return Search(tuple(words), tuple(tests), tuple(problems))


def _named(name: str, filters: Sequence[Filter]) -> Filter | None:
    return next((one for one in filters if one.term.means(name)), None)


def _without_colon(token: str, filters: Sequence[Filter]) -> Problem | None:
    """Return the problem of a word such as level>10, where level is a filter."""
    found = _NAME_COMPARED.fullmatch(token)
    if found is None or not (known := _named(found[1], filters)):
        return None
    sign = "" if found[2] == "=" or known.value not in (NUMBER, DAY) else found[2]
    return Problem(token, known, f"{found[1]}:{sign}{found[3]}")


def _similar(name: str, filters: Sequence[Filter]) -> str:
    names = {search_key(text): text for one in filters for text in (one.term.en, one.term.pl)}
    return next((names[key] for key in get_close_matches(search_key(name), names, 1)), "")
