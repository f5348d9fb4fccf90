"""What programs reported, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.vocabulary.metrics import SIX, Metrics


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """One source's numbers of one key, as reported."""

    serial: int
    type: str
    resource_key: str
    day: date
    source_id: int
    source: str
    updated_at: datetime
    metrics: Metrics

    @property
    def doubt(self) -> str | None:
        """What in these numbers cannot be right; they are kept as they were reported all the same."""
        if self.metrics.delivered + self.metrics.bounced > self.metrics.sent:
            return "delivered and bounced together pass sent"
        return "opened passes delivered" if self.metrics.opened > self.metrics.delivered else None


def list_reported(session: Session, company_id: int, *, limit: int, before: int | None) -> list[ReportedRow]:
    """Return reported rows, the newest made first, those before a serial when one is given."""
    bound = "AND a.serial < :before" if before is not None else ""
    columns = ", ".join(f"a.{name}" for name in SIX)
    statement = f"""
        SELECT a.serial, a.type, a.resource_key, a.day, a.source_id, s.name, a.updated_at, {columns}
        FROM analytics a JOIN sources s ON s.company_id = a.company_id AND s.id = a.source_id
        WHERE a.company_id = :company_id AND a.basis = 'sent' AND a.origin = 'reported' {bound}
        ORDER BY a.serial DESC LIMIT :limit
    """
    values = {"before": before} if before is not None else {}
    rows = sql.run(tenancy.connection(session, company_id), statement, company_id=company_id, limit=limit, **values)
    found: list[Any] = list(rows)
    return [
        ReportedRow(
            row[0], row[1], row[2], sql.as_day(row[3]), row[4], row[5],
            sql.as_instant(row[6]), Metrics(*row[7:]),
        )
        for row in found
    ]  # fmt: skip
