"""`dashboard worker` runs what is due, once or until it is told to stop."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import Job, Throttle
from dashboard.models.jobs import JobState
from dashboard.worker import TICKS

PAST = datetime.now(UTC) - timedelta(seconds=1)


def test_worker_does_everything_that_is_due_and_ends(run, seed):
    with seed() as session:
        session.add(Throttle(key_digest=b"x" * 32, count=1, window_ends_at=PAST))

    answer = run("worker", "--once")

    assert (answer.code, answer.out) == (0, f"0 deliveries counted, {len(TICKS)} jobs done.\n")
    with seed() as session:
        assert session.scalars(sa.select(Throttle)).all() == []
        assert set(session.scalars(sa.select(Job.state))) == {JobState.DONE}


def test_second_round_within_the_hour_finds_nothing_to_do(run, seed):
    run("worker", "--once")

    assert run("worker", "--once").code == 0

    with seed() as session:
        keys = session.scalars(sa.select(Job.unique_key)).all()
    assert len(keys) == len(set(keys))


def test_worker_leaves_what_is_not_due_yet(run, seed):
    with seed() as session:
        soon = datetime.now(UTC) + timedelta(hours=2)
        session.add(Job(kind="purge", run_at=soon, created_at=PAST, payload={}, unique_key="later"))

    run("worker", "--once")

    with seed() as session:
        assert session.scalar(sa.select(Job.state).where(Job.unique_key == "later")) is JobState.WAITING


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_stops_when_it_is_told_to(process, started, number):
    process("db", "upgrade")
    worker = started("worker")
    first = worker.stdout.readline()  # the line of its first job: it is at work

    worker.send_signal(number)
    asked = time.monotonic()
    worker.communicate(timeout=10)

    assert "job done" in first
    assert worker.returncode == 0
    assert time.monotonic() - asked < 10
