"""The plan: what generating would change on the PBX, field by field. Derived, never recorded."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from .snapshot import Account, Rule, Snapshot, Trunk

FIELDS = ("number", "user", "phone", "recording", "level")  # shown with old and new; the secret only as changed
SETTINGS = ("realm", "emergency")
TRUNK = ("name", "host", "port", "transport", "user", "caller", "realm", "register")
RULE = ("name", "pattern", "level", "trunk_id", "strip", "prepend", "emergency")
Way = TypeVar("Way", Trunk, Rule)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`old` and `new` are None for a secret: only that it changed may be said. A trunk is named, a place counted from 1."""

    field: str
    old: object = None
    new: object = None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One account whose live and saved values differ. `new` still has the live `id`, perhaps another number."""

    old: Account
    new: Account
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One trunk or rule that is added (`old` is None, `fields` are what it has), removed (`new` is None), or differs."""

    kind: str  # "trunk" or "rule"
    old: Trunk | Rule | None
    new: Trunk | Rule | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def id(self) -> int:
        """Of the trunk or rule."""
        return self._any.id

    @property
    def name(self) -> str:
        """What people call it; the live name, where there is one."""
        return self._any.name

    @property
    def _any(self) -> Trunk | Rule:
        found = self.old or self.new
        assert found is not None
        return found


@dataclass(frozen=True)
class Plan:
    """Accounts by number, then the ways out. `settings` counts as one change, and so does `upgraded` (the renderer's version)."""

    added: tuple[Account, ...] = ()
    changed: tuple[AccountChange, ...] = ()
    removed: tuple[Account, ...] = ()
    settings: tuple[FieldChange, ...] = ()
    upgraded: bool = False
    ways: tuple[Change, ...] = ()

    def __len__(self) -> int:
        accounts = len(self.added) + len(self.changed) + len(self.removed)
        return accounts + len(self.ways) + bool(self.settings) + self.upgraded

    @cached_property
    def kinds(self) -> dict[int, str]:
        """Account id → "added", "changed" or "removed"."""
        return (
            {account.id: "added" for account in self.added}
            | {change.new.id: "changed" for change in self.changed}
            | {account.id: "removed" for account in self.removed}
        )


def diff(live: Snapshot, saved: Snapshot, known: Plan | None = None) -> Plan:
    """What would have to change for `live` to become `saved`. Accounts are matched by id, secrets by fingerprint.

    `known` is an earlier plan: the same two records of an account are not compared again.
    """
    said = {change.new.id: change for change in known.changed} if known else {}
    before, after = live.by_id, saved.by_id
    others = [(before[key], new) for key, new in after.items() if key in before and before[key] is not new]
    changes = (_same(said.get(new.id), old, new) or compare(old, new) for old, new in others)
    return Plan(
        added=_by_number(after[key] for key in after.keys() - before.keys()),
        changed=tuple(change for change in changes if change.fields),
        removed=_by_number(before[key] for key in before.keys() - after.keys()),
        settings=_changes(live.settings, saved.settings, SETTINGS),
        upgraded=live.renderer != saved.renderer,
        ways=(
            *_ways("trunk", live.trunks, saved.trunks, lambda old, new: _changes(old, new, TRUNK) + _secret(old, new)),
            *_ways("rule", live.rules, saved.rules, _rules(live, saved)),
        ),
    )


def _ways(
    kind: str, before: Sequence[Way], after: Sequence[Way], differ: Callable[[Way | None, Way], tuple[FieldChange, ...]]
) -> Iterator[Change]:
    """By id."""
    was, will = {way.id: way for way in before}, {way.id: way for way in after}
    for key in sorted(was.keys() | will.keys()):
        old, new = was.get(key), will.get(key)
        if new is None:
            yield Change(kind, old, None)
        elif old is None:
            yield Change(kind, None, new, tuple(f for f in differ(old, new) if f.new or f.field == "level"))
        elif fields := differ(old, new):
            yield Change(kind, old, new, fields)


def _rules(live: Snapshot, saved: Snapshot) -> Callable[[Rule | None, Rule], tuple[FieldChange, ...]]:
    """How a rule differs. A trunk is called by its name; a place counts when others stand before or behind it than before."""
    names = {trunk.id: trunk.name for trunk in (*live.trunks, *saved.trunks)}
    before, after = ({rule.id: place for place, rule in enumerate(s.rules, 1)} for s in (live, saved))
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])

    def differ(old: Rule | None, new: Rule) -> tuple[FieldChange, ...]:
        fields = _changes(old, new, RULE)
        place = (FieldChange("position", before[new.id], after[new.id]),) if new.id in moved else ()
        return place + tuple(
            replace(f, old=names.get(getattr(old, "trunk_id", 0)), new=names[new.trunk_id])
            if f.field == "trunk_id"
            else f
            for f in fields
        )

    return differ


def _moved(before: Sequence[int], after: Sequence[int]) -> set[int]:
    """As few of them as explain the new order: all but the longest chain that stands in both in the same order."""
    if before == after:
        return set()
    place = {key: at for at, key in enumerate(before)}
    chains: list[list[int]] = []  # of each length the one that ends first
    for key in after:
        at = bisect_left(chains, place[key], key=lambda chain: place[chain[-1]])
        chains[at : at + 1] = [[*(chains[at - 1] if at else ()), key]]
    return set(after) - set(chains[-1])


def _secret(old: object, new: object) -> tuple[FieldChange, ...]:
    return () if getattr(old, "fingerprint", "") == getattr(new, "fingerprint", "") else (FieldChange("secret"),)


def _by_number(accounts: Iterable[Account]) -> tuple[Account, ...]:
    return tuple(sorted(accounts, key=attrgetter("number")))


def compare(old: Account, new: Account) -> AccountChange:
    """The fields in which one account's live and saved values differ; none when they agree."""
    changes = _changes(old, new, FIELDS)
    if old.user_id != new.user_id and old.user == new.user:  # two people of one name
        changes += (FieldChange("user", old.user, new.user),)
    return AccountChange(old, new, changes + _secret(old, new))


def _same(known: AccountChange | None, old: Account, new: Account) -> AccountChange | None:
    return known if known and known.old is old and known.new is new else None


def _changes(old: object, new: object, names: tuple[str, ...]) -> tuple[FieldChange, ...]:
    if old == new:
        return ()
    pairs = ((name, getattr(old, name, None), getattr(new, name)) for name in names)
    return tuple(FieldChange(name, a, b) for name, a, b in pairs if a != b)
