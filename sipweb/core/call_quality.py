"""When the sound of a call was bad.

The limits: ITU-T G.114 recommends at most 150 ms in one direction, so 300 ms there and back. 30 ms of jitter are what
usual jitter buffers even out. Above 3 % of lost packets G.711 with concealment loses about 10 points of the rating R
(ITU-T G.107 and G.113), which most listeners notice.
"""

from dataclasses import dataclass

MAX_LOSS = 3.0  # percent
MAX_JITTER = 30.0  # ms
MAX_ROUND_TRIP = 300.0  # ms


@dataclass(frozen=True, slots=True)
class CallQuality:
    """The worst direction of a call: lost packets in percent, jitter and round trip in ms; None if not measured."""

    loss: float | None = None
    jitter: float | None = None
    round_trip: float | None = None

    @property
    def is_bad(self) -> bool:
        """Whether a value is above its limit."""
        return (
            (self.loss or 0.0) > MAX_LOSS
            or (self.jitter or 0.0) > MAX_JITTER
            or (self.round_trip or 0.0) > MAX_ROUND_TRIP
        )

    def worst(self, other: "CallQuality") -> "CallQuality":
        """Return the worse of each value."""
        return CallQuality(
            _highest(self.loss, other.loss), _highest(self.jitter, other.jitter),
            _highest(self.round_trip, other.round_trip),
        )  # fmt: skip


def _highest(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
