"""The fields of an account: one list for the database, the forms, the plan and Asterisk's configuration."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

BUILTIN, OTHER = "builtin", "other"
PHONES = (BUILTIN, OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFields:
    """What an administrator sets and the PBX is told.

    A new field begins here. The defaults are those of the add form. The plan compares every field, and an old snapshot
    that lacks one loads with its default. `user_id` None means the automatic pool.
    """

    number: int
    user_id: int | None = None
    phone: str = BUILTIN
    recording: bool = False
    level: int = 10


FIELDS = tuple(field.name for field in fields(AccountFields))


def pick(record: object, names: Iterable[str]) -> dict[str, Any]:  # values of any type, like those of asdict()
    """Return the named attributes of a record."""
    return {name: getattr(record, name) for name in names}
