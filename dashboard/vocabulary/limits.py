"""How often something happens in a minute, counted in this process; a new minute begins at nought."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable
from datetime import datetime


class MinuteLimit:
    """Counts of the present minute, by key."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def admits(self, key: Hashable, limit: int, now: datetime) -> bool:
        """Count one of the key; say whether it is within the limit."""
        with self._lock:
            self._begin(now)
            self._counts[key] += 1
            return self._counts[key] <= limit

    def count(self, key: Hashable, now: datetime) -> int:
        """Return how many of the key were counted in this minute."""
        with self._lock:
            self._begin(now)
            return self._counts[key]

    def _begin(self, now: datetime) -> None:
        minute = int(now.timestamp()) // 60
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
