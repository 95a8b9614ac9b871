"""One run: the subjects that take turns in its rounds."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.growth import Growth
from benchmarks.report import Times
from benchmarks.subjects import Sipweb, Subject


@dataclass
class Run:
    subjects: list[Subject]
    versions: dict[str, str] = field(default_factory=dict)
    growth: Growth | None = None
    _backwards: bool = False

    @property
    def sipweb(self) -> list[Sipweb]:
        """The present code, or none when it is left out."""
        return [s for s in self.subjects if type(s) is Sipweb]

    def turns(self) -> list[Subject]:
        """The subjects of one round: in turn forwards and backwards, so that none always follows the same other one."""
        self._backwards = not self._backwards
        return self.subjects if self._backwards else self.subjects[::-1]

    def times(self) -> Times:
        return {s.name: [] for s in self.subjects}


def rounds(most: int, least: int, seconds: float) -> Iterator[bool]:
    """Whether the round counts: the first warms up. Ends early, after at least `least`, where the machine is slow."""
    until = time.monotonic() + seconds
    for number in range(most + 1):
        if number > least and time.monotonic() > until:
            return
        yield number > 0
