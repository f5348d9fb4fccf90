"""The shape of refusals: problem+json with a code and fields, 405 with Allow, 404 for everything else."""

import pytest

from tests.helpers import update

MEMBERS = {"type", "title", "status", "detail", "code", "fields", "requestId"}

METHODS = [
    ("PUT", "/api/analytics", {"DELETE", "GET", "HEAD", "OPTIONS", "POST"}),
    ("PATCH", "/api/analytics", {"DELETE", "GET", "HEAD", "OPTIONS", "POST"}),
    ("GET", "/api/analytics/batch", {"OPTIONS", "POST"}),
    ("DELETE", "/api/analytics/batch", {"OPTIONS", "POST"}),
    ("POST", "/api/analytics/recent", {"GET", "HEAD", "OPTIONS"}),
    ("POST", "/api/campaign-analytics", {"GET", "HEAD", "OPTIONS"}),
    ("POST", "/api/export", {"GET", "HEAD", "OPTIONS"}),
    ("DELETE", "/api/export", {"GET", "HEAD", "OPTIONS"}),
    ("POST", "/api/openapi.json", {"GET", "HEAD", "OPTIONS"}),
]


@pytest.mark.parametrize(
    ("status", "code", "ask"),
    [
        (400, "unreadable_json", lambda program: program.post("/api/analytics", "{")),
        (400, "invalid_cursor", lambda program: program.get("/api/analytics", cursor="x")),
        (401, "bad_api_key", lambda program: program.client.get("/api/analytics")),
        (403, "other_company", lambda program: program.get("/api/analytics", companyId="rival")),
        (404, "no_such_row", lambda program: program.delete(
            "/api/analytics", type="campaign", resourceId="x", date="2026-11-20")),
        (404, "not_found", lambda program: program.get("/api/nothing")),
        (405, "method_not_allowed", lambda program: program.client.put("/api/analytics")),
        (422, "invalid", lambda program: program.post("/api/analytics", {})),
    ],
)  # fmt: skip
def test_refusals_are_problem_documents(program, status, code, ask):
    response = ask(program)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert set(response.json) == MEMBERS
    assert (response.json["status"], response.json["code"]) == (status, code)
    assert response.json["requestId"] == response.headers["X-Request-Id"]
    assert response.json["detail"]


def test_fields_have_a_path_and_a_sentence(program):
    response = program.post("/api/analytics", update(sent=-1))

    assert response.json["fields"] == [{"path": "metrics.sent", "message": "must be at least 0"}]
    assert response.json["detail"] == "Some values are not right: metrics.sent must be at least 0."


@pytest.mark.parametrize(("method", "path", "allowed"), METHODS)
def test_another_method_is_405_with_those_allowed(program, method, path, allowed):
    response = program.client.open(path, method=method, headers=program.headers)

    assert response.status_code == 405
    assert {name.strip() for name in response.headers["Allow"].split(",")} == allowed
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/", "/api/x", "/api/analytics/x", "/api/analytics/recent/x", "/api/Analytics", "/api//analytics/x",
        "/api/analytics%00", "/api/%FF", "/api/../x", "/api/v1/analytics",
    ],
)  # fmt: skip
def test_other_addresses_are_404(program, path):
    response = program.client.get(path, headers=program.headers)

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.json["code"] == "not_found"


def test_an_answer_may_not_be_kept_by_caches(program):
    program.post("/api/analytics", update())

    answers = [program.get("/api/analytics"), program.post("/api/analytics", {}), program.get("/api/nothing")]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}


def test_a_request_id_of_a_stranger_is_not_repeated(program):
    response = program.client.get("/api/nothing", headers={"X-Request-Id": "a-request-id-of-theirs"})

    assert response.headers["X-Request-Id"] != "a-request-id-of-theirs"


def test_head_answers_like_get_without_a_body(program):
    response = program.client.head("/api/analytics", headers=program.headers)

    assert (response.status_code, response.data) == (200, b"")


def test_names_of_fields_are_repeated_as_text_only(program):
    response = program.post("/api/analytics", update() | {"<script>alert(1)</script>": 1})

    assert response.content_type == "application/problem+json"
    assert response.json["fields"][0]["path"] == "<script>alert(1)</script>"
