"""Who may dial what: the same decision that the dialplan makes, asked without a call."""

import re
from dataclasses import dataclass

from ..core.errors import N_, Invalid
from ..core.numbers import parse_number
from ..core.routing import Decision, decide
from ..core.snapshot import Snapshot
from . import presence
from .site import Site
from .state import state


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens when an account dials a number: now, and after a generation; `differs` when that is not the same.

    Level and decision are None where the PBX does not know the account. `down` are the ids of trunks that do not answer.
    """

    account: int
    number: str
    level: int | None
    now: Decision | None
    later_level: int | None
    later: Decision | None
    differs: bool
    down: frozenset[int]


def may_dial(site: Site, account: str, number: str) -> Answer:
    """Whether an account may dial a number, as the PBX decides it now. Blanks, dots, dashes and brackets in the number are
    for people. Raises Invalid."""
    wanted = parse_number(account)
    number = re.sub(r"[\s().-]", "", number)
    if not number:
        raise Invalid(N_("Enter the number that is dialled."), "number")
    current = state(site)
    level, now = _ask(current.live, wanted, number)
    later_level, later = _ask(current.saved, wanted, number)
    return Answer(wanted, number, level, now, later_level, later, _shown_of(now) != _shown_of(later), _down(site))


def _down(site: Site) -> frozenset[int]:
    return frozenset(key for key, found in presence.watch(site).trunks.items() if not found.reachable)


def _ask(snapshot: Snapshot, number: int, dialled: str) -> tuple[int | None, Decision | None]:
    account = next((account for account in snapshot.accounts if account.number == number), None)
    return (account.level, decide(account.level, dialled, snapshot)) if account else (None, None)


def _shown_of(decision: Decision | None) -> object:
    """What people are told of a decision."""
    if decision is None:
        return None
    ways = tuple((way.rule.name if way.rule else "", way.trunk.name, way.sent) for way in decision.tries)
    return ways, decision.refusal, tuple((rule.name, rule.level) for rule in decision.skipped), decision.internal
