"""What must be counted: what was composed is read back, and each message folded by itself.

Providers do not tell everything, and many only to the second, so the numbers are those of what was really posted.
Neither requests nor their order are known here: only the set of events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from dashboard.counting import contributions
from dashboard.counting.batches import Incoming, gather
from dashboard.counting.days import day_finder
from dashboard.counting.facts import Happening, fold
from dashboard.counting.rules import Rules
from dashboard.vocabulary.events import Event
from dashboard.vocabulary.metrics import COUNTERS, Metrics

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def by_send_day(events: Sequence[Event], timezone: str, now: datetime) -> dict[date, Metrics]:
    """Return what these events add, by send day in that time zone, where nothing of their messages is known yet."""
    day_of, days = day_finder(timezone), dict[int, Metrics]()
    for happenings in _by_message(events, now):
        added = contributions.contribute(fold(happenings), "", day_of)
        counts = Metrics(*(added.by_send_day.get(place, 0) for place in range(len(COUNTERS))))
        days[added.send_day] = days.get(added.send_day, Metrics()) + counts
    return {date.fromordinal(day): counts for day, counts in sorted(days.items()) if counts != Metrics()}


def _by_message(events: Sequence[Event], now: datetime) -> list[list[Happening]]:
    """Return the different events of each message; an answer is found by the name of what it answers."""
    received_us = (now - _EPOCH) // timedelta(microseconds=1)
    batch = gather([Incoming(0, 0, received_us, list(events))], Rules())
    found: dict[bytes, list[Happening]] = {}
    for (home, _), row in batch.rows.items():
        message = batch.links.get(home, home)
        if message not in batch.unmatched:
            found.setdefault(message, []).append(row.happening)
    return list(found.values())
