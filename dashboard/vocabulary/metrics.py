"""The counters kept per resource and day, and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Self

# The largest integer that every JSON reader keeps exactly (IEEE 754 double, ECMA-262 Number.MAX_SAFE_INTEGER).
MAX_COUNT = 2**53 - 1


class Metric(StrEnum):
    """The six counts that a program may report; the order is that of the CSV."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    BOUNCED = "bounced"

    @property
    def label(self) -> str:
        """The word on a card, a column or a line."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Metrics:
    """One set of counters; every field is a number of messages except the two totals, which count happenings."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    bounced: int = 0
    hard_bounced: int = 0
    soft_bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0
    deferred: int = 0
    rejected: int = 0
    machine_opened: int = 0
    machine_clicked: int = 0
    total_opens: int = 0
    total_clicks: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*map(sum, zip(self.values(), other.values(), strict=True)))

    def __sub__(self, other: Self) -> Self:
        return type(self)(*(a - b for a, b in zip(self.values(), other.values(), strict=True)))

    def __getitem__(self, name: str) -> int:
        value: int = getattr(self, name)
        return value

    def values(self) -> tuple[int, ...]:
        """Return the counters in the order of COUNTERS."""
        counters: tuple[int, ...] = _all_of(self)
        return counters

    @classmethod
    def total(cls, many: Iterable[Self]) -> Self:
        """Return the sum of many sets, in Python integers, which do not overflow."""
        columns = zip(*(one.values() for one in many), strict=True)
        return cls(*(sum(column) for column in columns))


COUNTERS: tuple[str, ...] = tuple(field.name for field in fields(Metrics))
_all_of = attrgetter(*COUNTERS)
SIX: tuple[str, ...] = tuple(metric.value for metric in Metric)
EXTRAS: tuple[str, ...] = tuple(name for name in COUNTERS if name not in SIX)


def camel(name: str) -> str:
    """Return the API's spelling of a counter: `hard_bounced` is `hardBounced`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
