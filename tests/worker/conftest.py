"""Jobs as the tests put them in and look at them."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import Job
from dashboard.services import jobs


@pytest.fixture
def enqueue(engines, clock) -> Callable[..., None]:
    """Put a job into the queue, due now unless said otherwise."""

    def put(kind: str = "purge", **rest) -> None:
        with engines[Mode.WRITE].begin() as connection:
            jobs.enqueue(connection, kind, **({"run_at": clock(), "now": clock()} | rest))

    return put


@pytest.fixture
def take(engines, clock) -> Callable[..., jobs.DueJob | None]:
    """Take the next due job as one of several workers."""
    return lambda owner="one": jobs.take_due(engines, owner, clock())


@pytest.fixture
def all_jobs(seed) -> Callable[[], list[Job]]:
    """Return every job, oldest first."""

    def read() -> list[Job]:
        with seed() as session:
            return list(session.scalars(sa.select(Job).order_by(Job.id)))

    return read
