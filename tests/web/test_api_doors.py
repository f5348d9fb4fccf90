"""Who may call the API: keys, scopes, companies."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import ApiKey
from dashboard.services import api_keys
from tests.factories import make_key
from tests.helpers import Program, update
from tests.reported import everything

pytestmark = pytest.mark.usefixtures("sums_agree")

REQUESTS = [
    ("GET", "/api/analytics", "read"),
    ("GET", "/api/analytics/recent", "read"),
    ("GET", "/api/campaign-analytics", "read"),
    ("GET", "/api/export?format=csv", "export"),
    ("POST", "/api/analytics", "write"),
    ("POST", "/api/analytics/batch", "write"),
    ("DELETE", "/api/analytics?type=campaign&resourceId=spring&date=2026-11-20", "write"),
]
every_request = pytest.mark.parametrize(("method", "path", "scope"), REQUESTS)


def call(program, method, path, **options):
    body = None
    if method == "POST":
        body = {"updates": [update()]} if "batch" in path else update()
    return program.client.open(path, method=method, json=body, headers=program.headers, **options)


def refuses(response):
    """Say whether nobody was recognised."""
    return (
        response.status_code == 401
        and response.headers["WWW-Authenticate"] == 'ApiKey realm="Sendscope"'
        and response.content_type == "application/problem+json"
        and response.json["code"] == "bad_api_key"
    )


@every_request
def test_no_key_is_401(app, cast, engines, method, path, scope):
    before = everything(engines)

    response = call(Program(app, None), method, path)

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize(
    "key",
    ["", " ", "x", "ss_rwe_", "ss_rwe_" + "A" * 43, "_" * 20, "x" * 5000, "ss_rwe_" + "ü" * 20, "%00", "' OR 1=1 --"],
)
def test_unknown_keys_are_401(app, cast, key):
    response = Program(app, key).get("/api/analytics")

    assert refuses(response)


def test_a_key_that_differs_only_behind_its_prefix_is_401(app, engines, cast, clock):
    key = make_key(engines, cast.acme, clock())
    other = key[:-1] + ("A" if key[-1] != "A" else "B")

    response = Program(app, other).get("/api/analytics")

    assert refuses(response)


def test_the_scopes_in_a_key_cannot_be_changed(app, engines, cast, clock):
    key = make_key(engines, cast.acme, clock(), "read")

    response = Program(app, key.replace("ss_r_", "ss_rwe_")).get("/api/analytics")

    assert refuses(response)


def test_a_key_says_its_scopes_in_order(engines, cast, clock):
    key = make_key(engines, cast.acme, clock(), "export", "write", "read")
    narrow = make_key(engines, cast.acme, clock(), "export", "read")

    # 32 bytes are at most 43 digits to the base of 62
    assert re.fullmatch(r"ss_rwe_[0-9A-Za-z]{43}", key)
    assert re.fullmatch(r"ss_re_[0-9A-Za-z]{43}", narrow)


def test_the_store_does_not_hold_the_key(engines, cast, clock, seed):
    key = make_key(engines, cast.acme, clock())

    with seed(cast.acme) as session:
        (row,) = session.scalars(sa.select(ApiKey))

    assert row.prefix == key[:15]  # ss_rwe_ and eight characters
    assert key[15:].encode() not in row.digest


def test_a_revoked_key_is_401_from_the_next_request_on(app, engines, cast, clock, seed):
    program = Program(app, make_key(engines, cast.acme, clock()))
    before = program.get("/api/analytics")
    with seed(cast.acme) as session:
        api_keys.revoke_key(session, session.scalar(sa.select(ApiKey.id)), now=clock())

    after = program.get("/api/analytics")

    assert before.status_code == 200
    assert refuses(after)


def test_a_key_is_401_from_the_instant_it_expires(app, engines, cast, clock, seed):
    program = Program(app, make_key(engines, cast.acme, clock()))
    with seed(cast.acme) as session:
        session.scalar(sa.select(ApiKey)).expires_at = clock() + timedelta(minutes=1)
    clock.move(seconds=59)
    before = program.get("/api/analytics")
    clock.move(seconds=1)

    after = program.get("/api/analytics")

    assert before.status_code == 200
    assert refuses(after)


@pytest.mark.parametrize("name", ["apiKey", "api_key", "key", "X-Api-Key", "token"])
def test_a_key_in_the_address_is_not_read(app, engines, cast, clock, name):
    key = make_key(engines, cast.acme, clock())

    response = app.test_client().get("/api/analytics", query_string={name: key})

    assert refuses(response)


@pytest.mark.parametrize("headers", [
    {"Authorization": "Bearer {}"}, {"Authorization": "ApiKey {}"}, {"Cookie": "X-Api-Key={}"}, {"Api-Key": "{}"},
])  # fmt: skip
def test_a_key_in_another_header_is_not_read(app, engines, cast, clock, headers):
    key = make_key(engines, cast.acme, clock())

    response = app.test_client().get("/api/analytics", headers={k: v.format(key) for k, v in headers.items()})

    assert refuses(response)


def test_a_signed_in_admin_without_a_key_is_401(browser, cast):
    response = browser("ada").get("/api/analytics")

    assert refuses(response)


@every_request
def test_a_key_without_the_scope_is_403(app, engines, cast, clock, method, path, scope):
    others = {"read", "write", "export"} - {scope}
    program = Program(app, make_key(engines, cast.acme, clock(), *others))
    before = everything(engines)

    response = call(program, method, path)

    assert response.status_code == 403
    assert response.json["code"] == "missing_scope"
    assert scope in response.json["detail"]
    assert everything(engines) == before


@every_request
def test_the_one_scope_is_enough(app, engines, cast, clock, program, method, path, scope):
    program.post("/api/analytics", update())
    narrow = Program(app, make_key(engines, cast.acme, clock(), scope))

    response = call(narrow, method, path)

    assert response.status_code == 200


def test_scope_is_judged_before_the_body(app, engines, cast, clock):
    program = Program(app, make_key(engines, cast.acme, clock(), "read"))

    response = program.post("/api/analytics", "{")

    assert response.status_code == 403


@every_request
@pytest.mark.parametrize("company", ["rival", "nobody", "ACME", "acme ", "%00", "7"])
def test_another_company_is_403_whether_it_exists_or_not(program, engines, method, path, scope, company):
    program.post("/api/analytics", update())
    before = everything(engines)

    response = call(program, method, f"{path}{'&' if '?' in path else '?'}companyId={company}")

    assert response.status_code == 403
    assert response.json["code"] == "other_company"
    assert everything(engines) == before


@pytest.mark.parametrize("company", ["rival", "nobody", "", "ACME", "\0", "\ud800", "x" * 10_000], ids=ascii)
def test_another_company_in_the_body_is_403(program, engines, company):
    before = everything(engines)

    response = program.post("/api/analytics", update() | {"companyId": company})

    assert response.status_code == 403
    assert everything(engines) == before


@every_request
def test_the_keys_own_company_may_be_named(program, method, path, scope):
    program.post("/api/analytics", update())

    response = call(program, method, f"{path}{'&' if '?' in path else '?'}companyId=acme")

    assert response.status_code == 200


def test_a_program_reads_only_its_own_company(program, rivals_program):
    rivals_program.post("/api/analytics", update(key="secret"))

    answers = [program.get(path) for path in ("/api/analytics", "/api/analytics/recent", "/api/campaign-analytics")]

    assert all("secret" not in answer.text for answer in answers)
    assert answers[0].json["aggregated"]["sent"] == 0
    assert "secret" not in program.get("/api/export", format="csv").text


def test_a_program_deletes_only_its_own_companys_rows(program, rivals_program, engines):
    rivals_program.post("/api/analytics", update())
    before = everything(engines)

    response = program.delete("/api/analytics", type="campaign", resourceId="spring", date="2026-11-20")

    assert response.status_code == 404
    assert everything(engines) == before


def test_last_use_is_noted_at_most_once_a_minute(program, clock, seed, cast):
    def last_used():
        with seed(cast.acme) as session:
            return session.scalar(sa.select(ApiKey.last_used_at))

    first = clock()
    program.get("/api/analytics")
    clock.move(seconds=59)
    program.get("/api/analytics")
    assert last_used() == first
    clock.move(seconds=1)
    program.get("/api/analytics")

    assert last_used() == clock()
