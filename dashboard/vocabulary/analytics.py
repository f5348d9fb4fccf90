"""What a number is about: resource types, time bases, origins, days, and the one filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from dashboard.vocabulary.metrics import Metrics

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
        return (self.start + timedelta(days=n) for n in range(len(self)))

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
class DayTotals:
    """The company's numbers of one day, for one type."""

    day: date
    metrics: Metrics
