"""`GET /api/analytics`: sums over everything asked for, and the rows under them."""

from itertools import product

import pytest

from dashboard.vocabulary.metrics import COUNTERS, SIX, camel
from tests.factories import make_key, make_source
from tests.helpers import Program, update

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/analytics"
# sent: spring 1 + 2 + 4, autumn 8; template 16, mailbox 32, domain 64
STORY = [
    update(day="2026-11-18", sent=1),
    update(day="2026-11-19", sent=2),
    update(day="2026-11-20", sent=4),
    update(day="2026-11-19", key="autumn", sent=8),
    update(day="2026-11-19", kind="template", key="receipt", sent=16),
    update(day="2026-11-19", kind="mailbox", key="ada@acme.test", sent=32),
    update(day="2026-11-19", kind="domain", key="acme.test", sent=64),
]


@pytest.fixture
def story(program):
    program.post("/api/analytics/batch", {"updates": STORY})
    return program


def sums(program, **query):
    """Return what was sent as the aggregate says it, and as the rows add up to it."""
    read = program.get(ADDRESS, **query).json
    return read["aggregated"]["sent"], sum(row["metrics"]["sent"] for row in read["details"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, 127),  # all four types together
        ({"type": "campaign"}, 15),
        ({"type": "template"}, 16),
        ({"type": "receiver"}, 0),
        ({"type": "campaign", "startDate": "2026-11-19"}, 14),
        ({"type": "campaign", "endDate": "2026-11-19"}, 11),
        ({"type": "campaign", "startDate": "2026-11-19", "endDate": "2026-11-19"}, 10),
        ({"type": "campaign", "startDate": "2026-11-21"}, 0),
        ({"startDate": "2026-11-20", "endDate": "2026-11-18"}, 0),
        ({"type": "campaign", "resourceId": "spring"}, 7),
        ({"type": "campaign", "resourceId": "spring", "startDate": "2026-11-19"}, 6),
        ({"resourceId": "autumn"}, 8),
        ({"type": "template", "resourceId": "spring"}, 0),
        ({"resourceId": "nobody"}, 0),
        ({"basis": "event", "type": "campaign"}, 15),
        ({"basis": "event", "resourceId": "spring"}, 7),
        ({"companyId": "acme", "type": "campaign"}, 15),
        ({"startDate": "", "endDate": "", "resourceId": "", "cursor": "", "limit": ""}, 127),
        ({"startDate": "1970-01-01", "endDate": "9999-12-31"}, 127),
    ],
)  # fmt: skip
def test_sums_are_those_of_the_rows(story, query, expected):
    aggregated, summed = sums(story, **query)

    assert aggregated == summed == expected


def test_every_combination_of_filters_agrees_with_its_rows(story):
    choices = {
        "type": [None, "campaign", "mailbox"],
        "resourceId": ["", "spring", "ada@acme.test"],
        "startDate": ["", "2026-11-19"],
        "endDate": ["", "2026-11-19"],
        "basis": ["sent", "event"],
    }

    for values in product(*choices.values()):
        aggregated, summed = sums(story, **dict(zip(choices, values, strict=True)))
        assert aggregated == summed, values


def test_rows_are_ordered_by_date_then_resource_then_type(story):
    read = story.get(ADDRESS).json

    assert [(row["date"], row["resourceId"], row["type"]) for row in read["details"]] == [
        ("2026-11-18", "spring", "campaign"),
        ("2026-11-19", "acme.test", "domain"),
        ("2026-11-19", "ada@acme.test", "mailbox"),
        ("2026-11-19", "autumn", "campaign"),
        ("2026-11-19", "receipt", "template"),
        ("2026-11-19", "spring", "campaign"),
        ("2026-11-20", "spring", "campaign"),
    ]


def test_keys_are_ordered_by_code_point(program):
    keys = ["a", "Z", "é", "z", "~", "\U0001f600", "\uffee", "10", "9"]
    program.post("/api/analytics/batch", {"updates": [update(key=key) for key in keys]})

    read = program.get(ADDRESS).json

    assert [row["resourceId"] for row in read["details"]] == sorted(keys)


def test_a_row_has_public_fields_only(program):
    row_id = program.post(ADDRESS, update()).json["id"]

    (row,) = program.get(ADDRESS).json["details"]

    assert row == {
        "id": row_id, "companyId": "acme", "type": "campaign", "resourceId": "spring", "date": "2026-11-20",
        "metrics": {"sent": 100, "delivered": 90, "opened": 40, "clicked": 10, "replied": 2, "bounced": 10},
    }  # fmt: skip


def test_aggregated_holds_all_counters(program):
    read = program.get(ADDRESS).json

    assert read["aggregated"] == dict.fromkeys(map(camel, COUNTERS), 0)
    assert list(read["aggregated"])[:6] == list(SIX)


@pytest.mark.parametrize(
    "period",
    [{}, {"startDate": "2026-11-19"}, {"endDate": "2024-02-29"}, {"startDate": "2026-11-20", "endDate": "2026-11-18"}],
)
def test_the_period_is_repeated_as_it_was_asked_for(story, period):
    read = story.get(ADDRESS, **period).json

    assert read["period"] == period


def test_the_sum_is_over_everything_and_not_the_page(story):
    read = story.get(ADDRESS, limit=1).json

    assert len(read["details"]) == 1
    assert read["aggregated"]["sent"] == 127


@pytest.mark.parametrize("key", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])
def test_names_of_javascript_do_no_harm(program, key):
    program.post(ADDRESS, update(key=key))

    (campaign,) = program.get("/api/campaign-analytics").json

    assert (campaign["campaignId"], campaign["metrics"]["sent"]) == (key, 100)


def test_campaigns_are_summed_with_their_days(story):
    campaigns = story.get("/api/campaign-analytics").json

    # spring was active last; 1 + 2 + 4 = 7 on three days
    assert [(one["campaignId"], one["metrics"]["sent"], one["dates"]) for one in campaigns] == [
        ("spring", 7, ["2026-11-18", "2026-11-19", "2026-11-20"]),
        ("autumn", 8, ["2026-11-19"]),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"campaignId": "spring"}, {"spring": 7}),
        ({"campaignId": "receipt"}, {}),
        ({"campaignId": ""}, {"spring": 7, "autumn": 8}),
        ({"startDate": "2026-11-20"}, {"spring": 4}),
        ({"endDate": "2026-11-19"}, {"spring": 3, "autumn": 8}),
        ({"campaignId": "spring", "startDate": "2026-11-19", "endDate": "2026-11-19"}, {"spring": 2}),
        ({"basis": "event"}, {"spring": 7, "autumn": 8}),
    ],
)
def test_campaigns_can_be_narrowed(story, query, expected):
    campaigns = story.get("/api/campaign-analytics", **query).json

    assert {one["campaignId"]: one["metrics"]["sent"] for one in campaigns} == expected


def test_the_days_of_a_campaign_with_two_sources_are_distinct(app, engines, cast, clock, story, vault):

    shop, _ = make_source(engines, vault, cast.acme, name="Shop")
    Program(app, make_key(engines, cast.acme, clock(), source_id=shop)).post(
        ADDRESS, update(day="2026-11-18", sent=100)
    )

    (campaign,) = story.get("/api/campaign-analytics", campaignId="spring").json

    assert campaign["dates"] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert campaign["metrics"]["sent"] == 107  # 7 + 100
