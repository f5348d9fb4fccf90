"""How many requests a key makes in a minute, counted in this process; a new minute begins at nought."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime


class MinuteLimit:
    """Counts of the present minute, by key."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[int] = Counter()
        self._lock = threading.Lock()

    def admits(self, key: int, limit: int, now: datetime) -> bool:
        """Count a request of the key; say whether it is within the limit."""
        minute = int(now.timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counts.clear()
            self._counts[key] += 1
            return self._counts[key] <= limit
