"""Outbound routing: which trunks a dialled number may use.

The dial test and the dialplan follow this decision. Routes are tried in order. A matching route is allowed if the
account's level is at least the route's; otherwise it is skipped. If a trunk fails, the next allowed route is tried.
Emergency numbers are allowed at any level: by the routes marked for them, or else by the first trunk, and if that fails
by each other trunk. Feature codes and the numbers of accounts, inactive ones included, are not routed. A call that an
account forwards is routed by the level of this account.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from .accounts import AccountFields
from .dial_patterns import is_dialable, parse
from .feature_codes import DialledFeature, Feature, dialled_feature
from .forwarding import ALWAYS, BUSY, MAX_FORWARDS, NO_ANSWER, RULES, forward_target
from .snapshot import Account, PbxSettings, Route, Snapshot, Trunk

compile_pattern = lru_cache(maxsize=1024)(parse)
# Why a number is rejected, with the hangup cause (Q.850) and the SIP status that the phone gets.
INVALID_NUMBER = "strange"  # not digits, `*` or `#` after an optional plus: 28, address incomplete → 484
NO_RULE = "no_rule"  # no route matches: 1, unallocated number → 404
NO_DIGITS = "no_digits"  # every allowed route strips all digits: 1 too
INACTIVE = "inactive"  # the number of an inactive account: 1 too
LEVEL = "level"  # all matching routes need a higher level: 21, rejected → 403
IMPOSSIBLE = "impossible"  # of a forwarding: an emergency number, a feature code or the account's own number
NO_TRUNK = "no_trunk"  # an emergency number without any trunk: 34, no circuit → 503
HANGUP_CAUSES = {INVALID_NUMBER: 28, NO_RULE: 1, NO_DIGITS: 1, INACTIVE: 1, LEVEL: 21, NO_TRUNK: 34}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    `route` is None for an emergency call without a route; `dialed` is what the trunk gets.
    """

    trunk: Trunk
    dialed: str
    rule: Route | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The attempts in order.

    Or the reason for a rejection, and the matching routes that need a higher level. `feature` names a feature code that
    was dialled. `withheld` tells that the called party does not see the caller's number. `forwards` tells where the
    called account forwards the call: only always, or when it is busy and when nobody answers.
    """

    attempts: tuple[Attempt, ...] = ()
    reason: str = ""
    skipped_routes: tuple[Route, ...] = ()
    internal: bool = False
    emergency: bool = False
    feature: str = ""
    withheld: bool = False
    forwards: tuple["Forward", ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the call is made at all; where it is always forwarded, whether that one is."""
        if self.forwards and self.forwards[0].rule == ALWAYS:
            return self.forwards[0].decision.allowed
        return not self.reason


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarding of an account: `rule` is its field, `level` the account's, and `decision` about the `target`."""

    rule: str
    account: int
    level: int
    target: str
    decision: Decision


def route_call(level: int, number: str, snapshot: Snapshot) -> Decision:
    """Decide what happens when an account of this level dials this number."""
    if number in snapshot.settings.emergency_numbers:
        return _emergency(number, snapshot)
    if feature := dialled_feature(number, snapshot.settings):
        return _feature(feature, level, snapshot)
    return _internal(number, snapshot, MAX_FORWARDS) or _outside(level, number, snapshot)


def _outside(level: int, number: str, snapshot: Snapshot) -> Decision:
    if not is_dialable(number):
        return Decision(reason=INVALID_NUMBER)
    matching = [snapshot.routes[index] for index in _matching(snapshot.patterns, number)]
    skipped = tuple(route for route in matching if route.level > level)
    attempts = _attempts(allowed_routes(level, matching), number, snapshot)
    if attempts:
        return Decision(attempts, skipped_routes=skipped)
    return Decision(reason=LEVEL if skipped else NO_DIGITS if matching else NO_RULE, skipped_routes=skipped)


@lru_cache(maxsize=4096)  # a list of accounts that forward asks for the same numbers again and again
def _matching(patterns: tuple[str, ...], number: str) -> tuple[int, ...]:
    """Return the indexes of the patterns that match a number."""
    return tuple(index for index, pattern in enumerate(patterns) if compile_pattern(pattern).matches(number))


