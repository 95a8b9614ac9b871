"""The plan: what a generation would change on the PBX, field by field.

It is derived, never stored.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Literal, TypeVar

from . import accounts
from .snapshot import Account, Route, Snapshot, Trunk

# shown with old and new value, an owner by name; a secret only as changed
ACCOUNT_FIELDS = tuple("user" if name == "user_id" else name for name in accounts.FIELDS)
SETTING_FIELDS = (
    "realm", "emergency_numbers", "ring_seconds", "codecs", "srtp", "echo_test", "pickup", "withhold_prefix",
    "caller_name_outside", "fallback_caller_id", "phone_networks", "hosts",
)  # fmt: skip
TRUNK_FIELDS = (
    "name",
    "host",
    "port",
    "transport",
    "username",
    "caller_id",
    "from_user",
    "from_domain",
    "send_pai",
    "dtmf_mode",
    "realm",
    "register",
)
ROUTE_FIELDS = ("name", "pattern", "level", "trunk_id", "strip_digits", "prepend_digits", "emergency")
RoutingKind = Literal["trunk", "route"]
Item = TypeVar("Item", Trunk, Route)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One changed field.

    Both values are None for a secret. A trunk is given by name, a position counts from 1.
    """

    field: str
    old: object = None
    new: object = None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account whose live and saved values differ.

    `new` has the same id, possibly another number.
    """

    old: Account
    new: Account
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """One added, removed or changed trunk or route.

    `old` is None if it was added, `new` if it was removed. For an added one `fields` lists its values.
    """

    kind: RoutingKind
    old: Trunk | Route | None
    new: Trunk | Route | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def id(self) -> int:
        """The id of the trunk or route."""
        return self.record.id

    @property
    def name(self) -> str:
        """The display name; the live one, if there is one."""
        return self.record.name

    @property
    def record(self) -> Trunk | Route:
        """The live version, or the new one if it was added."""
        record = self.old or self.new
        assert record is not None  # a change has at least one of them
        return record


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """How many changes of each kind a plan has."""

    changed: int
    added: int
    removed: int
    routing: int
    settings: bool
    upgraded: bool
    inactive: bool = False


@dataclass(frozen=True)
class Plan:
    """All changes: accounts by number, then routing.

    `settings` counts as one change, and so do `upgraded` (another renderer version) and `inactive` (the numbers of
    inactive accounts that are removed and added, where no change of an account explains it).
    """

    added: tuple[Account, ...] = ()
    changed: tuple[AccountChange, ...] = ()
    removed: tuple[Account, ...] = ()
    settings: tuple[FieldChange, ...] = ()
    upgraded: bool = False
    routing: tuple[RoutingChange, ...] = ()
    inactive: tuple[FieldChange, ...] = ()

    def __len__(self) -> int:
        accounts = len(self.added) + len(self.changed) + len(self.removed)
        return accounts + len(self.routing) + bool(self.settings) + self.upgraded + bool(self.inactive)

    def has_routing_change(self, kind: RoutingKind, record_id: int) -> bool:
        """Return whether this trunk or route is added, changed or removed."""
        return any((change.kind, change.id) == (kind, record_id) for change in self.routing)

    @property
    def counts(self) -> ChangeCounts:
        """The number of changes of each kind."""
        accounts = len(self.changed), len(self.added), len(self.removed)
        return ChangeCounts(*accounts, len(self.routing), bool(self.settings), self.upgraded, bool(self.inactive))

    @cached_property
    def change_by_account(self) -> dict[int, str]:
        """Account id → "added", "changed" or "removed"."""
        return (
            {account.id: "added" for account in self.added}
            | {change.new.id: "changed" for change in self.changed}
            | {account.id: "removed" for account in self.removed}
        )


def diff(live: Snapshot, saved: Snapshot, previous: Plan | None = None, written: Collection[int] = ()) -> Plan:
    """Return what must change for `live` to become `saved`.

    Accounts are matched by id, secrets by fingerprint. `previous` is the plan of an earlier saved state for the same
    live one: then only the accounts with the ids `written` are compared, those that were written since.
    """
    before, after = live.by_id, saved.by_id
    ids = before.keys() | after.keys() if previous is None else written
    kept = _without(previous, written) if previous else Plan()
    pairs = [(before[key], after[key]) for key in ids if key in before and key in after]
    compared = (compare(old, new) for old, new in pairs if old is not new)
    changed = [*kept.changed, *(change for change in compared if change.fields)]
    return Plan(
        added=_by_number([*kept.added, *(after[key] for key in ids if key in after and key not in before)]),
        changed=tuple(sorted(changed, key=attrgetter("new.number"))),
        removed=_by_number([*kept.removed, *(before[key] for key in ids if key in before and key not in after)]),
        settings=_changes(live.settings, saved.settings, SETTING_FIELDS),
        upgraded=live.renderer_version != saved.renderer_version,
        routing=(*_trunk_changes(live, saved), *_route_changes(live, saved)),
        inactive=_inactive_changes(live, saved),
    )


def _without(plan: Plan, ids: Collection[int]) -> Plan:
    """Return the changes of the other accounts."""
    return Plan(
        added=tuple(account for account in plan.added if account.id not in ids),
        changed=tuple(change for change in plan.changed if change.new.id not in ids),
        removed=tuple(account for account in plan.removed if account.id not in ids),
    )


def _inactive_changes(live: Snapshot, saved: Snapshot) -> tuple[FieldChange, ...]:
    """Return which numbers of inactive accounts are removed and added, where no change of an account explains it.

    Nothing after an update of sipweb: earlier versions did not know these numbers.
    """
    if live.inactive == saved.inactive or live.renderer_version != saved.renderer_version:
        return ()
    explained = live.by_id.keys() ^ saved.by_id.keys()  # of accounts that are activated or deactivated
    before, after = ({a.number for a in one.inactive if a.id not in explained} for one in (live, saved))
    removed = sorted(before - after - _numbers(saved))
    added = sorted(after - before - _numbers(live))
    return (FieldChange("inactive_numbers", tuple(removed), tuple(added)),) if removed or added else ()


def _numbers(snapshot: Snapshot) -> set[int]:
    return {account.number for account in snapshot.accounts} | {account.number for account in snapshot.inactive}


def _trunk_changes(live: Snapshot, saved: Snapshot) -> Iterator[RoutingChange]:
    for old, new in _pairs(live.trunks, saved.trunks):
        yield from _routing_change("trunk", old, new, _changes(old, new, TRUNK_FIELDS) + _secret(old, new))


def _route_changes(live: Snapshot, saved: Snapshot) -> Iterator[RoutingChange]:
    """Yield the changes of routes, their trunks given by name.

    A position counts as changed only if the order relative to other routes changed.
    """
    trunk_names: dict[object, str] = {trunk.id: trunk.name for trunk in (*live.trunks, *saved.trunks)}
    before, after = _positions(live.routes), _positions(saved.routes)
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])
    for old, new in _pairs(live.routes, saved.routes):
        fields = tuple(_with_trunk_names(change, trunk_names) for change in _changes(old, new, ROUTE_FIELDS))
        if new and new.id in moved:
            fields = (FieldChange("position", before[new.id], after[new.id]), *fields)
        yield from _routing_change("route", old, new, fields)


def _pairs(before: Iterable[Item], after: Iterable[Item]) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield old and new version of each trunk or route, by id; None where it does not exist."""
    old, new = {item.id: item for item in before}, {item.id: item for item in after}
    for key in sorted(old.keys() | new.keys()):
        yield old.get(key), new.get(key)


