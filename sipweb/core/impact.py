"""What a plan means for the people who use the accounts: removed accounts, emergency calls, and what may be dialled."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .outbound_routing import shows_internal_numbers, unreachable_emergency_numbers
from .snapshot import Snapshot

CONFIRMED_FROM = 10  # live accounts; removing some of fewer needs no confirmation
CONFIRMED_SHARE = 0.3  # of the live accounts; removing more needs a confirmation


@dataclass(frozen=True, slots=True)
class DialingChange:
    """How many accounts may no longer dial what a rule matches, or may now; `rule` is its name."""

    rule: str
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What happens when `live` becomes another snapshot.

    `removed` of the `live` accounts are gone afterwards. `emergency_numbers` can be called now, but not afterwards.
    `internal_numbers` are the names of added or changed trunks whose providers see the internal numbers of accounts.
    """

    live: int
    removed: int
    emergency_numbers: tuple[str, ...]
    dialing: tuple[DialingChange, ...]
    internal_numbers: tuple[str, ...] = ()

    @property
    def needs_confirmation(self) -> bool:
        """Whether so many accounts are removed that it may be a mistake."""
        return self.live >= CONFIRMED_FROM and self.removed > self.live * CONFIRMED_SHARE


def assess(live: Snapshot, saved: Snapshot) -> Impact:
    """Return what happens when `live` becomes `saved`."""
    lost_numbers = set(unreachable_emergency_numbers(saved)) - set(unreachable_emergency_numbers(live))
    return Impact(
        live=len(live.accounts),
        removed=len(live.by_id.keys() - saved.by_id.keys()),
        emergency_numbers=tuple(sorted(lost_numbers)),
        dialing=tuple(sorted(_dialing(live, saved), key=lambda change: (-change.lost, -change.gained, change.rule))),
        internal_numbers=tuple(
            trunk.name
            for trunk in saved.trunks
            if trunk not in live.trunks and shows_internal_numbers(trunk, saved.settings)
        ),
    )


def _dialing(live: Snapshot, saved: Snapshot) -> Iterator[DialingChange]:
    """Yield the rules that accounts which stay may dial before but not after, or the other way round.

    Rules with the same pattern count as one, so that a rule that was deleted and added again changes nothing.
    """
    levels = Counter((old.level, saved.by_id[key].level) for key, old in live.by_id.items() if key in saved.by_id)
    before, after = _lowest_levels(live), _lowest_levels(saved)
    names = {route.pattern: route.name for route in (*saved.routes, *live.routes)}
    for pattern, name in names.items():
        could = {pair for pair in levels if pair[0] >= before.get(pattern, 101)}
        can = {pair for pair in levels if pair[1] >= after.get(pattern, 101)}
        lost, gained = sum(levels[pair] for pair in could - can), sum(levels[pair] for pair in can - could)
        if lost or gained:
            yield DialingChange(name, lost, gained)


def _lowest_levels(snapshot: Snapshot) -> dict[str, int]:
    """Return pattern → the level from which an account may dial it."""
    levels: dict[str, int] = {}
    for route in snapshot.routes:
        levels[route.pattern] = min(route.level, levels.get(route.pattern, route.level))
    return levels
