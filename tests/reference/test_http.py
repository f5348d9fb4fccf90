"""The HTTP routes of the reference: POST /webhook/analytics and GET /api/analytics.

Its placeholders become real: `valid-signature` is a signature over the body, `valid-api-key` an API key, both of
the company of the person whose token came along, and without one of the company that the request names.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from dashboard.providers import signatures
from tests.reference import reads
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.worlds import World
from tests.reference.writes import Ledger

FILE = "http.json"
NAMED = re.compile(r"@(c\d)")


def company_of(world: World, case: Case) -> str:
    """Return the company that signs or whose key is sent."""
    request = case["request"]
    named = NAMED.search(request["path"] + request.get("body", ""))
    homes = world.homes(case["identity"]) if case["identity"] else {}
    return next(iter(homes)) if homes else named[1] if named else "c1"


def send(world: World, case: Case) -> TestResponse:
    """Send the request with real secrets in the places of the placeholders."""
    request, company = case["request"], company_of(world, case)
    body = world.bound(request.get("body", "")).encode()
    signed, key = signatures.sign_hex(body, world.secrets[company]), world.api_keys[company]
    headers = {
        name: value.replace("valid-signature", signed).replace("valid-api-key", key)
        for name, value in request.get("headers", {}).items()
    }
    path = world.bound(request["path"]).replace("valid-api-key", key)
    return world.app.test_client().open(path, method=request["method"], headers=headers, data=body)


def begin(stage: Stage, case: Case) -> tuple[World, Ledger]:
    """Return a fresh data set, with the clock where the case had it: a minute on."""
    world = stage.fresh(case["dataset"])
    stage.clock.move(minutes=1)
    return world, Ledger(world)


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world, ledger = begin(stage, case)

    response = send(world, case)

    assert response.status_code == case["response"]["status"], response.text[:300]
    if "json" in case["response"]:
        reads.check_read(world, response.json, case["response"]["json"])
    ledger.apply(case["changes"])
    ledger.check()


def answers_or_refuses(stage: Stage, case: Case) -> None:
    """The recorded answer and change, or a refusal that changes nothing; other methods name those that there are."""
    world, ledger = begin(stage, case)

    response = send(world, case)

    assert response.status_code < 500
    assert response.status_code != 405 or response.headers["Allow"]
    if response.status_code == 200:
        ledger.apply(case["changes"])
        if case["request"]["method"] == "GET" and "json" in case["response"]:
            reads.check_read(world, response.json, case["response"]["json"])
    ledger.check()


def repeats_change_nothing(stage: Stage, case: Case) -> None:
    """F4: a captured delivery can be sent again; numbers are set, so a repeat sets what stands there already."""
    world, ledger = begin(stage, case)

    responses = [send(world, case), send(world, case)]

    assert [response.status_code for response in responses] == [200, 200]
    ledger.apply(case["changes"])
    ledger.check()


def secrets_are_enough(stage: Stage, case: Case) -> None:
    """F1: a rightly signed webhook and a valid key answered 500 unless a person's token came along."""
    world, ledger = begin(stage, case)
    named, signer = NAMED.search(str(case["request"])), company_of(world, case)
    assert named

    response = send(world, case)

    is_own, is_read = named[1] == signer, case["request"]["method"] == "GET"
    assert response.status_code == (200 if is_own else 403 if is_read else 401), response.text[:300]
    if is_own and is_read:
        reads.check_rows(response.json, reads.selected(world, arguments_of(case)))
    elif is_own:
        ledger.set(json.loads(case["request"]["body"]), stage.clock.now)
    ledger.check()


def arguments_of(case: Case) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(case["request"]["path"]).query, keep_blank_values=True))


def unreadable_bodies_are_refused(stage: Stage, case: Case) -> None:
    """F5: a body that is not JSON went uncaught."""
    world, ledger = begin(stage, case)

    response = send(world, case)

    assert (response.status_code, response.json["error"]["code"]) == (400, "unreadable_json")
    ledger.check()


def faults_are_the_callers(stage: Stage, case: Case) -> None:
    """F6: whatever was wrong answered 500, so that senders tried for ever."""
    world, ledger = begin(stage, case)

    response = send(world, case)

    if case["request"]["method"] == "GET":
        asked = arguments_of(case)
        if "companyId" not in asked:
            reads.check_own_company(world, response, "/api/analytics", case["identity"], {})
        else:
            assert response.status_code == 403
    else:
        body = json.loads(case["request"]["body"])
        is_ours = not isinstance(body, dict) or reads.is_a_company(world, body.get("companyId", "@c1"))
        assert response.status_code == (422 if is_ours else 401), response.text[:300]
        assert bool(response.json["error"]["fields"]) == is_ours
    ledger.check()


def bad_days_are_named(stage: Stage, case: Case) -> None:
    """C5: days were compared as text."""
    world, _ = begin(stage, case)

    response = send(world, case)

    reads.check_invalid(response, "startDate")


def types_are_told_apart(stage: Stage, case: Case) -> None:
    """F10: the type in the address was passed over."""
    world, _ = begin(stage, case)

    response = send(world, case)

    assert response.status_code == 200
    reads.check_rows(response.json, reads.selected(world, arguments_of(case)))


BETTER = {
    "C5": bad_days_are_named,
    "F1": secrets_are_enough,
    "F5": unreadable_bodies_are_refused,
    "F6": faults_are_the_callers,
    "F10": types_are_told_apart,
}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_requests_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_requests_answer_as_recorded_or_are_refused(stage: Stage, group: Group) -> None:
    group.hold(repeats_change_nothing if group.see == "F4" else answers_or_refuses, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_requests_do_not_meet_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
