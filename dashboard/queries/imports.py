"""Uploads of providers' exports: which there were, how far they are read, and what became of their lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.errors import NotFound
from dashboard.models import Source
from dashboard.models.jobs import JobState
from dashboard.models.sources import SourceStatus
from dashboard.providers.registry import adapters
from dashboard.vocabulary.imports import Import

KEPT = 20  # imports of a source that are listed
LOOKED_AT = 200  # of a company, to find those of one source

_TALLY = (
    "SELECT {n}, COUNT(*), SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END),"
    " SUM(CASE WHEN state = 'held' THEN 1 ELSE 0 END), SUM(new_count), SUM(duplicate_count), SUM(ignored_count),"
    " SUM(unreadable_count), SUM(late_count) FROM deliveries"
    " WHERE company_id = :company_id AND id BETWEEN :first{n} AND :last{n}"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A source that exports can be uploaded to."""

    id: int
    name: str
    kind: str
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of an import's deliveries and of what they hold; `new` are those counted and those too late."""

    deliveries: int = 0
    pending: int = 0
    held: int = 0
    new: int = 0
    duplicate: int = 0
    ignored: int = 0
    unreadable: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import, where its job stands, and what became of its deliveries."""

    told: Import
    state: JobState
    begun_at: datetime
    error: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job: what it remembers, where it stands, and how it last failed."""

    payload: dict[str, Any]
    state: JobState
    error: str


def get_target(session: Session, source_id: int) -> Target:
    """Return a source of a provider; raises NotFound for others and for a deleted one, too."""
    source = session.scalar(sa.select(Source).where(Source.id == source_id, Source.status != SourceStatus.DELETED))
    if source is None or source.kind not in adapters():
        raise NotFound
    return Target(source.id, source.name, source.kind, source.status is SourceStatus.PAUSED)


def list_imports(session: Session, company_id: int, source_id: int) -> list[ImportRow]:
    """Return the newest imports of a source, the last one first. They are kept as long as deliveries are."""
    connection = tenancy.connection(session, company_id)
    rows = sql.run(
        connection,
        "SELECT payload, state, created_at, last_error FROM jobs WHERE company_id = :company_id AND kind = 'import'"
        " ORDER BY id DESC LIMIT :most",
        company_id=company_id, most=LOOKED_AT,
    ).all()  # fmt: skip
    read = [(Import.read(_object(row[0])), *row[1:]) for row in rows]
    mine = [one for one in read if one[0].source_id == source_id][:KEPT]
    tallies = _count(connection, company_id, [one[0] for one in mine])
    return [
        ImportRow(told, JobState(state), sql.as_instant(begun_at), error, tallies[place])
        for place, (told, state, begun_at, error) in enumerate(mine)
    ]


def _count(connection: sa.Connection, company_id: int, found: list[Import]) -> list[Tally]:
    """Return a tally for each import, in one statement."""
    if not found:
        return []
    ends: dict[str, UUID] = {}
    for n, one in enumerate(found):
        ends |= {f"first{n}": one.id, f"last{n}": one.last_id}
    statement = " UNION ALL ".join(_TALLY.format(n=n) for n in range(len(found)))
    rows = sql.run(connection, statement, company_id=company_id, **ends).all()
    by_place = {row[0]: Tally(*(int(count or 0) for count in row[1:])) for row in rows}
    return [by_place[n] for n in range(len(found))]


def count_unfinished(session: Session, company_id: int) -> int:
    """Return how many imports of the company wait or are being read."""
    return int(
        sql.run(
            tenancy.connection(session, company_id),
            "SELECT COUNT(*) FROM jobs WHERE company_id = :company_id AND kind = 'import'"
            " AND state IN ('waiting', 'running')",
            company_id=company_id,
        ).scalar_one()
    )


def find_job(session: Session, company_id: int, unique_key: str) -> FoundJob | None:
    """Return what a job of the company tells of itself."""
    row = sql.run(
        tenancy.connection(session, company_id),
        "SELECT payload, state, last_error FROM jobs WHERE company_id = :company_id AND unique_key = :unique_key",
        company_id=company_id, unique_key=unique_key,
    ).one_or_none()  # fmt: skip
    return FoundJob(_object(row[0]), JobState(row[1]), row[2]) if row else None


# --- for the job, which has a connection of its own ------------------------------------------------


def read_status(connection: sa.Connection, company_id: int, source_id: int) -> str:
    """Return a source's status; one that is no more is deleted."""
    statement = "SELECT status FROM sources WHERE company_id = :company_id AND id = :id"
    found = sql.run(connection, statement, company_id=company_id, id=source_id).scalar()
    return str(found or SourceStatus.DELETED)


def read_kind(connection: sa.Connection, company_id: int, source_id: int) -> str:
    """Return the provider of a source."""
    statement = "SELECT kind FROM sources WHERE company_id = :company_id AND id = :id"
    return str(sql.run(connection, statement, company_id=company_id, id=source_id).scalar_one())


def is_pending(connection: sa.Connection, company_id: int, delivery_id: UUID) -> bool:
    """Say whether a delivery still waits to be counted."""
    statement = "SELECT state FROM deliveries WHERE company_id = :company_id AND id = :id"
    return bool(sql.run(connection, statement, company_id=company_id, id=delivery_id).scalar() == "pending")


def list_unfinished_ids(connection: sa.Connection) -> set[str]:
    """Return the ids of the imports of all companies that wait or are being read: the names of their files."""
    statement = (
        "SELECT payload FROM jobs WHERE kind IN ('import', 'import_mailboxes') AND state IN ('waiting', 'running')"
    )
    return {_object(row[0])["id"] for row in sql.run(connection, statement)}


def _object(payload: Any) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(payload) if isinstance(payload, str) else payload
    return read
