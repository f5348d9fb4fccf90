"""Failed sign-ins are counted: by person and network address, and by network address alone."""

import pytest
import sqlalchemy as sa

from dashboard.models import Throttle
from dashboard.services.identity import FAILURES_PER_ADDRESS, FAILURES_PER_PERSON, count_failures
from tests.factories import PASSWORD

HERE, THERE = "192.0.2.1", "192.0.2.2"


def try_from(browser, address, email="ada@acme.test", password="not the password"):
    """Try to sign in from a network address."""
    made = browser(None)
    fields = {"email": email, "password": password, "csrf_token": made.token("/login")}
    return made.client.post("/login", data=fields, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def locked_out(engines, cast, clock):
    """Ada failed ten times from HERE."""
    for _ in range(FAILURES_PER_PERSON):
        count_failures(engines, [f"sign-in ada@acme.test {HERE}", f"sign-in {HERE}"], clock())


def right(browser, address, who="ada"):
    return try_from(browser, address, f"{who}@acme.test", PASSWORD)


def test_eleventh_attempt_is_refused_when_ten_failed(browser, cast):
    failed = [try_from(browser, HERE).status_code for _ in range(FAILURES_PER_PERSON)]

    refused = right(browser, HERE)

    assert failed == [422] * 10
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert "wait a quarter of an hour" in refused.text


def test_person_is_let_in_again_when_the_window_has_passed(browser, locked_out, clock):
    clock.move(minutes=15, seconds=-1)
    before = right(browser, HERE).status_code
    clock.move(seconds=1)
    after = right(browser, HERE).status_code

    assert (before, after) == (429, 303)


def test_failure_in_a_new_window_counts_from_one(browser, locked_out, clock):
    clock.move(minutes=16)

    try_from(browser, HERE)

    assert right(browser, HERE).status_code == 303


def test_others_at_the_same_place_are_not_locked_out(browser, locked_out):
    assert right(browser, HERE, "uma").status_code == 303


def test_same_person_elsewhere_is_not_locked_out(browser, locked_out):
    assert right(browser, THERE).status_code == 303


def test_spelling_of_the_address_does_not_matter(browser, locked_out):
    assert try_from(browser, HERE, " ADA@Acme.test").status_code == 429


def test_place_is_refused_when_a_hundred_attempts_failed_there(browser, engines, cast, clock):
    for number in range(FAILURES_PER_ADDRESS):
        count_failures(engines, [f"sign-in {number}@acme.test {HERE}", f"sign-in {HERE}"], clock())

    assert (right(browser, HERE).status_code, right(browser, THERE).status_code) == (429, 303)


def test_failures_are_stored_without_the_address(engines, browser, cast, seed):
    try_from(browser, HERE)

    with seed() as session:
        rows = session.scalars(sa.select(Throttle)).all()
    assert [(row.count, len(row.key_digest)) for row in rows] == [(1, 32), (1, 32)]
