"""What an edit replaced, so that it can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Replaced:
    """The values of one record before an edit, and the version that the edit gave the record.

    Passwords are not among the values: an edit that set one cannot be undone.
    """

    id: int
    version: int
    values: Mapping[str, Any]


def replaced(record_id: int, version: int, changes: Mapping[str, list[Any]]) -> Replaced | None:
    """Return what an edit replaced, from its {field: [old, new]}; None for no change and for one of a password."""
    if not changes or any(len(pair) != 2 for pair in changes.values()):
        return None
    return Replaced(record_id, version, {name: old for name, (old, _new) in changes.items()})
