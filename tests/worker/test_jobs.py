"""The queue: taken under a lease, tried again after a growing pause, and left for a person in the end."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from dashboard.database.engine import Mode
from dashboard.errors import Conflict
from dashboard.models.jobs import JobState
from dashboard.services import jobs
from dashboard.services.jobs import LEASE, MAX_ATTEMPTS, MAX_ERROR


def finish(engines, job, owner, clock):
    with engines[Mode.WRITE].begin() as connection:
        jobs.finish(connection, job, owner, clock())


def test_job_is_taken_with_all_that_was_put_into_it(enqueue, take, cast):
    enqueue("count", company_id=cast.acme.id, payload={"day": "2026-11-22", "n": [1, 2]})

    job = take()

    assert (job.kind, job.company_id, job.payload) == ("count", cast.acme.id, {"day": "2026-11-22", "n": [1, 2]})
    assert job.attempts == 1


def test_nothing_is_taken_when_nothing_is_due(enqueue, take, clock):
    enqueue(run_at=clock() + timedelta(seconds=1))

    assert take() is None


def test_job_is_due_from_its_instant_on(enqueue, take, clock):
    enqueue(run_at=clock() + timedelta(seconds=1))
    clock.move(seconds=1)

    assert take() is not None


def test_job_that_has_been_due_longest_comes_first(enqueue, take, clock):
    enqueue("later", run_at=clock() - timedelta(minutes=1))
    enqueue("sooner", run_at=clock() - timedelta(minutes=2))

    assert [take().kind, take().kind, take()] == ["sooner", "later", None]


def test_job_goes_with_the_transaction_it_was_put_into(engines, all_jobs, clock):
    with engines[Mode.WRITE].connect() as connection:
        jobs.enqueue(connection, "purge", run_at=clock(), now=clock())
        connection.rollback()

    assert all_jobs() == []


def test_job_in_hand_is_not_taken_twice(enqueue, take):
    enqueue()

    assert take("one") is not None
    assert take("two") is None


def test_job_is_done_once(enqueue, take, all_jobs, engines, clock):
    enqueue()
    finish(engines, take("one"), "one", clock)

    (row,) = all_jobs()
    assert (row.state, row.finished_at, row.lease_owner, row.lease_until) == (JobState.DONE, clock(), None, None)
    clock.move(days=1)
    assert take() is None


def test_job_of_a_dead_worker_is_taken_over_when_its_lease_ends(enqueue, take, clock):
    enqueue()
    take("one")

    clock.move(seconds=LEASE.total_seconds() - 1)
    before = take("two")
    clock.move(seconds=1)
    after = take("two")

    assert before is None
    assert after.attempts == 2


def test_worker_that_lost_its_lease_cannot_finish(enqueue, take, engines, clock, all_jobs):
    enqueue()
    slow = take("one")
    clock.move(minutes=5)
    quick = take("two")

    with pytest.raises(Conflict):
        finish(engines, slow, "one", clock)
    finish(engines, quick, "two", clock)

    assert [row.state for row in all_jobs()] == [JobState.DONE]


def test_worker_that_lost_its_lease_cannot_put_the_job_back(enqueue, take, engines, clock, all_jobs):
    enqueue()
    slow = take("one")
    clock.move(minutes=5)
    take("two")

    jobs.fail(engines, slow, "one", "too late", clock())

    (row,) = all_jobs()
    assert (row.state, row.lease_owner, row.last_error) == (JobState.RUNNING, "two", "")


def test_job_that_failed_is_tried_again_after_a_pause_that_doubles(enqueue, take, engines, clock, all_jobs):
    enqueue()

    pauses = []
    for _ in range(MAX_ATTEMPTS - 1):
        jobs.fail(engines, take(), "one", "no", clock())
        (row,) = all_jobs()
        pauses.append((row.run_at - clock()).total_seconds())
        assert take() is None
        clock.now = row.run_at

    assert pauses == [10, 20, 40, 80, 160, 320, 640]


def test_job_is_left_for_a_person_after_eight_failures(enqueue, take, engines, clock, all_jobs):
    enqueue()

    for _ in range(MAX_ATTEMPTS):
        jobs.fail(engines, take(), "one", "the disk is full", clock())
        clock.move(hours=1)

    (row,) = all_jobs()
    assert (MAX_ATTEMPTS, row.state, row.attempts) == (8, JobState.DEAD, 8)
    assert row.last_error == "the disk is full"
    assert take() is None


def test_job_that_kills_its_workers_is_left_for_a_person_too(enqueue, take, clock, all_jobs):
    enqueue()

    taken = 0
    while take() is not None:
        taken += 1
        clock.move(minutes=5)

    (row,) = all_jobs()
    assert (taken, row.state, row.lease_owner) == (8, JobState.DEAD, None)


def test_dead_job_does_not_hold_up_the_others(enqueue, take, engines, clock):
    enqueue("bad")
    enqueue("good", run_at=clock() + timedelta(seconds=1))
    jobs.fail(engines, take(), "one", "no", clock())
    clock.move(seconds=1)

    assert take().kind == "good"


def test_job_that_succeeds_at_last_forgets_its_error(enqueue, take, engines, clock, all_jobs):
    enqueue()
    jobs.fail(engines, take(), "one", "no", clock())
    clock.move(seconds=10)

    finish(engines, take(), "one", clock)

    assert [row.last_error for row in all_jobs()] == [""]


def test_long_error_is_cut(enqueue, take, engines, clock, all_jobs):
    enqueue()

    jobs.fail(engines, take(), "one", "x" * 10_000, clock())

    assert len(all_jobs()[0].last_error) == MAX_ERROR == 500


def test_unique_key_makes_one_job_of_two(enqueue, all_jobs):
    enqueue("purge", unique_key="purge 1")
    enqueue("purge", unique_key="purge 1")
    enqueue("purge", unique_key="purge 2")
    enqueue("purge")
    enqueue("purge")

    assert [row.unique_key for row in all_jobs()] == ["purge 1", "purge 2", None, None]


def test_unique_key_stays_taken_when_its_job_is_done(enqueue, take, engines, clock, all_jobs):
    enqueue(unique_key="slot")
    finish(engines, take(), "one", clock)

    enqueue(unique_key="slot")

    assert len(all_jobs()) == 1


def test_jobs_are_taken_once_each_by_workers_that_race(enqueue, engines, clock):
    for number in range(12):
        enqueue(f"job {number}")
    barrier, taken = Barrier(4), []

    def work(owner):
        barrier.wait()
        while (job := jobs.take_due(engines, owner, clock())) is not None:
            taken.append(job.id)

    threads = [Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 12


def test_idle_worker_takes_no_write_lock(take, count_statements):
    with count_statements() as statements:
        take()

    assert len(statements) == 1
