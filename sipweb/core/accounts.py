"""The fields of an account: one list for the database, the forms, the plan and Asterisk's configuration."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from .errors import N_, Invalid

BUILTIN, OTHER = "builtin", "other"
MAX_CONTACTS = 10  # phones of one account
MAX_PICKUP_GROUP = 63  # Asterisk's groups are the bits of a 64-bit number
PHONES = (BUILTIN, OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFields:
    """What an administrator sets and the PBX is told.

    A new field begins here. The defaults are those of the add form. The plan compares every field, and an old snapshot
    that lacks one loads with its default. `user_id` None means the automatic pool. `max_contacts` is the number of
    phones that may be registered at the same time. `pickup_group` 0 means none. The numbers to which calls are
    forwarded are "" where they are not (core.forwarding).
    """

    number: int
    user_id: int | None = None
    phone: str = BUILTIN
    recording: bool = False
    level: int = 10
    max_contacts: int = 1
    pickup_group: int = 0
    forward_always: str = ""
    forward_busy: str = ""
    forward_no_answer: str = ""

    @property
    def forwards(self) -> bool:
        """Whether calls are forwarded in any case."""
        return bool(self.forward_always or self.forward_busy or self.forward_no_answer)


FIELDS = tuple(field.name for field in fields(AccountFields))


def check_account(account: AccountFields) -> None:
    """Check the fields that depend on each other.

    Raises:
        Invalid: the built-in phone is open in one window only.
    """
    if account.phone == BUILTIN and account.max_contacts > 1:
        raise Invalid(N_("Only accounts for another phone may have more than one."), "max_contacts")


def pick(record: object, names: Iterable[str]) -> dict[str, Any]:  # values of any type, like those of asdict()
    """Return the named attributes of a record."""
    return {name: getattr(record, name) for name in names}
