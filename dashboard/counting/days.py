"""Days of a time zone from instants, remembered, for every event asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_QUARTER_US = 900_000_000  # no time zone changes its offset within a quarter of an hour


@lru_cache(maxsize=256)
def day_finder(timezone: str) -> Callable[[int], int]:
    """Return what turns microseconds into the ordinal of the day in a time zone; it remembers what it was asked."""
    zone = ZoneInfo(timezone)

    @lru_cache(maxsize=50_000)
    def day_of_quarter(quarter: int) -> int:
        return datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).toordinal()

    return lambda at_us: day_of_quarter(at_us // _QUARTER_US)
