"""What each PBX host should run while a generation is being made, and when that is over. Pure.

tests/core/test_rollout.py simulates hosts that follow these rules. What it showed that a host must do as well:

- It stores that it is present, and only then looks what is wanted. What it found wanted and its report "working" are
  one transaction, and so are its last report and the end of the rollout.
- Each time it looks, not only at its start, and finds its own report "working" although it tries nothing, it reports
  "interrupted": a failover may have lost what it reported afterwards.
- It compares digests, not only numbers, also before it reports: after a failover another generation may have the
  number that it has tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DONE = ("verified", "written")
FAILED = ("refused", "interrupted")


@dataclass(frozen=True, slots=True)
class Rollout:
    """The live generation, and the running one, if there is one.

    `present` are the hosts that answer, the first one first: it tries a generation before all others. `reports` has
    what hosts have reported about the running one: working, or a state of DONE or FAILED.
    """

    live: int
    running: int | None = None
    present: tuple[str, ...] = ()
    reports: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_failed(self) -> bool:
        """Whether a host refused the running generation, or died while it tried it."""
        return any(state in FAILED for state in self.reports.values())

    @property
    def is_proven(self) -> bool:
        """Whether a host runs the running generation and has verified it."""
        return any(state in DONE for state in self.reports.values())


def wanted(rollout: Rollout, host: str) -> int:
    """Return the generation that a host should run now.

    One host tries the running generation first, the others follow when it has verified it. A generation that one host
    refused is wanted nowhere.
    """
    if rollout.running is None or rollout.has_failed:
        return rollout.live
    if host in rollout.reports or rollout.is_proven:
        return rollout.running
    is_tried = any(rollout.reports.get(other) == "working" for other in rollout.present)
    return rollout.running if rollout.present[:1] == (host,) and not is_tried else rollout.live


def result(rollout: Rollout) -> str:
    """Return the state in which the running generation ends, or "" while hosts that answer have not reported."""
    if rollout.running is None:
        return ""
    states = set(rollout.reports.values())
    for state in FAILED:
        if state in states:
            return state
    if not rollout.is_proven or any(rollout.reports.get(host) not in DONE for host in rollout.present):
        return ""
    return "written" if "written" in states else "verified"
