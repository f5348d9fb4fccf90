"""How large a batch of counting may be: SQLite has one writer, and what arrives meanwhile waits for it."""

from __future__ import annotations

AIM_S = 0.12  # how long a batch should hold the write lock
LEAST = 0.4  # of the largest batch: below it, what every batch costs once is more than its events
GROWTH = 1.25  # at most, from one batch to the next


class Pace:
    """The share of the largest batch that the next one may have, by how long the last ones took to write."""

    def __init__(self, *, is_shared: bool) -> None:
        self.share = 1.0
        self._is_shared = is_shared  # whether others wait while we write

    def note(self, seconds: float) -> None:
        """Take account of a batch that was written in so many seconds."""
        if self._is_shared:
            fitting = self.share * min(GROWTH, AIM_S / max(seconds, 0.001))
            self.share = min(1.0, max(LEAST, fitting))
