"""How often a source usually speaks, and whether its silence is unusual.

A source is in trouble when it has been silent for SILENT_GAPS times its usual gap. Nights and weekends would make that
a daily false alarm for whoever sends in office hours, so only those hours of the silence count in which something
came on at least half of the earlier days of the same kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

WINDOW = timedelta(days=14)
CLOSE = 120  # arrivals that are told by the minute, and so tell the gaps between them
SILENT_GAPS = 3
MIN_GAPS = 3  # fewer say nothing of what is usual
ALL_DAY = timedelta(hours=12)  # a source that speaks less often than this is expected at any hour
HOUR = timedelta(hours=1)


class DayKind(StrEnum):
    """Days that resemble each other, as people say it."""

    WEEKDAY = "on weekdays"
    WEEKEND = "at weekends"

    @classmethod
    def of(cls, day: date) -> DayKind:
        """Return the kind of a day."""
        return cls.WEEKEND if day.weekday() >= 5 else cls.WEEKDAY


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a source has been silent, and what is usual for it; None where nothing, or too little, is known.

    `kind` is that of the days whose gap is told; None when all days had to be taken together. A source without
    regular hours comes in bursts, and no silence of it is unusual.
    """

    lasts: timedelta | None = None
    usual_gap: timedelta | None = None
    kind: DayKind | None = None
    is_bursty: bool = False
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class _Gap:
    length: timedelta
    kind: DayKind


def read_silence(arrivals: Sequence[datetime], *, now: datetime, zone: ZoneInfo) -> Silence:
    """Return what a source's silence means; `arrivals` are instants of the last WINDOW, the newest first.

    Of the newest CLOSE one of each minute is needed, and of those before them one of each hour. Days and hours are
    those of the zone.
    """
    if not arrivals:
        return Silence()
    lasts = max(now - arrivals[0], timedelta())
    local = [at.astimezone(zone) for at in arrivals]
    gaps = [_Gap(newer - older, DayKind.of(older.date())) for newer, older in pairwise(local[:CLOSE])]
    today = DayKind.of(now.astimezone(zone).date())
    kind = next((one for one in (today, *DayKind) if sum(gap.kind is one for gap in gaps) >= MIN_GAPS), None)
    lengths = [gap.length.total_seconds() for gap in gaps if kind in {None, gap.kind}]
    if len(lengths) < MIN_GAPS:
        return Silence(lasts)
    usual = timedelta(seconds=median(lengths))
    hours = _Hours(local, {gap.kind for gap in gaps}, usual, now.astimezone(zone))
    is_trouble = hours.expected_part(lasts, SILENT_GAPS * usual) > SILENT_GAPS * usual
    return Silence(lasts, usual, kind, is_bursty=hours.has_none, is_trouble=is_trouble)


class _Hours:
    """The hours of the week in which something is expected."""

    def __init__(self, arrivals: Sequence[datetime], kinds: set[DayKind], usual_gap: timedelta, now: datetime) -> None:
        self._now = now
        self._is_always = usual_gap >= ALL_DAY
        self._kinds_seen = kinds
        self._covered = set() if self._is_always else _covered(arrivals, usual_gap)
        self._known = _days_between(arrivals[-1].date(), now.date())
        expected = (self._is_expected(kind, hour) for kind in DayKind for hour in range(24))
        self.has_none = not self._is_always and not any(expected)

    def expected_part(self, silence: timedelta, enough: timedelta) -> timedelta:
        """Return how much of the silence lies in expected hours, counted backwards until it is more than enough."""
        counted, at, begins = timedelta(), self._now, self._now - silence
        while at > begins and counted <= enough:
            start = max(begins, (at - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0))
            if self._is_always or self._is_expected(DayKind.of(start.date()), start.hour):
                counted += at - start
            at = start
        return counted

    def _is_expected(self, kind: DayKind, hour: int) -> bool:
        days = [day for day in self._known if DayKind.of(day) is kind]
        if not days:
            return kind in self._kinds_seen
        return 2 * sum((day, hour) in self._covered for day in days) >= len(days)


def _covered(arrivals: Sequence[datetime], reach: timedelta) -> set[tuple[date, int]]:
    """Return the hours in which something came; for a gap of hours also those in which it might as well have."""
    found = set()
    reach = reach if reach >= HOUR else timedelta()
    for at in arrivals:
        hour, last = (at - reach).replace(minute=0, second=0, microsecond=0), at + reach
        while hour <= last:
            found.add((hour.date(), hour.hour))
            hour += HOUR
    return found


def _days_between(first: date, last: date) -> list[date]:
    """Return the days after the first and before the last, which are not known in full."""
    return [first + timedelta(days=n) for n in range(1, (last - first).days)]
