"""Rows of analytics, one per (type, resource key, day), summed over sources and origins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.queries.totals import narrowing_clause, range_clause
from dashboard.vocabulary.analytics import AnalyticsFilter, AnalyticsRow, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, SIX, Metrics

_SUMS = ", ".join(f"SUM({name})" for name in COUNTERS)


class Position(NamedTuple):
    """Where a page of rows ended: the next one begins behind it."""

    day: date
    resource_key: str
    type: str


def list_rows(
    session: Session, company_id: int, asked: AnalyticsFilter, *, limit: int, after: Position | None = None
) -> list[AnalyticsRow]:
    """Return at most `limit` rows by day, then resource key, then type, behind a position."""
    statement, values = _ordered(asked, _SUMS, after)
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"{statement} LIMIT :limit",
        company_id=company_id,
        limit=limit,
        **values,
    )
    return [_row(row) for row in rows]


def list_recent(session: Session, company_id: int, asked: AnalyticsFilter, *, limit: int) -> list[AnalyticsRow]:
    """Return the newest rows: by day, the latest first, and within a day the newest made row first.

    Only the newest days are read: those down to the day on which the wanted number of rows is reached, and
    further back where several sources share their keys.
    """
    connection = tenancy.connection(session, company_id)
    reach = limit
    while True:
        first = _nth_newest_day(connection, company_id, asked, reach)
        where, values = range_clause(replace(asked, start=first))
        statement = f"""
            SELECT day, resource_key, type, {_SUMS} FROM analytics
            WHERE company_id = :company_id AND {where}
            GROUP BY day, resource_key, type ORDER BY day DESC, MIN(serial) DESC LIMIT :limit
        """
        rows = sql.run(connection, statement, company_id=company_id, limit=limit, **values).all()
        if first is None or len(rows) == limit:
            return [_row(row) for row in rows]
        reach *= 8


def _nth_newest_day(connection: sa.Connection, company_id: int, asked: AnalyticsFilter, nth: int) -> date | None:
    """Return the latest of each type's day of its nth newest row; None when every type has fewer rows."""
    days = []
    for kind in asked.types:
        found = sql.run(
            connection,
            "SELECT day FROM analytics WHERE company_id = :company_id AND basis = :basis AND type = :type "
            "ORDER BY day DESC LIMIT 1 OFFSET :skipped",
            company_id=company_id, basis=asked.basis.value, type=kind.value, skipped=nth - 1,
        ).scalar()  # fmt: skip
        if found is not None:
            days.append(sql.as_day(found))
    return max(days, default=None)


def stream_rows(
    connection: sa.Connection, company_id: int, asked: AnalyticsFilter, *, counters: tuple[str, ...] = SIX
) -> Iterator[list[Any]]:
    """Yield chunks of raw rows (day as text, type, resource key, counters) in the order of `list_rows`.

    Constant memory: the store sends a chunk at a time. The caller owns the connection and its transaction.
    """
    sums = ", ".join(f"SUM({name})" for name in counters)
    statement, values = _ordered(asked, sums, None)
    result = sql.run(connection.execution_options(stream_results=True), statement, company_id=company_id, **values)
    while chunk := result.fetchmany(2000):
        yield [(str(row[0]), row[2], row[1], *map(int, row[3:])) for row in chunk]


def _ordered(asked: AnalyticsFilter, sums: str, after: Position | None) -> tuple[str, dict[str, Any]]:
    """Return the ordered statement: one ordered part per type, merged by the store along its index."""
    bounds, values = _bounds(asked)
    parts = []
    for n, kind in enumerate(asked.types):
        values[f"kind{n}"] = kind.value
        behind = _behind(kind, after, values)
        parts.append(
            f"SELECT day, resource_key, type, {sums} FROM analytics "
            f"WHERE company_id = :company_id AND basis = :basis AND type = :kind{n}{bounds}{behind} "
            "GROUP BY day, resource_key, type"
        )
    return " UNION ALL ".join(parts) + " ORDER BY 1, 2, 3", values


def _bounds(asked: AnalyticsFilter) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"basis": asked.basis.value}
    where = ""
    if asked.start is not None:
        where += " AND day >= :start"
        values["start"] = asked.start
    if asked.end is not None:
        where += " AND day <= :end"
        values["end"] = asked.end
    return where + narrowing_clause(asked, values), values


def _behind(kind: ResourceType, after: Position | None, values: dict[str, Any]) -> str:
    """Return the condition that a row of this type stands behind the position."""
    if after is None:
        return ""
    values |= {"after_day": after.day, "after_key": after.resource_key}
    comparison = ">=" if kind.value > after.type else ">"
    return f" AND day >= :after_day AND (day > :after_day OR resource_key {comparison} :after_key)"


def _row(row: Any) -> AnalyticsRow:
    day, key, kind, *counts = row
    return AnalyticsRow(ResourceType(kind), key, sql.as_day(day), Metrics(*map(int, counts)))
