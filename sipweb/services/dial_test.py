"""The dial test: may an account dial a number? It asks the same decision that the dialplan makes."""

from dataclasses import dataclass

from ..core.errors import N_, Invalid
from ..core.numbers import normalize_dialled_number, parse_number
from ..core.outbound_routing import Decision, route_call
from ..core.snapshot import Snapshot
from . import pbx_status
from .context import ServiceContext
from .state import current_state


@dataclass(frozen=True, slots=True)
class DialTestResult:
    """What happens when an account dials a number, now and after the next generation.

    `differs` tells whether the two differ on the screen. Level and decision are None where the PBX does not know the
    account. `unreachable_trunks` are the ids of the trunks that do not answer.
    """

    account: int
    number: str
    level: int | None
    now: Decision | None
    level_after_generation: int | None
    after_generation: Decision | None
    differs: bool
    unreachable_trunks: frozenset[int]


def test_dial(ctx: ServiceContext, account: str, number: str) -> DialTestResult:
    """Return whether an account may dial a number, which may be spelled with separators. Raises Invalid."""
    account_number = parse_number(account)
    number = normalize_dialled_number(number)
    if not number:
        raise Invalid(N_("Enter the number to dial."), "number")
    current = current_state(ctx)
    level, now = _route(current.live, account_number, number)
    level_after_generation, after_generation = _route(current.saved, account_number, number)
    return DialTestResult(
        account=account_number,
        number=number,
        level=level,
        now=now,
        level_after_generation=level_after_generation,
        after_generation=after_generation,
        differs=_comparable(now) != _comparable(after_generation),
        unreachable_trunks=_unreachable_trunks(ctx),
    )


def _unreachable_trunks(ctx: ServiceContext) -> frozenset[int]:
    return frozenset(
        trunk_id for trunk_id, trunk in pbx_status.current_status(ctx).trunks.items() if not trunk.reachable
    )


def _route(snapshot: Snapshot, account_number: int, number: str) -> tuple[int | None, Decision | None]:
    account = next((account for account in snapshot.accounts if account.number == account_number), None)
    return (account.level, route_call(account.level, number, snapshot)) if account else (None, None)


def _comparable(decision: Decision | None) -> object:
    """Return the parts of a decision that the screen shows."""
    if decision is None:
        return None
    attempts = tuple(
        (attempt.rule.name if attempt.rule else "", attempt.trunk.name, attempt.dialed) for attempt in decision.attempts
    )
    skipped = tuple((rule.name, rule.level) for rule in decision.skipped_routes)
    forwards = tuple(
        (one.rule, one.account, one.level, one.target, _comparable(one.decision)) for one in decision.forwards
    )
    return attempts, decision.reason, skipped, decision.internal, decision.feature, decision.withheld, forwards
