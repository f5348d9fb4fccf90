"""The job that counts history anew: beside counters, through restarts, and with its progress kept."""

import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest

from dashboard.counting.rules import Rule
from dashboard.models.jobs import JobState
from dashboard.services import jobs, leases, rebuilds, rules
from dashboard.services.jobs import STEP_LEASE
from dashboard.worker import Counter, Worker
from tests.factories import make_source
from tests.inbox import NOON, count, put, rollups, told


@pytest.fixture
def website(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def asked(engines, cast, website, seed, clock):
    """Mail that was counted before a rule was made, and the wish to count it anew."""
    put(engines, cast.acme, website, told("sent", subject="Summer sale"), told("sent", "m2", subject="Hello"))
    count(engines, cast.acme)
    with seed(cast.acme) as session:
        rule = Rule("campaign", "subject", "", "*sale*", "sale")
        rules.add_rule(session, cast.acme.id, uuid4(), rule, actor="ada", now=clock())
        rebuilds.ask_rebuild(session, cast.acme.id, reason="rules", actor="ada", now=clock())
    return cast.acme


@pytest.fixture
def worker(engines, clock):
    return Worker(engines, clock=clock)


@pytest.fixture
def rebuild_job(all_jobs):
    """Return the job as it is stored."""

    def read():
        (job,) = [one for one in all_jobs() if one.kind == "rebuild"]
        return job

    return read


def campaigns(engines, company):
    return {key[2]: row["sent"] for key, row in rollups(engines, company).items() if key[:2] == ("sent", "campaign")}


def test_worker_counts_history_anew(engines, asked, worker, rebuild_job):
    worker.run_due()

    assert campaigns(engines, asked) == {"spring": 1, "sale": 1}
    assert rebuild_job().state is JobState.DONE


def test_progress_is_kept_in_the_job(engines, asked, clock, rebuild_job):
    job = jobs.take_due(engines, "one", clock())

    rebuilds.run_job(engines, job, "one", clock, lambda: False)

    kept = rebuild_job().payload
    assert (kept["total"], kept["changes"], kept["timezone"]) == (2, 1, "Europe/Berlin")
    assert (kept["reason"], kept["actor"], kept["step"]) == ("rules", "ada", "count")
    assert rebuild_job().attempts == 1


def test_progress_keeps_the_lease_of_the_job(engines, asked, clock, rebuild_job):
    job = jobs.take_due(engines, "one", clock())
    clock.move(minutes=4)

    rebuilds.run_job(engines, job, "one", clock, lambda: False)

    assert rebuild_job().lease_until == clock() + STEP_LEASE


def test_job_waits_for_a_counter(engines, asked, worker, clock, rebuild_job):
    leases.take(engines, asked.id, "counter", clock())
    thread = Thread(target=worker.run_due)
    thread.start()
    time.sleep(0.3)
    before = campaigns(engines, asked)

    leases.give_back(engines, asked.id, "counter")
    thread.join(timeout=20)

    assert before == {"spring": 2}
    assert campaigns(engines, asked) == {"spring": 1, "sale": 1}
    assert (rebuild_job().state, rebuild_job().attempts) == (JobState.DONE, 1)


def test_job_is_tried_again_later_when_the_counter_does_not_end(engines, asked, clock, rebuild_job):
    leases.take(engines, asked.id, "counter", clock())
    job = jobs.take_due(engines, "one", clock())

    with pytest.raises(leases.Busy) as busy:
        rebuilds.run_job(engines, job, "one", clock, lambda: False, patience_s=0.1)
    jobs.fail(engines, job, "one", str(busy.value), clock())

    assert (rebuild_job().state, rebuild_job().run_at) == (JobState.WAITING, clock() + timedelta(seconds=10))
    assert campaigns(engines, asked) == {"spring": 2}


def test_worker_that_ends_leaves_the_job_to_the_next(engines, asked, clock, worker, rebuild_job):
    leases.take(engines, asked.id, "counter", clock())  # so that it is at the job when it is stopped
    thread = Thread(target=worker.run_due)
    thread.start()
    while rebuild_job().state is not JobState.RUNNING:
        time.sleep(0.01)

    worker.stop()
    thread.join(timeout=20)
    left = rebuild_job()
    leases.give_back(engines, asked.id, "counter")
    Worker(engines, clock=clock).run_due()

    assert (left.state, left.attempts) == (JobState.WAITING, 0)
    assert rebuild_job().state is JobState.DONE
    assert campaigns(engines, asked) == {"spring": 1, "sale": 1}


def test_worker_that_ends_in_the_middle_gives_the_company_back(engines, asked, clock):
    job = jobs.take_due(engines, "one", clock())

    with pytest.raises(jobs.Stopped):
        rebuilds.run_job(engines, job, "one", clock, lambda: True)

    assert leases.take(engines, asked.id, "another", clock())


def test_job_of_a_killed_worker_is_done_by_another(engines, asked, clock, worker, rebuild_job):
    jobs.take_due(engines, "killed", clock())
    clock.move(minutes=6)

    worker.run_due()

    assert (rebuild_job().state, rebuild_job().attempts) == (JobState.DONE, 2)
    assert campaigns(engines, asked) == {"spring": 1, "sale": 1}


@contextmanager
def never_empty(engines, company, source):
    """A counter at work on an inbox into which a delivery comes whenever it looks at the clock."""
    arrived = []

    def clock():
        arrived.append(put(engines, company, source, told("sent", f"more {len(arrived)}")))
        return NOON

    counter = Counter(engines, clock, turn_s=0.3)
    thread = Thread(target=counter.run_forever)
    thread.start()
    try:
        yield
    finally:
        counter.stop()
        thread.join(timeout=20)


def test_job_gets_its_turn_beside_an_inbox_that_is_never_empty(engines, asked, website, worker, rebuild_job):
    put(engines, asked, website, told("sent", "first"))

    with never_empty(engines, asked, website):
        worker.run_due()

    assert rebuild_job().state is JobState.DONE


def test_company_gets_its_turn_beside_one_whose_inbox_is_never_empty(engines, app, cast, website):
    theirs = make_source(engines, app.extensions["vault"], cast.rival)[0]
    put(engines, cast.acme, website, told("sent", "first"))
    put(engines, cast.rival, theirs, told("sent"))

    with never_empty(engines, cast.acme, website):
        ends = time.monotonic() + 20
        while not rollups(engines, cast.rival) and time.monotonic() < ends:
            time.sleep(0.05)

    assert campaigns(engines, cast.rival) == {"spring": 1}


def test_job_of_a_company_that_is_gone_goes_with_it(engines, cast, clock):
    job = jobs.DueJob(1, "rebuild", 999_999, {}, 1)

    rebuilds.run_job(engines, job, "one", clock, lambda: False)
