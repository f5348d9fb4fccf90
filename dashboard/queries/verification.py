"""Proof that the totals are the sums of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.vocabulary.metrics import COUNTERS


@dataclass(frozen=True, slots=True)
class Difference:
    """One counter of one company-and-day total that is not the sum of its rows."""

    basis: str
    type: str
    day: date
    origin: str
    counter: str
    total: int
    sum_of_rows: int


def find_difference(session: Session, company_id: int) -> Difference | None:
    """Compare every total with the sum of its rows, within one transaction; return the first that differs."""
    connection = tenancy.connection(session, company_id)
    group = "basis, type, day, origin"
    sums = ", ".join(f"SUM({name})" for name in COUNTERS)
    rows = sql.run(
        connection,
        f"SELECT {group}, {sums} FROM analytics WHERE company_id = :company_id GROUP BY {group}",
        company_id=company_id,
    )
    expected = {tuple(row[:4]): tuple(map(int, row[4:])) for row in rows}
    rows = sql.run(
        connection,
        f"SELECT {group}, {', '.join(COUNTERS)} FROM analytics_totals WHERE company_id = :company_id",
        company_id=company_id,
    )
    found = {tuple(row[:4]): tuple(row[4:]) for row in rows}
    nothing = (0,) * len(COUNTERS)
    for key in sorted(expected.keys() | found.keys()):
        for counter, total, summed in zip(COUNTERS, found.get(key, nothing), expected.get(key, nothing), strict=True):
            if total != summed:
                return Difference(key[0], key[1], sql.as_day(key[2]), key[3], counter, total, summed)
    return None
