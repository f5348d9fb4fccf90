"""Marks: the causes that stand under a chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.vocabulary.analytics import AnalyticsFilter, Days

MAX_MARKS = 50


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A cause on a day."""

    day: date
    kind: str
    title: str


def list_marks(session: Session, company_id: int, asked: AnalyticsFilter, days: Days) -> list[MarkRow]:
    """Return the company's marks within the days, oldest first, at most MAX_MARKS.

    Where one resource is asked for, marks of others of its type are left out.
    """
    where, values = "", {}
    if asked.resource_key is not None and asked.type is not None:
        names, keys = sql.in_list((asked.resource_key, *asked.other_keys), "key")
        where = f" AND (resource_type IS NULL OR resource_type <> :type OR resource_key IN ({names}))"
        values = keys | {"type": asked.type.value}
    rows = sql.run(
        tenancy.connection(session, company_id),
        "SELECT day, kind, title FROM marks WHERE company_id = :company_id AND day BETWEEN :start AND :end"
        f"{where} ORDER BY day, at LIMIT :limit",
        company_id=company_id, start=days.start, end=days.end, limit=MAX_MARKS, **values,
    )  # fmt: skip
    return [MarkRow(sql.as_day(day), kind, title) for day, kind, title in rows]
