"""Which way a dialled number goes out: what the tester says, and what the generated dialplan does.

Rules are tried in order. One that matches is open to an account whose level is at least the rule's; with too high a
level it is skipped. When a trunk fails, the next open rule is tried. Emergency numbers go out whatever the level: by
the rules marked so, else by the first trunk, and when that fails by each other one. A number of an account is an
internal call and is not routed at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .patterns import DIALLED, MOST, parse
from .snapshot import Rule, Snapshot, Trunk

pattern = lru_cache(maxsize=1024)(parse)
# Why a number does not go out; with the cause that the caller's phone is told (Q.850) and the SIP status it becomes.
STRANGE = "strange"  # not digits, star or hash after at most one plus: 28, address incomplete → 484
NO_RULE = "no_rule"  # no rule matches: 1, unallocated number → 404
NO_DIGITS = "no_digits"  # each open rule that matches strips all of them: the same
LEVEL = "level"  # all that match need a higher level: 21, rejected → 403
NO_TRUNK = "no_trunk"  # an emergency number, and no trunk at all: 34, no circuit → 503
CAUSES = {STRANGE: 28, NO_RULE: 1, NO_DIGITS: 1, LEVEL: 21, NO_TRUNK: 34}


@dataclass(frozen=True, slots=True)
class Try:
    """One way that will be tried: `rule` is None for an emergency call without a rule. `sent` is what the trunk gets."""

    trunk: Trunk
    sent: str
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The ways in their order; without any, why, and the rules that match but need a higher level."""

    tries: tuple[Try, ...] = ()
    refusal: str = ""
    skipped: tuple[Rule, ...] = ()
    internal: bool = False
    emergency: bool = False


def diallable(number: str) -> bool:
    """Whether it can be dialled outside: digits, `*` and `#`, a plus only as the first."""
    rest = number.removeprefix("+")
    return bool(rest) and len(number) <= MOST and set(rest) <= set(DIALLED) - {"+"}


def decide(level: int, number: str, snapshot: Snapshot) -> Decision:
    """What happens when an account of this level dials this number."""
    if number in snapshot.settings.emergency:
        return _emergency(number, snapshot)
    if any(number == str(account.number) for account in snapshot.accounts):
        return Decision(internal=True)
    if not diallable(number):
        return Decision(refusal=STRANGE)
    matching = [rule for rule in snapshot.rules if pattern(rule.pattern).matches(number)]
    skipped = tuple(rule for rule in matching if rule.level > level)
    tries = _tries((rule for rule in matching if rule.level <= level), number, snapshot)
    if tries:
        return Decision(tries, skipped=skipped)
    return Decision(refusal=LEVEL if skipped else NO_DIGITS if matching else NO_RULE, skipped=skipped)


def emergency_rules(number: str, snapshot: Snapshot) -> tuple[Rule, ...]:
    """The rules of an emergency number: those marked so that match it."""
    return tuple(rule for rule in snapshot.rules if rule.emergency and pattern(rule.pattern).matches(number))


def opened(level: int, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that an account of this level may use."""
    return tuple(rule for rule in rules if rule.level <= level)


def stranded(snapshot: Snapshot) -> tuple[str, ...]:
    """The emergency numbers for which there is no way out."""
    return tuple(number for number in snapshot.settings.emergency if not decide(0, number, snapshot).tries)


def sent(rule: Rule, number: str) -> str:
    """What the trunk gets for a dialled number."""
    return rule.prepend + number[rule.strip :]


def _emergency(number: str, snapshot: Snapshot) -> Decision:
    tries = _tries(emergency_rules(number, snapshot), number, snapshot)
    used = {way.trunk.id for way in tries}
    tries += tuple(Try(trunk, number) for trunk in snapshot.trunks if trunk.id not in used)
    return Decision(tries, refusal="" if tries else NO_TRUNK, emergency=True)


def _tries(rules: Iterable[Rule], number: str, snapshot: Snapshot) -> tuple[Try, ...]:
    trunks = {trunk.id: trunk for trunk in snapshot.trunks}
    ways = ((rule, sent(rule, number)) for rule in rules if rule.trunk_id in trunks)
    return tuple(Try(trunks[rule.trunk_id], digits, rule) for rule, digits in ways if digits)  # nothing left: no way
