"""The accounts of a plan, grouped: many accounts that change in the same way are one group.

With 900 changed accounts the plan is a few lines long.
"""

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Literal

from .plan import FieldChange, Plan
from .snapshot import Account

Action = Literal["changed", "added", "deactivated", "deleted"]
MIN_EQUAL = 3  # accounts whose changes are equal, or that are all added or removed
MIN_SAME_FIELDS = 10  # accounts with the same changed fields, but other values


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """What happens to one account.

    `account` has the live values, or the new ones of an added account. `fields` are empty unless it is changed.
    """

    action: Action
    account: Account
    fields: tuple[FieldChange, ...] = ()

    @property
    def ends_use(self) -> bool:
        """Whether an agent who uses the account loses it: it is removed, or gets another number."""
        return self.action in ("deactivated", "deleted") or any(field.field == "number" for field in self.fields)


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """Accounts to which the same happens.

    `fields` are the changes that all have in common; where their values differ, both values are None. Empty unless the
    accounts are changed.
    """

    action: Action
    entries: tuple[AccountEntry, ...]
    fields: tuple[FieldChange, ...] = ()

    @property
    def has_equal_values(self) -> bool:
        """Whether all accounts get the same values, so that an account of the group need not show its own."""
        return all(entry.fields == self.fields for entry in self.entries)


def group_accounts(
    plan: Plan, deactivated: Collection[int]
) -> tuple[tuple[AccountGroup, ...], tuple[AccountEntry, ...]]:
    """Return the groups, and the accounts that are in none of them.

    `deactivated` are the ids of accounts that still exist: such an account was not deleted.
    """
    equal, others = _grouped(tuple(_entries(plan, deactivated)), same_values=True)
    similar, single = _grouped(others, same_values=False)
    return (*equal, *similar), single


def _entries(plan: Plan, deactivated: Collection[int]) -> Iterator[AccountEntry]:
    for change in plan.changed:
        yield AccountEntry("changed", change.old, change.fields)
    for account in plan.added:
        yield AccountEntry("added", account)
    for account in plan.removed:
        yield AccountEntry("deactivated" if account.id in deactivated else "deleted", account)


def _grouped(
    entries: tuple[AccountEntry, ...], *, same_values: bool
) -> tuple[tuple[AccountGroup, ...], tuple[AccountEntry, ...]]:
    """Return the groups that are large enough, and the entries of the others in their order."""
    by_change: dict[Hashable, list[AccountEntry]] = {}
    for entry in entries:
        by_change.setdefault((entry.action, _common_fields(entry, same_values=same_values)), []).append(entry)
    least = MIN_EQUAL if same_values else MIN_SAME_FIELDS
    groups = [
        AccountGroup(members[0].action, tuple(members), _common_fields(members[0], same_values=same_values))
        for members in by_change.values()
        if len(members) >= least
    ]
    in_group = {entry.account.id for group in groups for entry in group.entries}
    return tuple(groups), tuple(entry for entry in entries if entry.account.id not in in_group)


def _common_fields(entry: AccountEntry, *, same_values: bool) -> tuple[FieldChange, ...]:
    return entry.fields if same_values else tuple(FieldChange(field.field) for field in entry.fields)
