"""How much and how often: bodies over 5 MB, and too many requests of one key."""

import io
import json

import pytest

from dashboard.config import MAX_BODY_BYTES
from tests.factories import make_key
from tests.helpers import Program, update
from tests.reported import everything

pytestmark = pytest.mark.usefixtures("sums_agree")

RIGHT = json.dumps(update()).encode()


def in_chunks(program, body, path="/api/analytics"):
    """Post a body as servers hand one over that came in chunks: without a length."""
    return program.client.post(
        path,
        input_stream=io.BytesIO(body),
        headers=program.headers | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


@pytest.fixture
def limit(app, monkeypatch):
    """Set how many requests a minute a key may make; every test sets another number, for each is counted apart."""

    def to(requests):
        monkeypatch.setattr(app.extensions["settings"], "api_requests_per_minute", requests)

    return to


@pytest.mark.parametrize("path", ["/api/analytics", "/api/analytics/batch"])
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 6_000_000])
def test_a_body_over_5_mb_is_413(program, engines, path, size):
    before = everything(engines)

    response = program.post(path, RIGHT.ljust(size))

    assert response.status_code == 413
    assert response.content_type == "application/problem+json"
    assert "5 MB" in response.json["detail"]
    assert everything(engines) == before


@pytest.mark.parametrize("path", ["/api/analytics", "/api/analytics/batch"])
def test_a_body_over_5_mb_in_chunks_is_413(program, engines, path):
    before = everything(engines)

    response = in_chunks(program, RIGHT.ljust(6_000_000), path)

    assert response.status_code == 413
    assert everything(engines) == before


def test_a_body_of_5_mb_is_taken(program):
    response = program.post("/api/analytics", RIGHT.ljust(MAX_BODY_BYTES))

    assert response.status_code == 200


def test_a_body_in_chunks_is_taken(program):
    response = in_chunks(program, RIGHT.ljust(1_000_000))

    assert response.status_code == 200


def test_a_large_body_without_a_key_is_401(app, cast):
    response = Program(app, None).post("/api/analytics", RIGHT.ljust(6_000_000))

    assert response.status_code == 401


def test_too_large_an_idempotent_request_does_not_use_up_its_key(program):
    refused = program.post("/api/analytics", RIGHT.ljust(6_000_000), Idempotency_Key="one")

    again = program.post("/api/analytics", RIGHT, Idempotency_Key="one")

    assert (refused.status_code, again.status_code) == (413, 200)


def test_a_key_over_its_limit_is_429(program, engines, limit):
    limit(2)
    program.get("/api/analytics")
    program.get("/api/analytics")
    before = everything(engines)

    # Eight requests at two a minute of the wall clock: should a new minute begin among them, some are refused still.
    answers = [program.post("/api/analytics", {}) for _ in range(6)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].content_type == "application/problem+json"
    assert int(refused[0].headers["Retry-After"]) > 0
    assert everything(engines) == before


def test_refused_requests_count_too(program, limit):
    limit(3)

    answers = [program.post("/api/analytics", "{") for _ in range(8)]

    assert {answer.status_code for answer in answers} == {400, 429}


def test_each_key_has_a_limit_of_its_own(app, engines, cast, clock, program, limit):
    limit(4)
    answers = [program.get("/api/analytics") for _ in range(8)]
    other = Program(app, make_key(engines, cast.acme, clock()))

    response = other.get("/api/analytics")

    assert 429 in {answer.status_code for answer in answers}
    assert response.status_code == 200
