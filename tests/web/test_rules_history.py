"""Old mail and the rules: what the page says until history is counted anew, and while that is done."""

import pytest
import sqlalchemy as sa

from dashboard.models import Job
from dashboard.models.jobs import JobState
from dashboard.services import rebuilds
from dashboard.worker import Worker
from tests.helpers import HTMX, page, text
from tests.inbox import count, put, told

FIELDS = {"field": "subject", "name": "", "pattern": "*sale*", "type": "campaign", "resource_key": "sale"}


@pytest.fixture
def ada(browser):
    return browser("ada")


@pytest.fixture
def behind(engines, cast, website, ada):
    """Mail that was counted before the first rule was made."""
    put(engines, cast.acme, website[0], told("sent", subject="Summer sale"))
    count(engines, cast.acme)
    ada.post("/c/acme/rules", "/c/acme/rules/new", **FIELDS)
    return cast.acme


def said(who):
    found = page(who.get("/c/acme/rules")).select_one("#history")
    return text(found), found


def click(who):
    return who.post("/c/acme/rules/history", "/c/acme/rules")


def set_job(seed, company, **values):
    with seed(company) as session:
        session.execute(sa.update(Job).values(**values))


def jobs_of(seed, company):
    with seed(company) as session:
        return session.scalars(sa.select(Job).order_by(Job.id)).all()


def test_page_says_that_old_mail_does_not_follow_yet(ada, behind):
    words, found = said(ada)

    assert words.startswith("New mail follows these rules, old mail does not yet.")
    assert text(found.select_one("form button")) == "Count history anew with these rules"
    assert not found.has_attr("data-live")


def test_others_are_told_whom_to_ask(behind, browser):
    words, found = said(browser("gil"))

    assert words.endswith("An admin of Acme can start that.")
    assert found.select("form") == []


def test_click_makes_one_job_however_often(ada, behind, seed):
    answers = [click(ada).status_code for _ in range(3)]

    (job,) = jobs_of(seed, behind)
    assert answers == [303, 303, 303]
    assert (job.kind, job.company_id, job.payload) == (
        "rebuild",
        behind.id,
        {"reason": "rules", "actor": "ada@acme.test"},
    )


def test_page_follows_the_job_until_it_is_done(ada, behind, engines, clock, seed):
    click(ada)
    waiting, polled = said(ada)
    set_job(
        seed, behind, state=JobState.RUNNING, attempts=1, lease_owner="one", lease_until=clock(),
        payload={"step": "count", "done": 1200, "total": 4800, "reason": "rules", "actor": "ada"},
    )  # fmt: skip
    half = page(ada.get("/c/acme/rules/history", headers=HTMX)).select_one("#history")

    Worker(engines, clock=clock).run_due()
    done = page(ada.get("/c/acme/rules/history", headers=HTMX)).select_one("#history")

    assert "A worker begins in a moment." in waiting
    assert (polled["hx-get"], polled.has_attr("data-live")) == ("/c/acme/rules/history", True)
    assert "1,200 of 4,800 messages are looked at." in text(half)
    assert (half.select_one("progress")["value"], half.select_one("progress")["max"]) == ("1200", "4800")
    assert text(done).startswith(
        "All mail follows these rules. History was counted anew on 22 Nov 2026, 13:00; 1 message changed."
    )
    assert not done.has_attr("hx-get")


def test_unchanged_progress_is_answered_with_304(ada, behind):
    click(ada)
    first = ada.get("/c/acme/rules/history", headers=HTMX)

    again = ada.get("/c/acme/rules/history", headers=HTMX | {"HX-PTag": first.headers["HX-PTag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_job_that_nobody_begins_makes_the_page_ask_for_a_worker(ada, behind, clock):
    click(ada)
    clock.move(minutes=2)

    assert "No worker has begun it yet. Is dashboard worker running?" in said(ada)[0]


def test_job_that_is_put_off_says_when_it_is_tried_again(ada, behind, seed, clock):
    click(ada)
    set_job(seed, behind, attempts=1, last_error="Busy: acme is being counted", run_at=clock())

    assert "It is tried again at 13:00:00." in said(ada)[0]


def test_job_that_was_given_up_can_be_asked_for_again(ada, behind, seed):
    click(ada)
    set_job(seed, behind, state=JobState.DEAD, attempts=8, last_error="KeyError: secret")

    words, found = said(ada)
    click(ada)

    assert words.startswith("History could not be counted anew. It was tried 8 times")
    assert "secret" not in words
    assert text(found.select_one("form button")) == "Try again"
    assert len(jobs_of(seed, behind)) == 2


def test_job_that_was_given_up_is_forgotten_when_history_is_counted_anew_by_hand(ada, behind, seed, engines, clock):
    click(ada)
    set_job(seed, behind, state=JobState.DEAD, attempts=8)

    rebuilds.rebuild(engines, behind, "test", clock, actor="command line")

    assert said(ada)[0].startswith("All mail follows these rules.")


def test_rules_that_change_afterwards_are_behind_again(ada, behind, engines, clock):
    click(ada)
    Worker(engines, clock=clock).run_due()
    ada.post("/c/acme/rules", "/c/acme/rules/new", **(FIELDS | {"pattern": "offer"}))

    assert said(ada)[0].startswith("New mail follows these rules, old mail does not yet.")


def test_company_without_rules_or_mail_is_told_nothing(ada, cast):
    before = said(ada)[0]
    ada.post("/c/acme/rules", "/c/acme/rules/new", **FIELDS)

    assert (before, said(ada)[0]) == ("", "")


def test_job_of_one_company_is_not_seen_by_another(ada, behind, browser):
    click(ada)

    shown = page(browser("rex").get("/c/rival/rules"))

    assert text(shown.select_one("#history")) == ""


def test_statements_of_the_list_are_few_and_fixed(ada, behind, count_statements):
    click(ada)

    with count_statements() as statements:
        ada.get("/c/acme/rules")

    assert len(statements) <= 7, statements
