"""Uploads behind the worker: read when they are due, given back when it ends, tried again when they fail."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from dashboard.models.jobs import JobState
from dashboard.worker import Counter, Worker
from tests.factories import make_source
from tests.inbox import by
from tests.uploads import lines, look, run, take


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def worker(engines, tmp_path):
    return Worker(engines, folder=tmp_path)


def test_worker_reads_an_upload_and_the_counter_counts_it(engines, cast, source, tmp_path, worker, all_jobs):
    take(engines, cast.acme, source, tmp_path, lines(3))

    worker.run_due()
    Counter(engines).count_all()

    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 3}}
    assert {job.state for job in all_jobs()} == {JobState.DONE}


def test_worker_that_is_stopped_leaves_the_upload_to_the_next_at_once(engines, cast, source, tmp_path, all_jobs):
    take(engines, cast.acme, source, tmp_path, lines(600))
    ended = Worker(engines, folder=tmp_path)
    ended._slots = {"purge": -1}
    asked = iter(range(100))

    def stop_at_the_first_pause():
        if next(asked) == 1:
            ended.stop()
        return datetime.now(UTC)

    ended.clock = stop_at_the_first_pause
    ended.run_due()
    left = [job.state for job in all_jobs() if job.kind == "import"]
    Worker(engines, folder=tmp_path).run_due()

    (row,) = look(engines, cast.acme, source)
    assert left == [JobState.WAITING]
    assert (row.state, row.told.lines) == (JobState.DONE, 600)


def test_upload_whose_file_is_missing_is_tried_again(engines, cast, source, tmp_path, all_jobs):
    take(engines, cast.acme, source, tmp_path, lines(3))

    with capture_logs():
        Worker(engines, folder=tmp_path / "elsewhere").run_due()

    (job,) = [job for job in all_jobs() if job.kind == "import"]
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert job.last_error == "Conflict: The uploaded file is not in the instance folder of this worker."


def test_worker_without_a_folder_says_so(engines, cast, source, tmp_path, all_jobs):
    take(engines, cast.acme, source, tmp_path, lines(3))

    with capture_logs():
        Worker(engines).run_due()

    assert "ValueError: This worker has no folder of uploads." in {job.last_error for job in all_jobs()}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_file(engines, cast, source, tmp_path):
    most = {}
    for number in (20_000, 200_000):
        take(engines, cast.acme, source, tmp_path, lines(number))  # about 230 bytes a line: 4.6 and 46 MB

        tracemalloc.start()
        run(engines, tmp_path)
        most[number] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert [row.told.lines for row in look(engines, cast.acme, source)] == [200_000, 20_000]
    assert most[200_000] < most[20_000] + 1_000_000
    assert most[200_000] < 4_000_000
