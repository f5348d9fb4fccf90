"""League tables."""

from datetime import date

import pytest

from dashboard.models import Domain, Mailbox, Template
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.domains import DomainStatus
from dashboard.queries.league import list_campaigns, list_standings
from dashboard.vocabulary.analytics import AnalyticsFilter, ResourceType
from tests.factories import api_source_id, make_campaign, make_source, numbers, register, report

NOV_1, NOV_2 = date(2026, 11, 1), date(2026, 11, 2)


def standings(reading, cast, kind="campaign", **asked):
    given = AnalyticsFilter(**({"start": NOV_1, "end": NOV_2, "type": ResourceType(kind)} | asked))
    with reading() as session:
        return list_standings(session, cast.acme.id, given)


def test_most_sent_comes_first_and_ties_by_key(reading, cast, engines, clock, source):
    report(
        engines, cast.acme, source,
        numbers(NOV_1, "b", sent=5), numbers(NOV_1, "Z", sent=5), numbers(NOV_1, "a", sent=5), numbers(NOV_1, "c", sent=6),
        now=clock(),
    )  # fmt: skip

    # Keys are compared by code point: capitals before small letters, on both stores.
    assert [one.resource_key for one in standings(reading, cast)] == ["c", "Z", "a", "b"]


def test_numbers_are_summed_over_days_and_sources(reading, cast, engines, clock, source, app):
    other, _ = make_source(engines, app.extensions["vault"], cast.acme)
    report(engines, cast.acme, source, numbers(NOV_1, sent=1), numbers(NOV_2, sent=2), now=clock())
    report(engines, cast.acme, other, numbers(NOV_2, sent=4), now=clock())

    (one,) = standings(reading, cast)

    assert (one.metrics.sent, one.last_day) == (7, NOV_2)


@pytest.mark.parametrize(("asked", "keys"), [
    ({}, ["a", "b"]), ({"start": NOV_2}, ["b"]), ({"end": NOV_1}, ["a"]), ({"resource_key": "b"}, ["b"]),
    ({"source_id": 999_999}, []),
])  # fmt: skip
def test_only_what_was_asked_for_is_listed(reading, cast, engines, clock, source, asked, keys):
    report(engines, cast.acme, source, numbers(NOV_1, "a", sent=2), numbers(NOV_2, "b", sent=1), now=clock())

    assert [one.resource_key for one in standings(reading, cast, **asked)] == keys


def test_names_are_those_of_the_companys_own_resources(reading, cast, engines, clock, source, seed):
    report(engines, cast.acme, source, numbers(NOV_1, "spring"), now=clock())
    with seed(cast.rival) as session:
        make_campaign(session, key="spring", name="Rival's spring")

    (unknown,) = standings(reading, cast)
    with seed(cast.acme) as session:
        make_campaign(session, key="spring", name="Spring", status=CampaignStatus.PAUSED)
    (known,) = standings(reading, cast)

    assert (unknown.name, unknown.status) == (None, None)
    assert (known.name, known.status) == ("Spring", "paused")


def test_names_of_the_other_types_are_found_by_their_keys(reading, cast, engines, clock, source, seed):
    with seed(cast.acme) as session:
        domain = register(session, ResourceType.DOMAIN, Domain(name="acme.test", status=DomainStatus.VERIFIED))
        mailbox = Mailbox(domain_id=domain.id, email="ada@acme.test", name="Ada", daily_limit=1)
        register(session, ResourceType.MAILBOX, mailbox)
        register(session, ResourceType.TEMPLATE, Template(key="news", name="Newsletter", subject="", content=""))
    given = {"domain": "acme.test", "mailbox": "ada@acme.test", "template": "news"}
    report(engines, cast.acme, source, *(numbers(NOV_1, key, kind) for kind, key in given.items()), now=clock())

    found = {kind: [(one.name, one.status) for one in standings(reading, cast, kind)] for kind in given}

    assert found == {
        "domain": [("acme.test", "verified")], "mailbox": [("Ada", "active")], "template": [("Newsletter", None)],
    }  # fmt: skip


def test_other_companies_are_not_listed(reading, cast, engines, clock):
    report(engines, cast.rival, api_source_id(engines, cast.rival), numbers(NOV_1), now=clock())

    assert standings(reading, cast) == []


def test_standings_take_one_statement_however_many_there_are(reading, cast, engines, clock, source, count_statements):
    report(engines, cast.acme, source, *(numbers(NOV_1, f"c{n}") for n in range(300)), now=clock())

    with count_statements() as statements:
        found = standings(reading, cast)

    assert (len(found), len(statements)) == (300, 1)


def test_campaigns_are_listed_by_their_newest_day_with_all_their_days(reading, cast, engines, clock, source):
    report(
        engines, cast.acme, source,
        numbers(NOV_2, "b", sent=2), numbers(NOV_1, "b", sent=1), numbers(NOV_1, "a", sent=50), numbers(NOV_2, "c"),
        numbers(NOV_2, "acme.test", "domain"),
        now=clock(),
    )  # fmt: skip

    with reading() as session:
        found = list_campaigns(session, cast.acme.id, AnalyticsFilter(type=ResourceType.CAMPAIGN))

    shown = [(one.campaign_id, one.metrics.sent, one.days) for one in found]
    assert shown == [("b", 3, (NOV_1, NOV_2)), ("c", 100, (NOV_2,)), ("a", 50, (NOV_1,))]
