"""Sums stay whole numbers that every reader of JSON keeps: a company's day holds at most 2^53 - 1 of each."""

from datetime import date, timedelta

import pytest

from dashboard.vocabulary.metrics import MAX_COUNT
from tests.factories import make_key, make_source
from tests.helpers import Program, update
from tests.reported import everything, paths

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/analytics"


def refuses(response):
    return (response.status_code, response.json["code"]) == (422, "sum_too_large")


def test_a_sum_may_reach_the_largest_count(program):
    program.post(ADDRESS, update(key="a", sent=MAX_COUNT - 1))

    response = program.post(ADDRESS, update(key="b", sent=1))

    assert response.status_code == 200
    assert program.get(ADDRESS, type="campaign").json["aggregated"]["sent"] == MAX_COUNT


def test_a_sum_that_passes_it_is_refused(program, engines):
    program.post(ADDRESS, update(key="a", sent=MAX_COUNT))
    before = everything(engines)

    response = program.post(ADDRESS, update(key="b", sent=1))

    assert refuses(response)
    assert paths(response) == ["metrics.sent"]
    assert "9,007,199,254,740,991" in response.json["fields"][0]["message"]
    assert everything(engines) == before


def test_a_batch_that_passes_it_by_itself_is_refused(program, engines):
    before = everything(engines)

    response = program.post(f"{ADDRESS}/batch", {"updates": [
        update(key="a", sent=MAX_COUNT), update(key="b", sent=MAX_COUNT, opened=MAX_COUNT), update(key="c"),
    ]})  # fmt: skip

    assert refuses(response)
    assert set(paths(response)) == {"metrics.sent", "metrics.opened"}
    assert everything(engines) == before


def test_of_equal_keys_only_the_last_is_added_up(program):
    response = program.post(f"{ADDRESS}/batch", {"updates": [update(sent=MAX_COUNT), update(sent=MAX_COUNT)]})

    assert response.status_code == 200


def test_what_a_batch_takes_away_makes_room_for_what_it_adds(program):
    program.post(ADDRESS, update(key="a", sent=MAX_COUNT))

    response = program.post(f"{ADDRESS}/batch", {"updates": [
        update(key="b", sent=MAX_COUNT - 5), update(key="a", sent=5),
    ]})  # fmt: skip

    assert response.status_code == 200


def test_other_days_and_types_have_sums_of_their_own(program):
    program.post(ADDRESS, update(sent=MAX_COUNT))

    for other in (update(day="2026-11-19", sent=MAX_COUNT), update(kind="template", sent=MAX_COUNT)):
        assert program.post(ADDRESS, other).status_code == 200


def test_sources_are_added_up_too(app, engines, cast, clock, program, vault):
    program.post(ADDRESS, update(sent=MAX_COUNT))
    shop, _ = make_source(engines, vault, cast.acme, name="Shop")
    bound = Program(app, make_key(engines, cast.acme, clock(), source_id=shop))

    response = bound.post(ADDRESS, update(sent=1))

    assert refuses(response)


def test_another_company_has_sums_of_its_own(program, rivals_program):
    program.post(ADDRESS, update(sent=MAX_COUNT))

    response = rivals_program.post(ADDRESS, update(sent=MAX_COUNT))

    assert response.status_code == 200


@pytest.fixture
def vast(program):
    """The largest counts of 2,100 days: their sum needs more than 64 bits."""
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(2100)]
    updates = [update(day=day.isoformat(), sent=MAX_COUNT) for day in days]
    assert program.post(f"{ADDRESS}/batch", {"updates": updates}).status_code == 200
    return program


@pytest.mark.parametrize("query", [{}, {"type": "campaign"}, {"resourceId": "spring"}, {"limit": 1}])
def test_sums_over_many_days_are_exact(vast, query):
    read = vast.get(ADDRESS, **query)

    assert read.status_code == 200
    assert read.json["aggregated"]["sent"] == 2100 * MAX_COUNT
    assert read.json["details"][0]["date"] == "2000-01-01"


def test_sums_of_campaigns_are_exact(vast):
    (campaign,) = vast.get("/api/campaign-analytics").json

    assert campaign["metrics"]["sent"] == 2100 * MAX_COUNT
    assert len(campaign["dates"]) == 2100


def test_sums_of_exports_are_exact(vast):
    exported = vast.get("/api/export", format="json").json

    assert exported["aggregated"]["sent"] == 2100 * MAX_COUNT
    assert len(exported["details"]) == 2100
