"""`DELETE /api/analytics`: a row is taken back, with an entry in the audit log."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from tests.factories import make_key, make_source
from tests.helpers import Program, update
from tests.reported import everything, paths, rows, version

pytestmark = pytest.mark.usefixtures("sums_agree")

SPRING = {"type": "campaign", "resourceId": "spring", "date": "2026-11-20"}


def test_a_deleted_row_is_gone_from_rows_and_totals(program, engines, cast):
    row_id = program.post("/api/analytics", update()).json["id"]
    program.post("/api/analytics", update(key="autumn", sent=7))

    response = program.delete("/api/analytics", **SPRING)

    assert (response.status_code, response.json) == (200, {"id": row_id, "action": "deleted"})
    assert {row.resource_key for row in rows(engines, cast.acme)} == {"autumn"}
    assert program.get("/api/analytics", type="campaign").json["aggregated"]["sent"] == 7


def test_a_deletion_is_audited_with_the_numbers_that_stood_there(program, cast, seed, clock):
    program.post("/api/analytics", update(replied=0))

    program.delete("/api/analytics", **SPRING)

    with seed(cast.acme) as session:
        (entry,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "reported.delete"))
        assert (entry.actor, entry.at) == ("key Program", clock())
        assert (entry.subject_type, entry.subject_key) == ("campaign", "spring")
        assert entry.details["day"] == "2026-11-20"
        assert entry.details["numbers"] == {
            "sent": 100, "delivered": 90, "opened": 40, "clicked": 10, "bounced": 10,
        }  # fmt: skip


def test_a_deletion_raises_the_version(program, engines, cast):
    program.post("/api/analytics", update())
    before = version(engines, cast.acme)

    program.delete("/api/analytics", **SPRING)

    assert version(engines, cast.acme) == before + 1


def test_a_second_deletion_is_404(program, engines):
    program.post("/api/analytics", update())
    program.delete("/api/analytics", **SPRING)
    before = everything(engines)

    response = program.delete("/api/analytics", **SPRING)

    assert response.status_code == 404
    assert response.json["code"] == "no_such_row"
    assert everything(engines) == before


@pytest.mark.parametrize("other", [{"type": "template"}, {"resourceId": "Spring"}, {"date": "2026-11-19"}])
def test_a_neighbour_is_not_deleted(program, engines, other):
    program.post("/api/analytics", update())
    before = everything(engines)

    response = program.delete("/api/analytics", **(SPRING | other))

    assert response.status_code == 404
    assert everything(engines) == before


def test_the_row_of_another_source_is_not_deleted(app, engines, cast, clock, program, vault):
    shop, _ = make_source(engines, vault, cast.acme, name="Shop")
    bound = Program(app, make_key(engines, cast.acme, clock(), source_id=shop))
    program.post("/api/analytics", update(sent=1))
    bound.post("/api/analytics", update(sent=2))

    response = bound.delete("/api/analytics", **SPRING)

    assert response.status_code == 200
    assert program.get("/api/analytics", type="campaign").json["aggregated"]["sent"] == 1


@pytest.mark.parametrize("missing", SPRING)
def test_every_parameter_is_needed(program, engines, missing):
    program.post("/api/analytics", update())
    before = everything(engines)

    response = program.delete("/api/analytics", **{name: v for name, v in SPRING.items() if name != missing})

    assert response.status_code == 422
    assert paths(response) == [missing]
    assert everything(engines) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "receiver"), ("type", ""), ("resourceId", ""), ("resourceId", "\0"), ("resourceId", "x" * 900),
        ("date", "2024-02-30"), ("date", "20261120"), ("date", ""), ("basis", "sent"), ("x", "1"), ("x", ""),
        ("source", "1"),
    ],
)  # fmt: skip
def test_bad_and_unknown_parameters_are_refused(program, engines, name, value):
    program.post("/api/analytics", update())
    before = everything(engines)

    response = program.delete("/api/analytics", **(SPRING | {name: value}))

    assert response.status_code == 422
    assert paths(response) == [name]
    assert everything(engines) == before


def test_a_parameter_given_twice_is_refused(program, engines):
    program.post("/api/analytics", update())
    before = everything(engines)
    twice = "type=campaign&resourceId=spring&date=2026-11-20&date=2026-11-19"

    response = program.client.delete(f"/api/analytics?{twice}", headers=program.headers)

    assert response.status_code == 422
    assert paths(response) == ["date"]
    assert everything(engines) == before


def test_a_day_in_the_future_may_be_deleted(program, clock, engines, cast):
    program.post("/api/analytics", update(day="2026-11-23"))
    clock.move(days=-10)

    response = program.delete("/api/analytics", **(SPRING | {"date": "2026-11-23"}))

    assert response.status_code == 200
    assert rows(engines, cast.acme) == []


def test_what_is_set_again_is_the_newest_row(program):
    for key in ("spring", "autumn"):
        program.post("/api/analytics", update(key=key))
    program.delete("/api/analytics", **SPRING)

    program.post("/api/analytics", update(key="spring"))

    recent = program.get("/api/analytics/recent").json
    assert [row["resourceId"] for row in recent] == ["spring", "autumn"]
    assert recent[0]["date"] == date(2026, 11, 20).isoformat()
