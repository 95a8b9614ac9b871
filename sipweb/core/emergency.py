"""Whether emergency calls can be placed, and what prevents them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import N_
from .outbound_routing import route_call, unreachable_emergency_numbers
from .snapshot import Snapshot, Trunk


class Reason(StrEnum):
    """Why emergency calls can't be placed."""

    NO_TRUNK = "no_trunk"
    NO_ACTIVE_TRUNK = "no_active_trunk"
    NOT_GENERATED = "not_generated"  # possible after the next generation
    UNREACHABLE = "unreachable"  # no provider answers
    AFTER_GENERATION = "after_generation"  # possible now, but not after the next generation


MESSAGES = {
    Reason.NO_TRUNK: N_("Emergency calls (%(numbers)s) can't be placed: no trunk is configured."),
    Reason.NO_ACTIVE_TRUNK: N_("Emergency calls (%(numbers)s) can't be placed: no trunk is active."),
    Reason.NOT_GENERATED: N_("Emergency calls (%(numbers)s) can't be placed until the configuration is generated."),
    Reason.UNREACHABLE: N_("Emergency calls (%(numbers)s) can't be placed now: no trunk is reachable (%(trunks)s)."),
    Reason.AFTER_GENERATION: N_(
        "After the configuration is generated, emergency calls (%(numbers)s) will no longer be possible."
    ),
}


@dataclass(frozen=True, slots=True)
class EmergencyProblem:
    """Emergency numbers that can't be called, and why; `trunks` are those that can't be reached."""

    reason: Reason
    numbers: tuple[str, ...]
    trunks: tuple[Trunk, ...] = ()

    @property
    def message(self) -> str:
        """The sentence that says so: a message id, to be filled with the values."""
        return MESSAGES[self.reason]

    @property
    def values(self) -> dict[str, str]:
        """The values of the sentence."""
        values = {"numbers": ", ".join(self.numbers)}
        return values | {"trunks": ", ".join(trunk.name for trunk in self.trunks)} if self.trunks else values

    @property
    def fingerprint(self) -> str:
        """What changes with the reason, the numbers and the trunks, but not with a trunk's name."""
        facts = [self.reason, *self.numbers, *(f"trunk {trunk.id}" for trunk in self.trunks)]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()

    def __str__(self) -> str:
        return self.message % self.values


def emergency_problems(
    live: Snapshot, saved: Snapshot, reachable: Mapping[int, bool | None], *, has_trunks: bool
) -> tuple[EmergencyProblem, ...]:
    """Return what prevents emergency calls now, and then what will after the next generation.

    `reachable` tells by the trunk's id whether its provider answers; None and a missing id mean unknown. `has_trunks`
    tells whether any trunk is saved, inactive ones included.
    """
    now, after = unreachable_emergency_numbers(live), unreachable_emergency_numbers(saved)
    if now and after:
        reason = Reason.NO_ACTIVE_TRUNK if has_trunks else Reason.NO_TRUNK
        return (EmergencyProblem(reason, after),)
    if now:
        return (EmergencyProblem(Reason.NOT_GENERATED, now),)
    problems = [EmergencyProblem(Reason.AFTER_GENERATION, after)] if after else []
    if unanswered := _unanswered(live, reachable):
        problems.insert(0, unanswered)
    return tuple(problems)


def _unanswered(live: Snapshot, reachable: Mapping[int, bool | None]) -> EmergencyProblem | None:
    """Return the numbers whose trunks are all known to be unreachable; None when there is no such number."""
    numbers: list[str] = []
    trunks: set[int] = set()
    for number in live.settings.emergency_numbers:
        attempts = route_call(0, number, live).attempts
        if attempts and all(reachable.get(attempt.trunk.id) is False for attempt in attempts):
            numbers.append(number)
            trunks |= {attempt.trunk.id for attempt in attempts}
    if not numbers:
        return None
    return EmergencyProblem(
        Reason.UNREACHABLE, tuple(numbers), tuple(trunk for trunk in live.trunks if trunk.id in trunks)
    )
