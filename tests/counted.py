"""Numbers counted from events, arranged as they stand in the tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from dashboard import tenancy
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import AnalyticsRecord, TotalsRecord
from dashboard.vocabulary.analytics import Basis, Origin, ReportedNumbers
from dashboard.vocabulary.metrics import COUNTERS, Metrics
from dashboard.vocabulary.people import CompanyRef


def count_events(
    engines: Engines, company: CompanyRef, source_id: int, *numbers: ReportedNumbers, now: datetime
) -> None:
    """Write rows of origin events, the same for both bases, and the totals over them; once for a company and day."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        for basis in Basis:
            rows = [_row(basis, one, source_id, now) for one in numbers]
            tenancy.insert_rows(session, company.id, AnalyticsRecord, rows)
            tenancy.insert_rows(session, company.id, TotalsRecord, _totals(basis, numbers))
        session.commit()


def _row(basis: Basis, one: ReportedNumbers, source_id: int, now: datetime) -> dict[str, object]:
    return {
        "basis": basis, "type": one.type, "resource_key": one.resource_key, "day": one.day, "source_id": source_id,
        "origin": Origin.EVENTS, "serial": 0, "created_at": now, "updated_at": now,
    } | _counters(one.metrics)  # fmt: skip


def _totals(basis: Basis, numbers: tuple[ReportedNumbers, ...]) -> list[dict[str, object]]:
    sums: defaultdict[tuple[str, date], Metrics] = defaultdict(Metrics)
    for one in numbers:
        sums[one.type, one.day] += one.metrics
    return [
        {"basis": basis, "type": kind, "day": day, "origin": Origin.EVENTS} | _counters(metrics)
        for (kind, day), metrics in sums.items()
    ]


def _counters(metrics: Metrics) -> dict[str, object]:
    return dict(zip(COUNTERS, metrics.values(), strict=True))
