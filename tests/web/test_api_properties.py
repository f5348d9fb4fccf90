"""Whatever a program sends: never a 5xx, and totals that are the sums of their rows."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import update
from tests.reported import check_sums, everything

PATIENT = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

CHARACTERS = st.characters() | st.sampled_from("\0\x85\u0301\ud800\udfff")
TEXT = st.text(CHARACTERS, max_size=8)
NUMBERS = st.integers() | st.integers(-(10**30), 10**30) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("type", "resourceId", "date", "metrics", "companyId", "updates")


@st.composite
def damaged(draw):
    """Draw an update in which something may be replaced, taken away or added."""
    body = update()
    for name in draw(st.lists(st.sampled_from([*FIELDS, "metrics.sent", "metrics.bounced"]), max_size=2)):
        owner, field = (body["metrics"], name[8:]) if name.startswith("metrics.") else (body, name)
        if isinstance(owner, dict):
            owner[field] = draw(VALUES)
        if draw(st.booleans()):
            body.pop("metrics", None)
            break
    return body


@pytest.mark.parametrize("address", ["/api/analytics", "/api/analytics/batch"])
@PATIENT
@given(value=VALUES)
def test_any_json_value_is_answered(program, address, value):
    response = program.post(address, json.dumps(value))

    assert response.status_code < 500, response.text


@PATIENT
@given(body=damaged())
def test_any_damaged_update_is_taken_or_refused_whole(program, engines, cast, body):
    before = everything(engines)

    response = program.post("/api/analytics", json.dumps(body))

    assert response.status_code in {200, 403, 422}, response.text
    if response.status_code != 200:
        assert everything(engines) == before
    check_sums(engines, cast)


@PATIENT
@given(elements=st.lists(damaged(), max_size=4))
def test_any_batch_is_taken_or_refused_whole(program, engines, cast, elements):
    before = everything(engines)

    response = program.post("/api/analytics/batch", json.dumps({"updates": elements}))

    assert response.status_code in {200, 422}, response.text
    if response.status_code != 200:
        assert everything(engines) == before
    check_sums(engines, cast)


@PATIENT
@given(body=st.binary(max_size=60))
def test_any_bytes_are_answered(program, body):
    response = program.post("/api/analytics", body)

    assert response.status_code in {400, 422}, response.text


@PATIENT
@given(
    name=st.sampled_from(["type", "resourceId", "startDate", "endDate", "limit", "cursor", "basis", "x"]), value=TEXT
)
@pytest.mark.parametrize("address", ["/api/analytics", "/api/analytics/recent", "/api/campaign-analytics"])
def test_any_parameter_is_answered(program, address, name, value):
    response = program.get(address, **{name: value.encode("utf-8", "surrogatepass")})

    assert response.status_code in {200, 400, 422}, response.text


@PATIENT
@given(key=st.text(CHARACTERS, min_size=1, max_size=20), kind=st.sampled_from(["campaign", "mailbox", "domain"]))
def test_a_key_that_is_taken_can_be_read_and_deleted_by_what_is_read(program, engines, cast, key, kind):
    answer = program.post("/api/analytics", update(key=key, kind=kind))
    if answer.status_code == 422:
        return

    (row,) = program.get("/api/analytics", type=kind).json["details"]
    found = program.get("/api/analytics", type=kind, resourceId=row["resourceId"]).json["details"]
    gone = program.delete("/api/analytics", type=kind, resourceId=key, date="2026-11-20")

    assert found == [row]
    assert gone.json == {"id": answer.json["id"], "action": "deleted"}
    assert program.get("/api/analytics").json["details"] == []
    check_sums(engines, cast)
