"""`POST /api/analytics`: one key's numbers are set, never added."""

from datetime import date

import pytest

from dashboard.models import Source
from tests.factories import make_key, make_source
from tests.helpers import Program, update
from tests.reported import everything, rows, sent, six, version

pytestmark = pytest.mark.usefixtures("sums_agree")

SPRING = ("campaign", "spring", date(2026, 11, 20))


def test_first_numbers_of_a_key_are_created(program):
    response = program.post("/api/analytics", update())

    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.json["action"] == "created"
    assert set(response.json) == {"id", "action"}


def test_second_numbers_of_a_key_replace_the_first(program, engines, cast):
    program.post("/api/analytics", update(sent=100))

    response = program.post("/api/analytics", update(sent=70))

    assert response.json["action"] == "updated"
    assert sent(engines, cast.acme) == {SPRING: 70}


def test_id_of_a_row_stays(program):
    first = program.post("/api/analytics", update())
    second = program.post("/api/analytics", update(sent=1))
    program.delete("/api/analytics", type="campaign", resourceId="spring", date="2026-11-20")

    third = program.post("/api/analytics", update(sent=2))

    assert first.json["id"] == second.json["id"] == third.json["id"]
    assert third.json["action"] == "created"


@pytest.mark.parametrize(
    "other", [update(key="autumn"), update(kind="template"), update(day="2026-11-19")], ids=["key", "type", "day"]
)
def test_another_key_is_another_row(program, other):
    first = program.post("/api/analytics", update())

    second = program.post("/api/analytics", other)

    assert second.json["action"] == "created"
    assert second.json["id"] != first.json["id"]


def test_numbers_are_set_for_both_bases(program, engines, cast):
    program.post("/api/analytics", update())

    found = rows(engines, cast.acme)

    assert [(row.basis, row.origin, six(row)) for row in found] == [
        ("event", "reported", (100, 90, 40, 10, 2, 10)),
        ("sent", "reported", (100, 90, 40, 10, 2, 10)),
    ]


def test_same_numbers_again_move_only_updated_at(program, engines, cast, clock):
    program.post("/api/analytics", update())
    before, (_, first) = version(engines, cast.acme), rows(engines, cast.acme)
    clock.move(hours=1)

    response = program.post("/api/analytics", update())

    (_, second) = rows(engines, cast.acme)
    assert response.json["action"] == "updated"
    assert version(engines, cast.acme) == before
    assert second.updated_at == clock()
    assert (second.created_at, second.serial) == (first.created_at, first.serial)


def test_other_numbers_raise_the_version_by_one(program, engines, cast):
    program.post("/api/analytics", update())
    before = version(engines, cast.acme)

    program.post("/api/analytics", update(bounced=11))

    assert version(engines, cast.acme) == before + 1


def test_zeros_for_a_new_key_are_a_row(program, engines, cast):
    zeros = dict.fromkeys(("sent", "delivered", "opened", "clicked", "replied", "bounced"), 0)

    response = program.post("/api/analytics", update(**zeros))

    assert response.json["action"] == "created"
    assert sent(engines, cast.acme) == {SPRING: 0}


@pytest.mark.parametrize("day", ["1970-01-01", "2024-02-29", "2026-11-22", "2026-11-23"])
def test_days_from_1970_to_tomorrow_are_taken(program, day):
    response = program.post("/api/analytics", update(day=day))

    assert response.status_code == 200


def test_tomorrow_is_that_of_the_companys_zone(program, clock):
    clock.move(hours=11, minutes=30)  # 22 November 23:30 in UTC is 23 November 00:30 in Berlin

    response = program.post("/api/analytics", update(day="2026-11-24"))

    assert response.status_code == 200


def test_the_keys_own_company_may_be_named(program):
    response = program.post("/api/analytics", update() | {"companyId": "acme"})

    assert response.status_code == 200


def test_companies_do_not_share_rows(program, rivals_program, engines, cast):
    program.post("/api/analytics", update(sent=1))

    response = rivals_program.post("/api/analytics", update(sent=2))

    assert response.json["action"] == "created"
    assert sent(engines, cast.acme) == {SPRING: 1}
    assert sent(engines, cast.rival) == {SPRING: 2}


def test_all_keys_of_a_company_write_one_source(app, engines, cast, clock, program):
    program.post("/api/analytics", update(sent=1))
    other = Program(app, make_key(engines, cast.acme, clock()))

    response = other.post("/api/analytics", update(sent=2))

    assert response.json["action"] == "updated"
    assert sent(engines, cast.acme) == {SPRING: 2}


def test_a_key_bound_to_a_source_writes_that_one(app, engines, cast, clock, program, vault, seed):
    program.post("/api/analytics", update(sent=1))
    shop, _ = make_source(engines, vault, cast.acme, name="Shop")
    bound = Program(app, make_key(engines, cast.acme, clock(), source_id=shop))

    response = bound.post("/api/analytics", update(sent=2))

    with seed(cast.acme) as session:
        names = {row.source_id: session.get(Source, row.source_id).name for row in rows(engines, cast.acme)}
    found = {names[row.source_id]: row.sent for row in rows(engines, cast.acme)}
    assert response.json["action"] == "created"
    assert found == {"API": 1, "Shop": 2}


def test_readers_see_the_sum_over_sources(app, engines, cast, clock, program, vault):
    program.post("/api/analytics", update(sent=1))
    shop, _ = make_source(engines, vault, cast.acme, name="Shop")
    bound = Program(app, make_key(engines, cast.acme, clock(), source_id=shop))
    bound.post("/api/analytics", update(sent=2))

    read = program.get("/api/analytics", type="campaign").json

    assert [row["metrics"]["sent"] for row in read["details"]] == [3]  # 1 + 2
    assert read["aggregated"]["sent"] == 3


@pytest.mark.parametrize("query", ["x=1", "companyId=acme&companyId=acme", "type=campaign"])
def test_parameters_in_the_address_of_a_write_are_refused(program, engines, query):
    before = everything(engines)

    response = program.post(f"/api/analytics?{query}", update())

    assert response.status_code == 422
    assert everything(engines) == before


def test_another_company_in_the_address_of_a_write_is_refused(program, engines):
    before = everything(engines)

    response = program.post("/api/analytics?companyId=rival", update())

    assert response.status_code == 403
    assert everything(engines) == before
