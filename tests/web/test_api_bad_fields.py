"""Fields that are wrong: refused with their path, nothing written."""

import json
from datetime import date, timedelta

import pytest

from dashboard.vocabulary.metrics import MAX_COUNT, SIX
from tests.helpers import update
from tests.reported import everything, paths

pytestmark = pytest.mark.usefixtures("sums_agree")

# As they stand in the body's text.
NO_COUNTS = [
    "-1", "1.5", "1.0", "-0.0", "1e2", "1e400", "-1e400", "NaN", "Infinity", "-Infinity",
    "9007199254740992", "9223372036854775808", "18446744073709551616", "1" + "0" * 400,
    "true", "false", "null", '"1"', '""', "[]", "[1]", "{}",
]  # fmt: skip
NO_DAYS = [
    "2024-02-30", "2023-02-29", "2026-13-01", "2026-00-10", "2026-11-00", "0000-01-01", "1969-12-31",
    "2024-2-5", "20240205", "2024-W05-1", "2024-035", "2026-11-20T00:00:00", "2026-11-20Z", "2026-11-20 ",
    " 2026-11-20", "2026-11-20\n", "+2026-11-20", "-2026-11-20", "12026-11-20", "20.11.2026", "today", "",
    "\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0660", "2026\u201011\u201020", "2026-11-2\u0660", "2026-11-20\0", "\ud800",
    "2026-11-24",
]  # fmt: skip


def refused(program, engines, body, *fields):
    """Post and check that exactly these fields are named, and that nothing was written."""
    before = everything(engines)
    response = program.post("/api/analytics", body)
    assert response.status_code == 422, response.text
    assert paths(response) == list(fields)
    assert everything(engines) == before
    return response


@pytest.mark.parametrize("count", NO_COUNTS)
def test_a_count_is_a_whole_number_from_0_to_the_largest_safe_one(program, engines, count):
    body = json.dumps(update()).replace('"opened": 40', f'"opened": {count}')

    refused(program, engines, body, "metrics.opened")


@pytest.mark.parametrize("count", NO_COUNTS[:4])
def test_a_bad_count_of_a_batch_is_named_with_its_place(program, engines, count):
    before = everything(engines)
    body = json.dumps({"updates": [update(key="a"), update(key="b", sent=77)]}).replace("77", count)

    response = program.post("/api/analytics/batch", body)

    assert paths(response) == ["updates[1].metrics.sent"]
    assert everything(engines) == before


@pytest.mark.parametrize("count", [0, 1, MAX_COUNT])
def test_counts_up_to_the_largest_safe_one_are_taken(program, count):
    program.post("/api/analytics", update(sent=count))

    read = program.get("/api/analytics").json

    assert read["aggregated"]["sent"] == read["details"][0]["metrics"]["sent"] == count


def test_every_metric_is_needed(program, engines):
    for name in SIX:
        body = update()
        del body["metrics"][name]

        refused(program, engines, body, f"metrics.{name}")


def test_metrics_of_our_own_are_not_taken(program, engines):
    body = update()
    body["metrics"]["hardBounced"] = 1

    refused(program, engines, body, "metrics.hardBounced")


@pytest.mark.parametrize("metrics", [None, [], [1, 2, 3, 4, 5, 6], "", 7, True])
def test_metrics_must_be_an_object(program, engines, metrics):
    refused(program, engines, update() | {"metrics": metrics}, "metrics")


@pytest.mark.parametrize("day", NO_DAYS, ids=ascii)
def test_a_day_is_a_day_of_the_calendar_up_to_tomorrow(program, engines, day):
    refused(program, engines, update(day=day), "date")


@pytest.mark.parametrize("day", [None, 20261120, 1.5, True, [], ["2026-11-20"], {}, {"year": 2026}])
def test_a_day_is_text(program, engines, day):
    refused(program, engines, update() | {"date": day}, "date")


def test_the_day_after_tomorrow_is_refused_with_the_last_day_taken(program, engines):
    response = refused(program, engines, update(day="2026-11-24"), "date")

    assert "2026-11-23" in response.json["detail"]


def test_far_days_are_refused(program, engines):
    for day in (date.max, date(2026, 11, 22) + timedelta(days=400)):
        refused(program, engines, update(day=day.isoformat()), "date")


@pytest.mark.parametrize(
    "kind", ["receiver", "Campaign", "campaigns", " campaign", "", "constructor", "\0", "\ud800"], ids=ascii
)
def test_a_type_is_one_of_four(program, engines, kind):
    refused(program, engines, update(kind=kind), "type")


@pytest.mark.parametrize("kind", [None, 0, True, [], ["campaign"], {}, {"type": "campaign"}])
def test_a_type_is_text(program, engines, kind):
    refused(program, engines, update() | {"type": kind}, "type")


@pytest.mark.parametrize("field", ["type", "resourceId", "date", "metrics"])
def test_every_field_is_needed(program, engines, field):
    body = update()
    del body[field]

    response = refused(program, engines, body, field)

    assert response.json["fields"][0]["message"] == "is missing"


@pytest.mark.parametrize("company", [7, 1.5, True, [], ["acme"], {}])
def test_the_company_is_text(program, engines, company):
    refused(program, engines, update() | {"companyId": company}, "companyId")


def test_null_names_no_company(program):
    response = program.post("/api/analytics", update() | {"companyId": None})

    assert response.status_code == 200


def test_all_faults_are_named_at_once(program, engines):
    body = {"type": "x", "resourceId": "", "date": "y", "metrics": {"sent": -1}, "z": 1}

    missing = [f"metrics.{name}" for name in SIX[1:]]
    refused(program, engines, body, "type", "resourceId", "metrics.sent", *missing, "date", "z")
