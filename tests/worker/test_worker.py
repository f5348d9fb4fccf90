"""The loop behind `dashboard worker`."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from dashboard.models import Throttle
from dashboard.models.jobs import JobState
from dashboard.services.jobs import FIRST_PAUSE
from dashboard.worker import BEFORE, KINDS, TICKS, Worker
from tests.web.apps import second_app


@pytest.fixture
def worker(engines):
    return Worker(engines)


def test_every_tick_is_of_a_kind_that_exists():
    assert set(TICKS) <= set(KINDS) | set(BEFORE)


def test_first_round_runs_the_tick_and_the_second_finds_nothing(worker, all_jobs):
    first, second = worker.run_due(), worker.run_due()

    assert (first, second) == (len(TICKS), 0)
    assert {row.state for row in all_jobs()} == {JobState.DONE}


def test_two_workers_run_a_tick_once(engines, all_jobs):
    workers, barrier = [Worker(engines), Worker(engines)], Barrier(2)

    def run(worker):
        barrier.wait()
        worker.run_due()

    threads = [Thread(target=run, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    slots = [row.unique_key for row in all_jobs()]
    assert len(slots) == len(set(slots))
    assert {(row.state, row.attempts) for row in all_jobs()} == {(JobState.DONE, 1)}


def test_worker_that_starts_again_within_the_hour_does_not_run_the_tick_again(engines, all_jobs):
    Worker(engines).run_due()
    Worker(engines).run_due()

    slots = [row.unique_key for row in all_jobs()]
    assert len(slots) == len(set(slots))


def test_work_and_its_mark_are_one_transaction(worker, seed, all_jobs):
    past = datetime.now(UTC) - timedelta(seconds=1)
    with seed() as session:
        session.add(Throttle(key_digest=b"x" * 32, count=1, window_ends_at=past))

    worker.run_due()

    with seed() as session:
        assert session.scalars(sa.select(Throttle)).all() == []
    assert all_jobs()[0].state is JobState.DONE


def test_job_that_fails_goes_back_and_the_loop_goes_on(worker, enqueue, all_jobs):
    enqueue("no such kind", run_at=datetime.now(UTC) - timedelta(days=1))

    with capture_logs() as lines:
        done = worker.run_due()

    failed, *others = all_jobs()
    assert done == 1 + len(TICKS)
    assert (failed.state, failed.attempts, failed.last_error) == (JobState.WAITING, 1, "KeyError: 'no such kind'")
    assert failed.run_at > datetime.now(UTC) + FIRST_PAUSE - timedelta(seconds=5)
    assert {row.state for row in others} == {JobState.DONE}
    assert [line["kind"] for line in lines if line["event"] == "job failed"] == ["no such kind"]


def test_stopped_worker_takes_no_more_jobs(worker, enqueue, all_jobs):
    enqueue()
    worker.stop()

    assert worker.run_due() == 0
    assert all_jobs()[0].state is JobState.WAITING


def test_loop_ends_when_it_is_stopped(worker):
    thread = Thread(target=worker.run_forever)
    thread.start()

    worker.stop()
    thread.join(timeout=5)

    assert not thread.is_alive()


def test_loop_outlives_a_store_that_is_gone(tmp_path):
    with second_app(tmp_path) as app:
        engines = app.extensions["engines"]
        engines.base.dispose()
        (tmp_path / "dashboard.sqlite3").rename(tmp_path / "moved")
        (tmp_path / "dashboard.sqlite3").mkdir()
        worker = Worker(engines)
        thread = Thread(target=worker.run_forever)

        with capture_logs() as lines:
            thread.start()
            thread.join(timeout=0.5)
            is_alive = thread.is_alive()
            worker.stop()
            thread.join(timeout=5)

    assert is_alive
    assert "worker cannot reach the store" in {line["event"] for line in lines}
