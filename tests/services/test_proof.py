"""What proves that the numbers are what the events say, and what repairs them."""

import pytest

from dashboard.database.engine import Mode
from dashboard.models.messages import MappingRule, RuleField
from dashboard.services import proof
from dashboard.vocabulary.analytics import ResourceType
from tests.factories import make_source
from tests.inbox import NOON, at, by, check_invariants, count, put, rollups, told


@pytest.fixture
def source(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def counted(engines, cast, source):
    """Three messages, counted."""
    put(engines, cast.acme, source, told("sent"), told("opened", when=at(5)))
    put(engines, cast.acme, source, told("delivered", "m2"), told("bounced", "m3"))
    count(engines, cast.acme)
    return cast.acme


def spoil(engines, statement):
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(statement)


def rebuild(engines, company):
    return proof.rebuild(engines, company, "test", lambda: NOON)


def test_nothing_differs_after_counting(engines, counted):
    assert proof.find_event_difference(engines, counted, NOON) is None


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE analytics SET opened = opened + 1 WHERE type = 'domain' AND basis = 'event'", "domain acme.test"),
        ("DELETE FROM analytics WHERE type = 'campaign'", "campaign spring"),
        ("UPDATE analytics_breakdown SET opened = opened + 1", "breakdown of campaign spring"),
        ("DELETE FROM analytics_breakdown", "breakdown of campaign spring"),
        ("DELETE FROM events WHERE type = 'opened'", "message"),
        ("UPDATE messages SET booked = (SELECT MIN(m.booked) FROM messages m)", "message"),
        ("DELETE FROM events", "message"),
    ],
)
def test_damage_is_found_and_mended(engines, counted, statement, what):
    spoil(engines, statement)

    found = proof.find_event_difference(engines, counted, NOON)
    rebuild(engines, counted)

    assert found is not None
    assert found.what.startswith(what)
    assert proof.find_event_difference(engines, counted, NOON) is None
    check_invariants(engines, counted)


def test_totals_are_mended_too(engines, counted):
    before = by(engines, counted)
    spoil(engines, "UPDATE analytics_totals SET sent = 70")
    spoil(engines, "DELETE FROM analytics_totals WHERE basis = 'event'")

    rebuild(engines, counted)

    assert by(engines, counted) == before
    check_invariants(engines, counted)


def test_rebuild_of_what_is_right_changes_nothing(engines, counted):
    before = rollups(engines, counted)

    assert rebuild(engines, counted) == 0
    assert rollups(engines, counted) == before


def test_new_time_zone_is_counted_by_a_rebuild(engines, cast, source):
    put(engines, cast.acme, source, told("sent", when="2026-11-21T23:30:00Z"))
    count(engines, cast.acme)
    assert list(by(engines, cast.acme)) == ["2026-11-22"]  # Berlin is an hour ahead

    elsewhere = cast.acme.__class__(cast.acme.id, cast.acme.slug, cast.acme.name, "America/New_York")
    proof.rebuild(engines, elsewhere, "test", lambda: NOON)

    assert list(by(engines, cast.acme)) == ["2026-11-21"]


def add_rule(seed, company, **values):
    fields = {
        "position": 1, "type": ResourceType.CAMPAIGN, "field": RuleField.SUBJECT, "name": "", "pattern": "*sale*",
        "resource_key": "sale",
    } | values  # fmt: skip
    with seed(company) as session:
        session.add(MappingRule(**fields))


def campaigns(engines, company):
    return {key[2]: value for key, value in rollups(engines, company).items() if key[:2] == ("sent", "campaign")}


def test_rule_names_new_mail_and_a_rebuild_the_old(engines, cast, source, seed):
    put(engines, cast.acme, source, told("sent", subject="Summer SALE!"), told("sent", "m2", subject="Hello"))
    count(engines, cast.acme)
    add_rule(seed, cast.acme)
    put(engines, cast.acme, source, told("sent", "m3", subject="sale"))

    count(engines, cast.acme)
    assert campaigns(engines, cast.acme) == {"spring": {"sent": 2}, "sale": {"sent": 1}}
    rebuild(engines, cast.acme)

    assert campaigns(engines, cast.acme) == {"spring": {"sent": 1}, "sale": {"sent": 2}}
    assert proof.find_event_difference(engines, cast.acme, NOON) is None


def test_rule_that_is_gone_gives_back_what_was_told(engines, cast, source, seed):
    add_rule(seed, cast.acme, field=RuleField.SENDER, pattern="news@*", type=ResourceType.TEMPLATE, resource_key="x")
    put(engines, cast.acme, source, told("sent", subject="Hello"))
    count(engines, cast.acme)
    assert {key[2] for key in rollups(engines, cast.acme) if key[1] == "template"} == {"x"}
    spoil(engines, "DELETE FROM mapping_rules")

    rebuild(engines, cast.acme)

    assert {key[2] for key in rollups(engines, cast.acme) if key[1] == "template"} == {"welcome"}
