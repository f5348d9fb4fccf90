"""Where reported and event-derived numbers meet for one key and day: such mail may be counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.queries.totals import narrowing_clause, range_clause
from dashboard.vocabulary.analytics import AnalyticsFilter, Days


@dataclass(frozen=True, slots=True)
class Overlap:
    """A resource with numbers of both origins, and on how many days of the range."""

    resource_key: str
    days: int


def list_overlaps(
    session: Session, company_id: int, asked: AnalyticsFilter, days: tuple[date, ...], *, limit: int = 5
) -> list[Overlap]:
    """Return the resources with both origins on one of the days, most days first.

    `days` are those on which the company's totals have both origins; without any there is no statement.
    """
    if not days:
        return []
    where, values = range_clause(asked.within(Days(min(days), max(days))))
    where += narrowing_clause(asked, values)
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"""
        SELECT resource_key, COUNT(*) FROM (
            SELECT resource_key, day FROM analytics WHERE company_id = :company_id AND {where}
            GROUP BY resource_key, day HAVING COUNT(DISTINCT origin) = 2) AS both_origins
        GROUP BY resource_key ORDER BY 2 DESC, 1 LIMIT :limit
        """,
        company_id=company_id,
        limit=limit,
        **values,
    )
    return [Overlap(*row) for row in rows]
