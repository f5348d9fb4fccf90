"""`GET /api/analytics/recent`: by date, the latest first, and within a date the newest made row first."""

import pytest

from tests.factories import make_key, make_source
from tests.helpers import Program, update

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/analytics/recent"


def keys(response):
    return [row["resourceId"] for row in response.json]


def test_the_latest_date_comes_first(program):
    for day in (19, 21, 20):
        program.post("/api/analytics", update(day=f"2026-11-{day}", key=str(day)))

    assert keys(program.get(ADDRESS)) == ["21", "20", "19"]


def test_within_a_date_the_newest_row_comes_first(program):
    for key in ("b", "a", "c"):
        program.post("/api/analytics", update(key=key))

    assert keys(program.get(ADDRESS)) == ["c", "a", "b"]


def test_within_a_batch_the_last_element_is_the_newest(program):
    program.post("/api/analytics/batch", {"updates": [update(key=key) for key in ("b", "a", "c")]})

    assert keys(program.get(ADDRESS)) == ["c", "a", "b"]


def test_an_overwritten_row_keeps_its_place(program):
    for key in ("a", "b"):
        program.post("/api/analytics", update(key=key))

    program.post("/api/analytics", update(key="a", sent=5))

    assert keys(program.get(ADDRESS)) == ["b", "a"]


def test_types_stand_in_one_list(program):
    for n, kind in enumerate(("domain", "campaign", "mailbox", "template")):
        program.post("/api/analytics", update(key=str(n), kind=kind))

    response = program.get(ADDRESS)

    assert [row["type"] for row in response.json] == ["template", "mailbox", "campaign", "domain"]
    assert keys(program.get(ADDRESS, type="campaign")) == ["1"]


def test_a_hundred_rows_are_the_default(program):
    program.post("/api/analytics/batch", {"updates": [update(key=f"{n:03}") for n in range(150)]})

    # the last made are 149, 148, ... 50
    assert keys(program.get(ADDRESS)) == [f"{n:03}" for n in range(149, 49, -1)]


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 1000])
def test_a_limit_cuts_the_list_behind_the_newest(program, limit):
    updates = [
        update(day=f"2026-11-{10 + n % 10}", key=str(n), kind=("campaign", "template", "domain")[n % 3])
        for n in range(60)
    ]
    program.post("/api/analytics/batch", {"updates": updates})
    newest_first = sorted(range(60), key=lambda n: (n % 10, n), reverse=True)

    assert keys(program.get(ADDRESS, limit=limit)) == [str(n) for n in newest_first[:limit]]


def test_rows_of_several_sources_are_one_and_do_not_shorten_the_list(app, engines, cast, clock, program, vault):
    sources = [make_source(engines, vault, cast.acme, name=f"Shop {n}")[0] for n in range(4)]
    updates = [update(day=f"2026-11-{10 + n}", key=str(n), sent=1) for n in range(10)]
    for source_id in sources:
        key = make_key(engines, cast.acme, clock(), source_id=source_id)
        Program(app, key).post("/api/analytics/batch", {"updates": updates})

    response = program.get(ADDRESS, limit=6)

    assert keys(response) == ["9", "8", "7", "6", "5", "4"]
    assert {row["metrics"]["sent"] for row in response.json} == {4}  # one of each of four sources


def test_both_bases_have_the_list(program):
    program.post("/api/analytics", update())

    assert program.get(ADDRESS, basis="event").json == program.get(ADDRESS, basis="sent").json


def test_a_row_has_public_fields_only(program):
    program.post("/api/analytics", update())

    assert program.get(ADDRESS).json == program.get("/api/analytics").json["details"]


def test_a_company_without_numbers_has_an_empty_list(program):
    response = program.get(ADDRESS)

    assert (response.status_code, response.json) == (200, [])
