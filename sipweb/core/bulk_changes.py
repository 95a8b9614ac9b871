"""Changes of many accounts at once: what a change does with each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from .accounts import FIELDS, AccountFields, check_account, pick
from .errors import N_, OperationRefused, SipwebError
from .forwarding import check_forwarding
from .import_file import CHANGED, REFUSED, UNCHANGED
from .snapshot import PbxSettings

SWITCHES = {"active", "recording"}  # changed without a look at the other fields, as by the switches of a row


class Action(StrEnum):
    """What can be done with many accounts."""

    EDIT = "edit"
    SECRETS = "secrets"  # a new random password for each
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is done with each account.

    `values` are the new ones of an edit: of level, user_id, phone, active and recording.
    """

    action: Action
    values: Mapping[str, Any] = field(default_factory=dict)


class SavedAccount(Protocol):
    """An account as saved."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def version(self) -> int:
        """The number of its last change."""

    @property
    def number(self) -> int:
        """Its number."""


A = TypeVar("A", bound=SavedAccount)


@dataclass(frozen=True, slots=True)
class BulkLine(Generic[A]):
    """What a change does with one account: its outcome, {field: [old, new]} of an edit, and why it is refused."""

    account: A
    outcome: str
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    refusal: SipwebError | None = None


def bulk_line(account: A, change: BulkChange, used_by: str, settings: PbxSettings) -> BulkLine[A]:
    """Return what a change does with one account; `used_by` is the name of the agent who uses it, or ""."""
    if change.action is Action.DELETE and used_by:
        return BulkLine(account, REFUSED, refusal=OperationRefused(N_("in use by %(name)s"), name=used_by))
    if change.action is not Action.EDIT:
        return BulkLine(account, CHANGED)
    old = pick(account, change.values)
    changes = {name: [old[name], new] for name, new in change.values.items() if old[name] != new}
    try:
        _check(account, change.values, settings)
    except SipwebError as refusal:
        return BulkLine(account, REFUSED if changes else UNCHANGED, refusal=refusal if changes else None)
    return BulkLine(account, CHANGED if changes else UNCHANGED, changes)


def _check(account: SavedAccount, values: Mapping[str, Any], settings: PbxSettings) -> None:
    """Check the fields of an account after an edit, as its form does."""
    if values.keys() <= SWITCHES:
        return
    edited = AccountFields(**pick(account, FIELDS) | {name: values[name] for name in values if name in FIELDS})
    check_account(edited)
    if edited.forwards:
        check_forwarding(edited, settings)


def seen_versions(lines: Sequence[BulkLine[A]]) -> dict[int, int]:
    """Return the version of each account that a preview showed, by id; refused ones are left out."""
    return {line.account.id: line.account.version for line in lines if line.outcome != REFUSED}


def changed_since(lines: Sequence[BulkLine[A]], seen: Mapping[int, int]) -> Collection[int]:
    """Return the ids of the accounts of a preview that were edited or deleted since, or are refused now."""
    now = seen_versions(lines)
    return [account_id for account_id, version in seen.items() if now.get(account_id) != version]
