"""Which records of a list a search shows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from ..core.search import Search
from ..core.search_criteria import Period
from . import audit_subjects


class Record(Protocol):
    """What can be searched."""

    @property
    def id(self) -> int:
        """The record's id."""


R = TypeVar("R", bound=Record)


def matching(
    records: Iterable[R],
    search: Search,
    *,
    kind: str,
    text: Callable[[R], str],
    values: Mapping[str, Callable[[R], Any]],
) -> list[R]:
    """Return the records that a search shows, in their order.

    `kind` is a key of audit_subjects.SUBJECT_COLUMNS. `text` returns the search key in which words are looked for,
    `values` what a filter tests, by the filter's name.
    """
    tests = [(values[name], test.matches) for name, test in search.tests if not isinstance(test, Period)]
    found = [
        record
        for record in records
        if search.in_text(text(record)) and all(matches(value(record)) for value, matches in tests)
    ]
    for _name, test in search.tests:
        if isinstance(test, Period):
            changed = audit_subjects.changed_between(kind, test)
            found = [record for record in found if record.id in changed]
    return found
