"""What a number is about: resource types, time bases, origins, days, and the one filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from dashboard.vocabulary.metrics import SIX, Metrics

NO_RESOURCE = ""  # stands in every table and answer for mail that names no resource; pages write "(none)"


class ResourceType(StrEnum):
    """What a mail belongs to; totals are always of one type."""

    CAMPAIGN = "campaign"
    TEMPLATE = "template"
    MAILBOX = "mailbox"
    DOMAIN = "domain"
    RECEIVER = "receiver"


# The four that programs may report. A receiver (gmail, outlook, ...) is only ever derived from events.
REPORTABLE_TYPES = tuple(kind for kind in ResourceType if kind is not ResourceType.RECEIVER)


class Basis(StrEnum):
    """The day on which something is booked: that of the sending, or that of the happening."""

    SENT = "sent"
    EVENT = "event"


class Origin(StrEnum):
    """Whether a row was counted from events or reported as a daily total."""

    EVENTS = "events"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Days:
    """A range of calendar days in the company's time zone; both ends are included."""

    start: date
    end: date

    def __len__(self) -> int:
        return max(0, (self.end - self.start).days + 1)

    def __iter__(self) -> Iterator[date]:
        return map(date.fromordinal, range(self.start.toordinal(), self.end.toordinal() + 1))

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def before(self) -> Days:
        """Return the range of equal length that ends the day before this one starts."""
        end = self.start - timedelta(days=1)
        return Days(end - timedelta(days=len(self) - 1), end)


@dataclass(frozen=True, slots=True)
class AnalyticsFilter:
    """The one filter of cards, charts, tables, CSV and API.

    A bound of None is no bound. `type` None means all four reportable types together, which only the API and
    its export offer, because a mail belongs to one resource of each type and would be counted four times.
    """

    start: date | None = None
    end: date | None = None
    type: ResourceType | None = None
    resource_key: str | None = None
    source_id: int | None = None
    basis: Basis = Basis.SENT
    other_keys: tuple[str, ...] = ()  # further keys of the same resource, whose numbers belong to it

    @property
    def types(self) -> tuple[ResourceType, ...]:
        """The types whose rows are asked for."""
        return (self.type,) if self.type else REPORTABLE_TYPES

    def within(self, days: Days) -> Self:
        """Return this filter over other days."""
        return replace(self, start=days.start, end=days.end)


@dataclass(frozen=True, slots=True)
class ReportedNumbers:
    """One day's numbers of one resource, as a program reports them; they replace what the source said before."""

    type: ResourceType
    resource_key: str
    day: date
    metrics: Metrics

    @property
    def key(self) -> tuple[str, str, date]:
        """What the numbers are about."""
        return (self.type, self.resource_key, self.day)


@dataclass(frozen=True, slots=True)
class AnalyticsRow:
    """The numbers of one (type, resource key, day), summed over sources and origins."""

    type: ResourceType
    resource_key: str
    day: date
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class DailyNumbers:
    """The six counts of consecutive days, oldest first: a column for each, of which sums and curves are made."""

    days: tuple[date, ...]
    columns: dict[str, tuple[int, ...]]  # by name, in the order of SIX

    @classmethod
    def of(cls, days: Days, known: Mapping[date, tuple[int, ...]]) -> Self:
        """Turn rows of six counts into columns; days that have no row are filled with zeros."""
        every = tuple(days)
        columns = zip(*[known.get(day, _ZEROS) for day in every], strict=True) if every else ((),) * len(SIX)
        return cls(every, dict(zip(SIX, columns, strict=True)))

    def __len__(self) -> int:
        return len(self.days)

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return self.columns[name]

    def within(self, days: Days) -> Self:
        """Return the part that lies within other days."""
        if not self.days:
            return self
        first, last = ((day - self.days[0]).days for day in (days.start, days.end))
        part = slice(max(first, 0), max(last + 1, 0))
        return type(self)(self.days[part], {name: column[part] for name, column in self.columns.items()})

    def total(self) -> Metrics:
        """Return the sum over the days, in Python integers, which do not overflow."""
        return Metrics(*map(sum, self.columns.values()))

    def rows(self) -> list[tuple[date, tuple[int, ...]]]:
        """Return each day with its six counts."""
        return list(zip(self.days, zip(*self.columns.values(), strict=True), strict=True))


_ZEROS = (0,) * len(SIX)
