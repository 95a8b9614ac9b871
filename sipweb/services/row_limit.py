"""How many rows phones and providers may cause in a while, so that none of them fills the database."""

import time

ROWS_PER_SECOND = 50
BURST = 150.0  # rows that may be written at once


class RowLimit:
    """Allows BURST rows at once, and ROWS_PER_SECOND over time."""

    def __init__(self) -> None:
        self._allowed = BURST
        self._taken_at = time.monotonic()

    def take(self, wanted: int) -> int:
        """Return how many of so many rows may be written now, and count them."""
        now = time.monotonic()
        self._allowed = min(BURST, self._allowed + ROWS_PER_SECOND * (now - self._taken_at))
        self._taken_at = now
        taken = max(0, min(wanted, int(self._allowed)))
        self._allowed -= taken
        return taken