def _routing_change(
    kind: RoutingKind, old: Trunk | Route | None, new: Trunk | Route | None, fields: tuple[FieldChange, ...]
) -> Iterator[RoutingChange]:
    """Yield the change, if there is one. What was added lists its values, except empty and automatic ones."""
    if new is None:
        yield RoutingChange(kind, old, None)
    elif old is None:
        shown = (field for field in fields if field.field == "level" or (field.new and field.new != "auto"))
        yield RoutingChange(kind, None, new, tuple(shown))
    elif fields:
        yield RoutingChange(kind, old, new, fields)


def _with_trunk_names(change: FieldChange, names: Mapping[object, str]) -> FieldChange:
    """Return the change of a route with trunks by name instead of by id."""
    if change.field != "trunk_id":
        return change
    return replace(change, old=names.get(change.old), new=names[change.new])


def _positions(routes: Iterable[Route]) -> dict[int, int]:
    """Return id → position, counted from 1."""
    return {route.id: position for position, route in enumerate(routes, 1)}


def _moved(before: Sequence[int], after: Sequence[int]) -> set[int]:
    """Return the fewest ids whose move explains the new order.

    This is the complement of a longest increasing subsequence (patience sorting).
    """
    if before == after:
        return set()
    position = {key: index for index, key in enumerate(before)}
    tails: list[list[int]] = []  # for each length the increasing subsequence whose last position is the lowest
    for key in after:
        length = bisect_left(tails, position[key], key=lambda tail: position[tail[-1]])
        longest = tails[length - 1] if length else []
        tails[length : length + 1] = [[*longest, key]]
    return set(after) - set(tails[-1])


def _secret(old: object, new: object) -> tuple[FieldChange, ...]:
    return () if getattr(old, "fingerprint", "") == getattr(new, "fingerprint", "") else (FieldChange("secret"),)


def _by_number(accounts: Iterable[Account]) -> tuple[Account, ...]:
    return tuple(sorted(accounts, key=attrgetter("number")))


def compare(old: Account, new: Account) -> AccountChange:
    """Return the fields in which live and saved values of one account differ."""
    changes = _changes(old, new, ACCOUNT_FIELDS)
    if old.user_id != new.user_id and old.user == new.user:  # two users with the same name
        changes += (FieldChange("user", old.user, new.user),)
    return AccountChange(old, new, changes + _secret(old, new))


def _changes(old: object, new: object, names: tuple[str, ...]) -> tuple[FieldChange, ...]:
    """Return the named fields that differ; nothing if `new` is None. If `old` is None, all old values are None."""
    if new is None or old == new:
        return ()
    values = ((name, getattr(old, name, None), getattr(new, name)) for name in names)
    return tuple(FieldChange(name, before, after) for name, before, after in values if before != after)
