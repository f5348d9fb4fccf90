"""What came in while its source was paused: kept as it is, and let go when the source is resumed.

Events become pending and are counted like any others. Reported numbers, which were checked when they came, are set
in the order of their arrival, so that the last word holds as if nothing had been paused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.errors import Invalid
from dashboard.services import reported, state
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.keys import normal_form
from dashboard.vocabulary.metrics import SIX, Metrics
from dashboard.vocabulary.sources import SealedSource

# Stands among the headers of each delivery of reported numbers. No sender can put it there: a header's name never
# begins with a colon.
REPORT_MARK = {":path": "/webhook/analytics"}
CHUNK = 100  # deliveries read at once

_MINE = "company_id = :company_id AND source_id = :source_id AND state = 'held'"
IS_REPORT = "CAST(headers AS TEXT) LIKE '%\"/webhook/analytics\"%'"


@dataclass(frozen=True, slots=True)
class Released:
    """How many deliveries were let go: those to be counted now, and those whose reported numbers were set."""

    pending: int
    reports: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.pending + self.reports


@dataclass(frozen=True, slots=True)
class Report:
    """A held delivery of reported numbers."""

    id: Any
    updates: list[ReportedNumbers]


def must_hold(connection: sa.Connection, company_id: int, source: SealedSource) -> bool:
    """Say whether what came in now is to be held.

    A source that was found paused may be resumed at this moment. Whoever does that holds the company's state, so it
    is waited for, and the source is looked at again: else a delivery could be held that nobody lets go.
    """
    if not source.is_paused:
        return False
    state.lock(connection, company_id)
    row = sql.run(
        connection,
        "SELECT status FROM sources WHERE company_id = :company_id AND id = :id",
        company_id=company_id, id=source.id,
    ).first()  # fmt: skip
    return row is not None and row[0] != "active"


def release(session: Session, company_id: int, source_id: int, *, now: datetime) -> Released:
    """Let go of what is held of a source; the caller holds the company's state."""
    connection = tenancy.connection(session, company_id)
    reports = 0
    while batch := _list_reports(connection, company_id, source_id):
        for group in _groups(batch):
            _set(session, company_id, source_id, group, now=now)
        reports += len(batch)
    result = sql.run(
        connection, f"UPDATE deliveries SET state = 'pending' WHERE {_MINE}",
        company_id=company_id, source_id=source_id,
    )  # fmt: skip
    return Released(result.rowcount, reports)


def _list_reports(connection: sa.Connection, company_id: int, source_id: int) -> list[Report]:
    rows = sql.run(
        connection,
        f"SELECT id, body FROM deliveries WHERE {_MINE} AND {IS_REPORT} ORDER BY received_at, id LIMIT {CHUNK}",
        company_id=company_id, source_id=source_id,
    ).all()  # fmt: skip
    return [Report(row[0], _read(bytes(row[1]))) for row in rows]


def _read(body: bytes) -> list[ReportedNumbers]:
    """Return the updates of a body that was found right when it came."""
    value = orjson.loads(zlib.decompress(body))
    return [_numbers(one) for one in value.get("updates", [value])]


def _numbers(update: dict[str, Any]) -> ReportedNumbers:
    kind = ResourceType(update["type"])
    metrics = Metrics(*(update["metrics"][name] for name in SIX))
    return ReportedNumbers(kind, normal_form(kind, update["resourceId"]), date.fromisoformat(update["date"]), metrics)


def _groups(reports: list[Report]) -> Iterator[list[Report]]:
    """Yield neighbours that together are not much more than one batch."""
    group: list[Report] = []
    size = 0
    for report in reports:
        if group and size + len(report.updates) > reported.MAX_BATCH:
            yield group
            group, size = [], 0
        group.append(report)
        size += len(report.updates)
    yield group


def _set(session: Session, company_id: int, source_id: int, group: list[Report], *, now: datetime) -> None:
    """Set the numbers of the group at once, or one after the other where one of them cannot be set.

    The sender has had its 200, so what would pass the largest sum is kept as unreadable, with the reason.
    """
    connection = tenancy.connection(session, company_id)
    updates = [update for report in group for update in report.updates]
    try:
        reported.set_numbers(session, company_id, source_id, updates, now=now)
    except Invalid as error:  # raised before anything is written
        if len(group) == 1:
            _mark(connection, company_id, group, now, "unreadable", f"{error.message} {error.fields[0].message}")
            return
        for one in group:
            _set(session, company_id, source_id, [one], now=now)
        return
    _mark(connection, company_id, group, now, "counted", "")


def _mark(
    connection: sa.Connection, company_id: int, group: list[Report], now: datetime, name: str, reason: str
) -> None:
    is_counted = name == "counted"
    rows = [
        {
            "company_id": company_id, "id": one.id, "state": name, "reason": reason[:500], "now": now,
            "new": len(one.updates) if is_counted else 0, "unreadable": 0 if is_counted else len(one.updates),
        }
        for one in group
    ]  # fmt: skip
    sql.run_many(
        connection,
        "UPDATE deliveries SET state = :state, reason = :reason, new_count = :new, unreadable_count = :unreadable,"
        " counted_at = :now WHERE company_id = :company_id AND id = :id",
        rows,
    )