def refused_forwards(account: AccountFields, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the targets to which an account's calls can't be forwarded, with the reason of each."""
    reasons = {}
    for rule in RULES:
        if not (typed := getattr(account, rule)):
            continue
        target = forward_target(account, rule, snapshot.settings)
        reasons[typed] = _forwarded(account.level, target, snapshot, 0).reason if target else IMPOSSIBLE
    return tuple((target, reason) for target, reason in reasons.items() if reason)


def emergency_routes(number: str, snapshot: Snapshot) -> tuple[Route, ...]:
    """Return the matching routes that are marked for emergency calls."""
    return tuple(r for r in snapshot.routes if r.emergency and compile_pattern(r.pattern).matches(number))


def allowed_routes(level: int, routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return the routes that an account of this level may use."""
    return tuple(route for route in routes if route.level <= level)


def unreachable_emergency_numbers(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the emergency numbers that no trunk can carry."""
    return tuple(
        number for number in snapshot.settings.emergency_numbers if not route_call(0, number, snapshot).attempts
    )


def transform_number(route: Route, number: str) -> str:
    """Return what the trunk gets for a dialled number."""
    return route.prepend_digits + number[route.strip_digits :]


def _internal(number: str, snapshot: Snapshot, forwards_left: int) -> Decision | None:
    if account := snapshot.by_number.get(number):
        return Decision(internal=True, forwards=_forwards(account, snapshot, forwards_left))
    return Decision(reason=INACTIVE) if number in snapshot.inactive_numbers else None


def _forwards(account: Account, snapshot: Snapshot, left: int) -> tuple[Forward, ...]:
    """Return where an account forwards calls, of which `left` more are forwarded."""
    if not (left and account.forwards):
        return ()
    targets = {rule: forward_target(account, rule, snapshot.settings) for rule in (ALWAYS, BUSY, NO_ANSWER)}
    rules = (ALWAYS,) if targets[ALWAYS] else (BUSY, NO_ANSWER)
    return tuple(
        Forward(rule, account.number, account.level, target, _forwarded(account.level, target, snapshot, left - 1))
        for rule in rules
        if (target := targets[rule])
    )


def _forwarded(level: int, target: str, snapshot: Snapshot, left: int) -> Decision:
    return _internal(target, snapshot, left) or _outside(level, target, snapshot)


def _feature(dialled: DialledFeature, level: int, snapshot: Snapshot) -> Decision:
    if dialled.feature != Feature.WITHHOLD:
        return Decision(feature=dialled.feature)
    decision = route_call(level, dialled.number, snapshot)
    return replace(decision, withheld=not decision.emergency)


class CallerId(Protocol):
    """What a trunk, live or saved, says about the caller's number."""

    @property
    def caller_id(self) -> str:
        """The number that the provider is shown, or ""."""

    @property
    def from_user(self) -> str:
        """The user of From, or ""."""


def shown_caller_id(trunk: CallerId, settings: PbxSettings) -> str:
    """Return the number that the provider is shown; "" for the internal number of the account."""
    return trunk.caller_id or settings.fallback_caller_id


def shows_internal_numbers(trunk: CallerId, settings: PbxSettings) -> bool:
    """Return whether the provider sees the internal numbers of accounts, emergency services included."""
    return not (shown_caller_id(trunk, settings) or trunk.from_user)


def _emergency(number: str, snapshot: Snapshot) -> Decision:
    attempts = _attempts(emergency_routes(number, snapshot), number, snapshot)
    used = {attempt.trunk.id for attempt in attempts}
    attempts += tuple(Attempt(trunk, number) for trunk in snapshot.trunks if trunk.id not in used)
    return Decision(attempts, reason="" if attempts else NO_TRUNK, emergency=True)


def _attempts(routes: Iterable[Route], number: str, snapshot: Snapshot) -> tuple[Attempt, ...]:
    trunks = {trunk.id: trunk for trunk in snapshot.trunks}
    pairs = ((route, transform_number(route, number)) for route in routes if route.trunk_id in trunks)
    # a route that strips all digits is skipped
    return tuple(Attempt(trunks[route.trunk_id], dialed, route) for route, dialed in pairs if dialed)
