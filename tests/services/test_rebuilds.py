"""Counting history anew: asked for once, done by the rules of today, and known to be done."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from dashboard.counting.rules import Rule
from dashboard.models import AuditEntry, Company, Job
from dashboard.models.jobs import JobState
from dashboard.queries import rebuilds as queries
from dashboard.services import leases, rebuilds, rules
from dashboard.services.proof import Step
from tests.factories import make_source
from tests.inbox import NOON, count, put, rollups, told

SALE = Rule("campaign", "subject", "", "*sale*", "sale")


@pytest.fixture
def counted(engines, app, cast):
    """Two messages of the spring campaign, one of them about a sale."""
    source = make_source(engines, app.extensions["vault"], cast.acme)[0]
    put(engines, cast.acme, source, told("sent", subject="Summer sale"), told("sent", "m2", subject="Hello"))
    count(engines, cast.acme)
    return cast.acme


@pytest.fixture
def add(seed, cast):
    def added(rule=SALE):
        with seed(cast.acme) as session:
            rules.add_rule(session, cast.acme.id, uuid4(), rule, actor="ada", now=NOON)

    return added


@pytest.fixture
def history(seed, cast):
    def read():
        with seed(cast.acme) as session:
            return queries.get_history(session)

    return read


@pytest.fixture
def ask(seed, cast, clock):
    def asked(reason="rules"):
        with seed(cast.acme) as session:
            return rebuilds.ask_rebuild(session, cast.acme.id, reason=reason, actor="ada", now=clock())

    return asked


def rebuild(engines, company, **options):
    return rebuilds.rebuild(engines, company, "test", lambda: NOON, actor="ada", **options)


def set_jobs(seed, company, **values):
    with seed(company) as session:
        session.execute(sa.update(Job).values(**values))


def count_jobs(seed, company):
    with seed(company) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job))


def test_history_follows_until_a_rule_changes(engines, counted, history, add):
    before = history().follows
    add()
    changed = history().follows
    rebuild(engines, counted)

    assert (before, changed, history().follows) == (True, False, True)


def test_history_without_mail_follows_any_rules(history, add):
    add()

    assert history().follows


def test_rebuild_is_written_down_with_what_it_changed(engines, counted, seed, history, add):
    add()

    changed = rebuild(engines, counted)

    with seed(counted) as session:
        (entry,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "rebuild.done"))
    assert changed == 1
    assert entry.details == {"changes": 1, "messages": 1, "timezone": "Europe/Berlin"}
    assert (history().last.messages, history().last.at) == (1, NOON)
    assert {key[2] for key in rollups(engines, counted) if key[1] == "campaign"} == {"spring", "sale"}


def test_rule_that_changes_meanwhile_is_not_covered(engines, counted, history, add):
    add()

    rebuild(
        engines, counted, progress=lambda _step, done: add(Rule("campaign", "tag", "", "x", "x")) if not done else None
    )

    assert not history().follows


def test_lease_is_kept_while_rows_are_added_up(engines, counted, clock):
    taken = []

    def look(step, done):
        clock.move(seconds=20)  # a lease lasts for 30
        if step is Step.SUM:
            taken.append(leases.take(engines, counted.id, "other", clock()))

    rebuilds.rebuild(engines, counted, "test", clock, actor="ada", progress=look)

    assert taken
    assert not any(taken)


def test_two_clicks_are_one_job(seed, counted, ask):
    assert [ask(), ask()] == [True, False]
    assert count_jobs(seed, counted) == 1


@pytest.mark.parametrize("state", [JobState.DONE, JobState.DEAD])
def test_another_job_is_made_when_the_last_has_ended(seed, counted, ask, state):
    ask()
    set_jobs(seed, counted, state=state)

    assert [ask(), ask()] == [True, False]
    assert count_jobs(seed, counted) == 2


def test_job_at_work_covers_the_rules_that_it_knows(seed, counted, ask, add):
    add()
    ask()
    set_jobs(seed, counted, state=JobState.RUNNING, payload={"changes": 1, "timezone": "Europe/Berlin"})

    same = ask()
    add(Rule("campaign", "tag", "", "x", "x"))
    newer, again = ask(), ask()

    assert (same, newer, again) == (False, True, False)


def test_job_at_work_does_not_cover_another_time_zone(seed, counted, ask):
    ask()
    set_jobs(seed, counted, state=JobState.RUNNING, payload={"changes": 0, "timezone": "Europe/Berlin"})
    with seed(counted) as session:
        session.execute(sa.update(Company).values(timezone="Asia/Tokyo"))

    assert ask("time zone")
    with seed(counted) as session:
        assert queries.list_rebuilds(session)[0].payload == {"reason": "time zone", "actor": "ada"}


def test_jobs_of_another_company_are_no_hindrance(seed, cast, counted, ask):
    ask()

    with seed(cast.rival) as session:
        assert rebuilds.ask_rebuild(session, cast.rival.id, reason="rules", actor="rex", now=NOON)
        assert queries.get_history(session).active.payload["actor"] == "rex"
