"""The ways in of a company: which there are, what came through them lately, and how they usually sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.errors import NotFound
from dashboard.models import Source
from dashboard.models.sources import SourceStatus
from dashboard.vocabulary.imports import IMPORT_HEADER
from dashboard.vocabulary.rhythm import CLOSE, WINDOW

HOUR = timedelta(hours=1)
_WRONG = ("unreadable", "partly", "rejected")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source, without its secrets."""

    id: int
    kind: str
    name: str
    status: str
    last_event_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """What came through a source: new events of the last hour, deliveries of today by their fate, all that is held."""

    events: int = 0
    unreadable: int = 0
    rejected: int = 0
    held: int = 0


def list_source_names(session: Session, company_id: int) -> dict[int, str]:
    """Return the names of the company's sources, deleted ones included because their numbers stay, by id."""
    rows = sql.run(
        tenancy.connection(session, company_id),
        "SELECT id, name FROM sources WHERE company_id = :company_id ORDER BY name",
        company_id=company_id,
    )
    return {row[0]: row[1] for row in rows}


def list_sources(session: Session, company_id: int) -> list[SourceRow]:
    """Return the sources that are not deleted, by name."""
    rows = sql.run(
        tenancy.connection(session, company_id),
        "SELECT id, kind, name, status, last_event_at, created_at FROM sources"
        " WHERE company_id = :company_id AND status <> 'deleted'",
        company_id=company_id,
    )
    found = [SourceRow(row[0], row[1], row[2], row[3], sql.as_instant(row[4]), _at(row[5])) for row in rows]
    return sorted(found, key=lambda row: (row.name.casefold(), row.id))


def get_source(session: Session, source_id: int) -> Source:
    """Return one source; raises NotFound for a deleted one, too."""
    source = session.scalar(sa.select(Source).where(Source.id == source_id, Source.status != SourceStatus.DELETED))
    if source is None:
        raise NotFound
    return source


def list_activity(session: Session, company_id: int, *, now: datetime, today: datetime) -> dict[int, Activity]:
    """Return what came through each source that is not deleted, by id; `today` is the instant the day began."""
    mine = "FROM deliveries d WHERE d.company_id = s.company_id AND d.source_id = s.id"
    odd = [
        f"(SELECT COUNT(*) {mine} AND d.state = '{state}'{since})"  # each a range of ix_deliveries_odd
        for state, since in (*((state, " AND d.received_at >= :today") for state in _WRONG), ("held", ""))
    ]
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"SELECT s.id, (SELECT COALESCE(SUM(d.new_count), 0) {mine} AND d.received_at >= :hour_ago), {', '.join(odd)}"
        " FROM sources s WHERE s.company_id = :company_id AND s.status <> 'deleted'",
        company_id=company_id, hour_ago=now - HOUR, today=today,
    )  # fmt: skip
    return {row[0]: Activity(int(row[1]), row[2] + row[3], row[4], row[5]) for row in rows}


def list_arrival_instants(
    session: Session, company_id: int, *, now: datetime, source_id: int | None = None
) -> dict[int, list[datetime]]:
    """Return when something came in the last WINDOW by source, the newest first, as read_silence takes it.

    That is one instant of each minute in which something came, CLOSE of them, and further back one of each hour.
    What was refused for its signature, or uploaded, does not count. The index is walked from one instant to the
    next, so that the work does not grow with what came.
    """
    connection = tenancy.connection(session, company_id)
    newest = (
        "SELECT d.received_at FROM deliveries d WHERE d.company_id = :company_id AND d.source_id = {source}"
        " AND d.received_at >= :since AND d.received_at < {before} AND d.state <> 'rejected'"
        f" AND CAST(d.headers AS TEXT) NOT LIKE '%\"{IMPORT_HEADER}\"%'"
        " ORDER BY d.received_at DESC LIMIT 1"
    )
    first = newest.format(source="s.id", before=":until")
    before = newest.format(source="step.source_id", before=_pace(connection.dialect.name))
    one = "AND s.id = :source_id" if source_id is not None else ""
    values = {"source_id": source_id} if source_id is not None else {}
    rows = sql.run(
        connection,
        f"""
        WITH RECURSIVE step (source_id, at, n) AS (
            SELECT s.id, ({first}), 1 FROM sources s
            WHERE s.company_id = :company_id AND s.status <> 'deleted' {one}
            UNION ALL
            SELECT step.source_id, ({before}), step.n + 1 FROM step WHERE step.at IS NOT NULL
        )
        SELECT source_id, at FROM step WHERE at IS NOT NULL ORDER BY source_id, n
        """,
        company_id=company_id, since=now - WINDOW, until=now + HOUR, close=CLOSE, **values,
    )  # fmt: skip
    found: dict[int, list[datetime]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_at(row[1]))
    return found


def _pace(dialect: str) -> str:
    """Return the expression of the minute, and further back the hour, that a step of the walk leaves behind."""
    minute, hour = "date_trunc('minute', step.at)", "date_trunc('hour', step.at)"
    if dialect == "sqlite":  # where instants are text: 2026-11-22 12:34
        minute, hour = "substr(step.at, 1, 16)", "substr(step.at, 1, 13)"
    return f"CASE WHEN step.n < :close THEN {minute} ELSE {hour} END"


def list_minutes(session: Session, company_id: int, source_id: int, *, now: datetime) -> dict[datetime, int]:
    """Return the new events of each minute of the last hour in which there were any."""
    connection = tenancy.connection(session, company_id)
    is_sqlite = connection.dialect.name == "sqlite"
    minute = "substr(received_at, 1, 16)" if is_sqlite else "date_trunc('minute', received_at)"
    rows = sql.run(
        connection,
        f"SELECT {minute}, SUM(new_count) FROM deliveries WHERE company_id = :company_id AND source_id = :source_id"
        " AND received_at > :since GROUP BY 1 HAVING SUM(new_count) > 0 ORDER BY 1",
        company_id=company_id, source_id=source_id, since=now.replace(second=0, microsecond=0) - HOUR,
    )  # fmt: skip
    return {_at(row[0]): int(row[1]) for row in rows}


def _at(value: object) -> datetime:
    return sql.as_instant(value)
