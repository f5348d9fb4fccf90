"""Work to be done later: put into a queue with the rows it belongs to, taken under a lease, tried again on failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict

LEASE = timedelta(minutes=5)
STEP_LEASE = timedelta(minutes=1)  # of a job that works in steps and remembers each
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)  # doubled with each failure
MAX_ERROR = 500
LOST = "The job took longer than its lease, and another worker has it now."


class Stopped(Exception):
    """The worker ends, and the job with it: the next worker takes it up."""


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that this worker holds the lease of."""

    id: int
    kind: str
    company_id: int | None
    payload: dict[str, Any]
    attempts: int


# A job whose worker died each time: it may be the job that kills them.
_BURY = """
UPDATE jobs SET state = 'dead', last_error = 'Its worker died or stood still each time.', lease_owner = NULL,
    lease_until = NULL
WHERE state = 'running' AND lease_until <= :now AND attempts >= :most
"""

_DUE = """
SELECT id, kind, company_id, payload, attempts FROM jobs
WHERE (state = 'waiting' AND run_at <= :now) OR (state = 'running' AND lease_until <= :now)
ORDER BY run_at, id LIMIT 1
"""


def enqueue(
    connection: sa.Connection,
    kind: str,
    *,
    run_at: datetime,
    now: datetime,
    company_id: int | None = None,
    payload: dict[str, Any] | None = None,
    unique_key: str | None = None,
) -> None:
    """Put a job into the queue, in the caller's transaction; a unique key that is taken already changes nothing."""
    sql.run(
        connection,
        "INSERT INTO jobs (company_id, kind, payload, state, run_at, attempts, unique_key, last_error, created_at)"
        " VALUES (:company_id, :kind, :payload, 'waiting', :run_at, 0, :unique_key, '', :now)"
        " ON CONFLICT (unique_key) DO NOTHING",
        company_id=company_id, kind=kind, payload=orjson.dumps(payload or {}).decode(), run_at=run_at,
        unique_key=unique_key, now=now,
    )  # fmt: skip


def take_due(engines: Engines, owner: str, now: datetime) -> DueJob | None:
    """Take the job that has been due longest, or one whose worker died; None when nothing is due."""
    with engines[Mode.SINGLE].connect() as connection:  # so that an idle worker never takes the write lock
        if sql.run(connection, _DUE, now=now).first() is None:
            return None
    skip = "" if engines.is_sqlite else " FOR UPDATE SKIP LOCKED"
    with engines[Mode.WRITE].begin() as connection:
        sql.run(connection, _BURY, now=now, most=MAX_ATTEMPTS)
        row = sql.run(connection, _DUE + skip, now=now).first()
        if row is None:
            return None
        sql.run(
            connection,
            "UPDATE jobs SET state = 'running', lease_owner = :owner, lease_until = :until, attempts = attempts + 1"
            " WHERE id = :id",
            owner=owner, until=now + LEASE, id=row[0],
        )  # fmt: skip
    payload = orjson.loads(row[3]) if isinstance(row[3], str) else row[3]
    return DueJob(row[0], row[1], row[2], payload, row[4] + 1)


def remember(
    connection: sa.Connection, job: DueJob, owner: str, payload: dict[str, Any], now: datetime, *, goes_on: bool = True
) -> None:
    """Keep how far a job came, in the transaction of its step; raises Conflict when its lease was lost meanwhile.

    A job that goes on from there is not one that kills its workers, so its attempts are counted anew; those of one
    that has to begin again are not.
    """
    result = sql.run(
        connection,
        "UPDATE jobs SET payload = :payload, lease_until = :until, attempts = :attempts"
        " WHERE id = :id AND state = 'running' AND lease_owner = :owner",
        payload=orjson.dumps(payload).decode(), until=now + STEP_LEASE, id=job.id, owner=owner,
        attempts=1 if goes_on else job.attempts,
    )  # fmt: skip
    if result.rowcount != 1:
        raise Conflict(LOST)


def finish(connection: sa.Connection, job: DueJob, owner: str, now: datetime) -> None:
    """Mark the job done, in the transaction of its work; raises Conflict when its lease was lost meanwhile."""
    result = sql.run(
        connection,
        "UPDATE jobs SET state = 'done', finished_at = :now, lease_owner = NULL, lease_until = NULL, last_error = ''"
        " WHERE id = :id AND state = 'running' AND lease_owner = :owner",
        id=job.id, owner=owner, now=now,
    )  # fmt: skip
    if result.rowcount != 1:
        raise Conflict(LOST)


def fail(engines: Engines, job: DueJob, owner: str, error: str, now: datetime) -> None:
    """Put the job back for later, or leave it for a person after MAX_ATTEMPTS."""
    is_dead = job.attempts >= MAX_ATTEMPTS
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection,
            "UPDATE jobs SET state = :state, run_at = :run_at, last_error = :error, lease_owner = NULL,"
            " lease_until = NULL WHERE id = :id AND state = 'running' AND lease_owner = :owner",
            state="dead" if is_dead else "waiting", run_at=now + FIRST_PAUSE * 2 ** (job.attempts - 1),
            error=error[:MAX_ERROR], id=job.id, owner=owner,
        )  # fmt: skip


def put_back(engines: Engines, job: DueJob, owner: str, now: datetime) -> None:
    """Leave a job that was stopped to the next worker, as if it had not been begun."""
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection,
            "UPDATE jobs SET state = 'waiting', run_at = :now, attempts = attempts - 1, lease_owner = NULL,"
            " lease_until = NULL WHERE id = :id AND state = 'running' AND lease_owner = :owner",
            now=now, id=job.id, owner=owner,
        )  # fmt: skip
