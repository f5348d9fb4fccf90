"""`Idempotency-Key`: the same request is done once and answered alike; what is refused is not remembered."""

import json
import threading

import pytest
import sqlalchemy as sa

from dashboard.models import ApiKey
from dashboard.services import idempotency
from tests.factories import make_key
from tests.helpers import Program, update
from tests.reported import everything, sent, version

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/analytics"
BODY = json.dumps(update())


def repeat(program, body=BODY, path=ADDRESS, key="one"):
    return program.post(path, body, Idempotency_Key=key)


@pytest.fixture
def claim(engines, cast, clock, program, seed):
    """Claim the key "one", as a request does that is still in flight."""

    def claimed(body=BODY, path=ADDRESS):
        with seed(cast.acme) as session:
            key_id = session.scalar(sa.select(ApiKey.id))
        asked = idempotency.Request(cast.acme.id, key_id, path, "one", body.encode())
        return asked, idempotency.claim(engines, asked, clock())

    return claimed


def test_the_same_request_has_the_first_answer(program, engines):
    first = repeat(program)
    before = everything(engines)

    second = repeat(program)

    assert first.json["action"] == "created"
    assert (second.status_code, second.content_type, second.data) == (200, first.content_type, first.data)
    assert everything(engines) == before


def test_without_the_header_the_second_is_an_update(program):
    program.post(ADDRESS, BODY)

    assert program.post(ADDRESS, BODY).json["action"] == "updated"


def test_a_repeat_does_not_undo_what_came_between(program, engines, cast):
    repeat(program)
    program.post(ADDRESS, update(sent=5))
    before = version(engines, cast.acme)

    repeat(program)

    assert list(sent(engines, cast.acme).values()) == [5]
    assert version(engines, cast.acme) == before


@pytest.mark.parametrize("body", [json.dumps(update(sent=5)), BODY + " ", json.dumps(update(), indent=1), "{", ""])
def test_another_body_is_409(program, engines, body):
    repeat(program)
    before = everything(engines)

    response = repeat(program, body)

    assert response.status_code == 409
    assert response.json["code"] == "idempotency_key_reused"
    assert everything(engines) == before


def test_another_path_is_another_request(program):
    first = repeat(program)

    second = repeat(program, json.dumps({"updates": [update()]}), f"{ADDRESS}/batch")

    assert first.status_code == second.status_code == 200


def test_another_api_key_is_another_request(app, engines, cast, clock, program, rivals_program):
    colleague = Program(app, make_key(engines, cast.acme, clock()))

    answers = [repeat(one).json["action"] for one in (program, colleague, rivals_program)]

    assert answers == ["created", "updated", "created"]


@pytest.mark.parametrize(
    "body", ["{", "[]", "{}", json.dumps(update(sent=-1)), json.dumps(update() | {"companyId": "x"})]
)
def test_refused_requests_are_not_remembered(program, engines, body):
    before = everything(engines)

    refused = repeat(program, body)

    assert refused.status_code in {400, 403, 422}
    assert everything(engines) == before
    assert repeat(program).json["action"] == "created"


def test_a_refused_sum_is_not_remembered(program):
    program.post(ADDRESS, update(key="most", sent=2**53 - 1))

    refused = repeat(program)
    program.delete(ADDRESS, type="campaign", resourceId="most", date="2026-11-20")

    assert refused.status_code == 422
    assert repeat(program).json["action"] == "created"


def test_an_unknown_api_key_claims_nothing(app, cast, engines):
    before = everything(engines)

    response = repeat(Program(app, "ss_rwe_" + "x" * 43))

    assert response.status_code == 401
    assert everything(engines) == before


def test_while_the_first_is_in_flight_the_second_is_409(program, claim, engines):
    claim()
    before = everything(engines)

    response = repeat(program)

    assert response.status_code == 409
    assert response.json["code"] == "idempotency_key_in_flight"
    assert int(response.headers["Retry-After"]) > 0
    assert everything(engines) == before


def test_while_the_first_is_in_flight_another_body_is_409(program, claim):
    claim()

    response = repeat(program, json.dumps(update(sent=5)))

    assert response.json["code"] == "idempotency_key_reused"


def test_a_claim_that_was_left_behind_is_taken_over(program, claim, clock):
    claim()
    clock.move(seconds=59)
    early = repeat(program)
    clock.move(seconds=1)

    late = repeat(program)

    assert (early.status_code, late.status_code) == (409, 200)


def test_who_lost_its_claim_cannot_keep_its_answer(program, claim, clock, engines, cast, seed):
    asked, lost = claim()
    clock.move(seconds=61)
    repeat(program)
    before = everything(engines)

    with seed(cast.acme) as session, pytest.raises(idempotency.Conflict):
        idempotency.keep(session, asked, lost, status=200, answer=b"late", now=clock())
    idempotency.release(engines, asked, lost)

    assert everything(engines) == before


def test_an_answer_is_kept_for_a_day(program, clock):
    first = repeat(program)
    clock.move(hours=23, minutes=59, seconds=59)
    same = repeat(program)
    clock.move(seconds=1)

    fresh = repeat(program, json.dumps(update(sent=5)))

    assert same.data == first.data
    assert fresh.json["action"] == "updated"


def test_a_batch_is_repeated_too(program):
    batch = json.dumps({"updates": [update(), update(), update(key="b")]})
    first = repeat(program, batch, f"{ADDRESS}/batch")

    second = repeat(program, batch, f"{ADDRESS}/batch")

    assert [one["action"] for one in first.json["results"]] == ["created", "updated", "created"]
    assert second.data == first.data


@pytest.mark.parametrize("key", ["x", "x" * 255, "a b", "__proto__", "%00", "'", "\u00e9"])
def test_any_printable_text_is_a_key(program, key):
    first = repeat(program, key=key)

    second = repeat(program, key=key)

    assert first.status_code == 200
    assert second.data == first.data


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\x00", "\x7f", "\x85", "\xa0"], ids=ascii)
def test_other_keys_are_400(program, engines, key):
    before = everything(engines)

    response = repeat(program, key=key)

    assert response.status_code == 400
    assert everything(engines) == before


def test_of_many_at_once_one_is_done(app, engines, cast, clock):
    key = make_key(engines, cast.acme, clock())
    ready, answers = threading.Barrier(8), []

    def send():
        program = Program(app, key)
        ready.wait()
        answers.append(repeat(program))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    done = {answer.data for answer in answers if answer.status_code == 200}
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [json.loads(answer)["action"] for answer in done] == ["created"]
