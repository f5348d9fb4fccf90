"""The state of a domain follows from dated checks."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.dns.findings import Finding, Status
from dashboard.dns.records import ExpectedRecord, RecordKind
from dashboard.dns.verdicts import DomainState, Outcome, PastCheck, domain_status, failing_since
from dashboard.models.domains import DomainStatus

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECORD = ExpectedRecord(RecordKind.SPF, "TXT", "acme.test", "v=spf1 ~all", domain="acme.test")
OPTIONAL = ExpectedRecord(RecordKind.TRACKING, "CNAME", "t.acme.test", "x.test", is_required=False, domain="acme.test")


def past(*checks):
    """Return earlier checks: `(4, "failing")` was four minutes before noon."""
    return [PastCheck(NOON - timedelta(minutes=ago), Outcome(outcome)) for ago, outcome in checks]


def state_after(previous, status, *checks, record=RECORD):
    return domain_status(DomainState(previous), [Finding(record, Status(status), "…")], past(*checks), NOON)


@pytest.mark.parametrize("previous", ["pending", "verified", "failed"])
@pytest.mark.parametrize("status", ["pass", "warn"])
def test_domain_is_verified_as_soon_as_all_required_records_are_right(previous, status):
    assert state_after(previous, status) == "verified"


@pytest.mark.parametrize("previous", ["pending", "verified", "failed"])
def test_what_could_not_be_asked_changes_nothing(previous):
    assert state_after(previous, "unknown", (10, "failing")) == previous


@pytest.mark.parametrize(("checks", "state"), [
    ([], "verified"),
    ([(4, "failing")], "verified"),
    ([(5, "failing")], "failed"),
    ([(60, "failing"), (1, "failing")], "failed"),
    ([(60, "failing"), (30, "unknown")], "failed"),
    ([(60, "failing"), (30, "passing")], "verified"),
    ([(60, "failing"), (30, "passing"), (2, "failing")], "verified"),
    ([(60, "passing"), (6, "failing")], "failed"),
    ([(60, "unknown")], "verified"),
])  # fmt: skip
def test_failure_must_repeat_five_minutes_later(checks, state):
    assert state_after("verified", "fail", *checks) == state
    assert state_after("verified", "fail", *reversed(checks)) == state


def test_new_domain_stays_pending_until_its_failure_repeats():
    assert state_after("pending", "fail", (2, "failing")) == "pending"
    assert state_after("pending", "fail", (5, "failing")) == "failed"


def test_optional_record_changes_nothing():
    assert state_after("verified", "fail", (60, "failing"), record=OPTIONAL) == "verified"


def test_beginning_of_a_failure_is_the_first_check_that_it_was_in():
    assert failing_since(past((60, "passing"), (30, "failing"), (20, "unknown"), (10, "failing"))) == NOON - timedelta(
        minutes=30
    )
    assert failing_since(past((10, "passing"))) is None


def test_states_are_those_that_are_kept():
    assert {str(state) for state in DomainState} == {str(status) for status in DomainStatus}
