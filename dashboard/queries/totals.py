"""Totals and series over a range, from the company-and-day totals: a few hundred rows for a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.vocabulary.analytics import AnalyticsFilter, DailyNumbers, Days
from dashboard.vocabulary.metrics import COUNTERS, SIX, Metrics


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of a range by day, and the days on which both origins have some."""

    numbers: DailyNumbers
    overlapping: tuple[date, ...]


def get_series(session: Session, company_id: int, asked: AnalyticsFilter, days: Days) -> Series:
    """Return the company's six counts of each of the days, for one type, or for one resource or source of it.

    Reads `analytics_totals` for the whole company, and `analytics` when a resource or a source is asked for.
    Days are the company's; sums over days are made in Python integers. One statement, two rows at most for a day.
    """
    by_day: dict[date, tuple[int, ...]] = {}
    both = []
    for day, counts in _read(tenancy.connection(session, company_id), company_id, asked.within(days), SIX):
        other = by_day.get(day)  # the same day's counts of the other origin
        by_day[day] = tuple(map(sum, zip(counts, other, strict=True))) if other else counts
        if other and any(other) and any(counts):
            both.append(day)
    return Series(DailyNumbers.of(days, by_day), tuple(sorted(both)))


def get_machines(session: Session, company_id: int, asked: AnalyticsFilter, days: Days) -> dict[str, tuple[int, ...]]:
    """Return what machines alone opened and clicked on each of the days: `opened` and `clicked`. One statement."""
    rows = _read(
        tenancy.connection(session, company_id), company_id, asked.within(days), ("machine_opened", "machine_clicked")
    )
    return _columns(days, rows)


def get_untracked(session: Session, company_id: int, asked: AnalyticsFilter, days: Days) -> dict[str, tuple[int, ...]]:
    """Return what campaigns whose opens (clicks) are not tracked delivered on each of the days. One statement."""
    where, values = range_clause(asked.within(days))
    where += narrowing_clause(asked, values)
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"""
        SELECT s.day, SUM(CASE WHEN n.track_opens THEN 0 ELSE s.delivered END),
            SUM(CASE WHEN n.track_clicks THEN 0 ELSE s.delivered END)
        FROM (SELECT day, resource_key, delivered FROM analytics WHERE company_id = :company_id AND {where}) s
        JOIN resource_keys k ON k.company_id = :company_id AND k.type = 'campaign' AND k.key = s.resource_key
        JOIN campaigns n ON n.company_id = :company_id AND n.id = k.campaign_id
            AND NOT (n.track_opens AND n.track_clicks)
        GROUP BY s.day
        """,
        company_id=company_id,
        **values,
    )
    return _columns(days, [(sql.as_day(row[0]), tuple(map(int, row[1:]))) for row in rows])


def _columns(days: Days, rows: list[tuple[date, tuple[int, ...]]]) -> dict[str, tuple[int, ...]]:
    """Turn pairs by day into the columns `opened` and `clicked`; days without a row have nothing."""
    found: dict[date, tuple[int, int]] = {}
    for day, (opened, clicked) in rows:
        known = found.get(day, (0, 0))
        found[day] = (known[0] + opened, known[1] + clicked)
    pairs = [found.get(day, (0, 0)) for day in days]
    return {"opened": tuple(pair[0] for pair in pairs), "clicked": tuple(pair[1] for pair in pairs)}


def get_sum(session: Session, company_id: int, asked: AnalyticsFilter) -> Metrics:
    """Return the sum over everything asked for; without a type, all four types together, as the seed adds them."""
    rows = _read(tenancy.connection(session, company_id), company_id, asked, COUNTERS)
    return Metrics(*map(sum, zip(*(counts for _, counts in rows), strict=True)))


def _read(
    connection: sa.Connection, company_id: int, asked: AnalyticsFilter, counters: tuple[str, ...]
) -> list[tuple[date, tuple[int, ...]]]:
    """Read days and counters, a row per type and origin, from the totals where they suffice."""
    where, values = range_clause(asked)
    select, table, group = ", ".join(counters), "analytics_totals", ""
    if asked.resource_key is not None or asked.source_id is not None:
        select, table = ", ".join(f"SUM({name})" for name in counters), "analytics"
        where += narrowing_clause(asked, values)
        group = " GROUP BY type, day, origin"
    rows = sql.run(
        connection,
        f"SELECT day, {select} FROM {table} WHERE company_id = :company_id AND {where}{group}",
        company_id=company_id,
        **values,
    ).all()
    if group:  # PostgreSQL sums to decimals
        return [(sql.as_day(row[0]), tuple(map(int, row[1:]))) for row in rows]
    return [(sql.as_day(row[0]), row[1:]) for row in rows]


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
        names, keys = sql.in_list((asked.resource_key, *asked.other_keys), "resource_key")
        where += f" AND resource_key IN ({names})"
        values |= keys
    if asked.source_id is not None:
        where += " AND source_id = :source_id"
        values["source_id"] = asked.source_id
    return where
