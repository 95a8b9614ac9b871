"""The plan: what generating would change on the PBX, field by field. Derived, never recorded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from .snapshot import Account, Rule, Snapshot, Trunk

FIELDS = ("number", "user", "phone", "recording", "level")  # shown with old and new; the secret only as changed
SETTINGS = ("realm", "emergency")
TRUNK = ("name", "host", "port", "transport", "user", "caller", "realm", "register")
RULE = ("position", "name", "pattern", "level", "trunk_id", "strip", "prepend", "emergency")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`old` and `new` are None for a secret: only that it changed may be said."""

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
    """One trunk or rule that is added (`old` is None), removed (`new` is None), or differs in `fields`."""

    kind: str  # "trunk" or "rule"
    old: Trunk | Rule | None
    new: Trunk | Rule | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        found = self.old or self.new
        return found.name if found else ""


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


def diff(live: Snapshot, saved: Snapshot) -> Plan:
    """What would have to change for `live` to become `saved`. Accounts are matched by id, secrets by fingerprint."""
    before, after = live.by_id, saved.by_id
    others = [(before[key], new) for key, new in after.items() if key in before and before[key] is not new]
    changes = (compare(old, new) for old, new in others)
    return Plan(
        added=_by_number(after[key] for key in after.keys() - before.keys()),
        changed=tuple(change for change in changes if change.fields),
        removed=_by_number(before[key] for key in before.keys() - after.keys()),
        settings=_changes(live.settings, saved.settings, SETTINGS),
        upgraded=live.renderer != saved.renderer,
        ways=(
            *_ways("trunk", {t.id: t for t in live.trunks}, {t.id: t for t in saved.trunks}),
            *_ways("rule", {r.id: r for r in live.rules}, {r.id: r for r in saved.rules}),
        ),
    )


def _ways(kind: str, before: Mapping[int, Trunk | Rule], after: Mapping[int, Trunk | Rule]) -> Iterator[Change]:
    """By id; a secret by its fingerprint only."""
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            yield Change(kind, old, new)
        elif fields := _changes(old, new, TRUNK if kind == "trunk" else RULE) + _secret(old, new):
            yield Change(kind, old, new, fields)


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


def _changes(old: object, new: object, names: tuple[str, ...]) -> tuple[FieldChange, ...]:
    if old == new:
        return ()
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(FieldChange(name, a, b) for name, a, b in pairs if a != b)
