"""Totals and series over a range, from the company-and-day totals: a few hundred rows for a year."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.vocabulary.analytics import AnalyticsFilter, Days, DayTotals, Origin
from dashboard.vocabulary.metrics import COUNTERS, Metrics

_LIST = ", ".join(COUNTERS)
_SUMS = ", ".join(f"SUM({name})" for name in COUNTERS)


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of a range by day, and the days on which both origins have some."""

    by_day: dict[date, Metrics]
    overlapping: tuple[date, ...]

    def over(self, days: Days) -> list[DayTotals]:
        """Return one entry per day of the range, oldest first, days without mail filled with zeros."""
        return [DayTotals(day, self.by_day.get(day, _NOTHING)) for day in days]

    def total(self, days: Days) -> Metrics:
        """Return the sum over a range."""
        return Metrics.total([metrics for day, metrics in self.by_day.items() if day in days] or [_NOTHING])


_NOTHING = Metrics()


def get_series(session: Session, company_id: int, asked: AnalyticsFilter) -> Series:
    """Return the company's numbers by day for one type, or for one resource or source of it.

    Reads `analytics_totals` for the whole company, and `analytics` when a resource or a source is asked for.
    Days are the company's; sums over days are made in Python integers. One statement.
    """
    is_summed = asked.resource_key is not None or asked.source_id is not None  # PostgreSQL sums to decimals
    rows = _read(tenancy.connection(session, company_id), company_id, asked)
    by_day: dict[date, Metrics] = {}
    origins: defaultdict[date, set[str]] = defaultdict(set)
    for day, origin, *counts in rows:
        key = sql.as_day(day)
        metrics = Metrics(*map(int, counts)) if is_summed else Metrics(*counts)
        by_day[key] = by_day[key] + metrics if key in by_day else metrics
        if any(counts):
            origins[key].add(origin)
    both = tuple(sorted(day for day, seen in origins.items() if len(seen) == len(Origin)))
    return Series(by_day, both)


def get_sum(session: Session, company_id: int, asked: AnalyticsFilter) -> Metrics:
    """Return the sum over everything asked for; without a type, all four types together, as the seed adds them."""
    rows = _read(tenancy.connection(session, company_id), company_id, asked)
    return Metrics.total([Metrics(*map(int, row[2:])) for row in rows] or [_NOTHING])


def _read(connection: sa.Connection, company_id: int, asked: AnalyticsFilter) -> sql.RawResult:
    """Read (day, origin, counters) of each type, from the totals where they suffice."""
    where, values = range_clause(asked)
    if asked.resource_key is None and asked.source_id is None:
        select, table, group = _LIST, "analytics_totals", ""
    else:
        select, table, group = _SUMS, "analytics", " GROUP BY type, day, origin"
        where += narrowing_clause(asked, values)
    return sql.run(
        connection,
        f"SELECT day, origin, {select} FROM {table} WHERE company_id = :company_id AND {where}{group}",
        company_id=company_id,
        **values,
    )


def range_clause(asked: AnalyticsFilter) -> tuple[str, dict[str, object]]:
    """Return the conditions on basis, type and days, and their values."""
    names, values = sql.in_list([kind.value for kind in asked.types], "type")
    where = f"basis = :basis AND type IN ({names})"
    values |= {"basis": asked.basis.value}
    if asked.start is not None:
        where += " AND day >= :start"
        values["start"] = asked.start
    if asked.end is not None:
        where += " AND day <= :end"
        values["end"] = asked.end
    return where, values


def narrowing_clause(asked: AnalyticsFilter, values: dict[str, object]) -> str:
    """Return the conditions on resource and source, adding their values."""
    where = ""
    if asked.resource_key is not None:
        where += " AND resource_key = :resource_key"
        values["resource_key"] = asked.resource_key
    if asked.source_id is not None:
        where += " AND source_id = :source_id"
        values["source_id"] = asked.source_id
    return where
