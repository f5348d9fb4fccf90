"""Every address, as everybody who might knock: strangers, the signed out, each role, each scope."""

import re

import pytest

from dashboard.permissions import LOWEST_ROLE, Action, Door
from dashboard.vocabulary.roles import Role, Scope
from tests.architecture.routes import list_routes
from tests.factories import make_key
from tests.helpers import HTMX, Program

WHO = {Role.GUEST: "gil", Role.USER: "uma", Role.ADMIN: "ada"}
SIGNED_IN = (Door.PERSON, Door.MEMBER)


def test_every_endpoint_declares_its_access(app):
    undeclared = [str(route) for route in list_routes(app) if route.access is None]

    assert undeclared == []


def test_every_address_of_a_company_asks_for_a_member_and_an_action(app):
    routes = [route for route in list_routes(app) if route.path.startswith("/c/")]

    open_ones = [str(one) for one in routes if one.access.door is not Door.MEMBER or one.access.action is None]

    assert routes
    assert open_ones == []


def test_every_address_behind_a_key_asks_for_a_scope(app):
    unscoped = [str(route) for route in list_routes(app, Door.KEY) if route.access.scope is None]

    assert unscoped == []


def test_every_action_names_its_lowest_role():
    assert set(LOWEST_ROLE) == set(Action)


def test_stranger_finds_nothing_when_the_company_is_another(app, browser):
    rex = browser("rex")

    answers = {str(one): rex.client.open(one.path, method=one.method) for one in list_routes(app, Door.MEMBER)}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 404)


def test_stranger_sees_the_same_page_whether_or_not_the_company_exists(app, browser):
    rex = browser("rex")

    def shown(slug):
        text = rex.get(f"/c/{slug}/").text
        return text.replace(slug, "")

    assert _without_tokens(shown("acme")) == _without_tokens(shown("nobody"))


def _without_tokens(text):
    return re.sub(r'(csrf_token" value="|X-CSRFToken": ")[^"]+', "", text)


def test_page_leads_to_sign_in_when_nobody_is_signed_in(app, browser):
    nobody = browser(None)

    for route in list_routes(app, *SIGNED_IN):
        answer = nobody.client.open(route.path, method=route.method)

        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login"), route


def test_fragment_is_told_to_leave_its_page_when_nobody_is_signed_in(app, browser):
    nobody = browser(None)

    for route in list_routes(app, *SIGNED_IN):
        answer = nobody.client.open(route.path, method=route.method, headers=HTMX)

        assert (answer.status_code, answer.headers.get("HX-Redirect"), answer.data) == (401, "/login", b""), route


@pytest.mark.parametrize("role", Role)
def test_role_is_refused_exactly_below_the_lowest_of_the_action(app, browser, role):
    member = browser(WHO[role])
    token = {"X-CSRFToken": member.token("/account")}

    for route in list_routes(app, Door.MEMBER):
        answer = member.client.open(route.path, method=route.method, headers=token)

        is_refused = answer.status_code == 403
        assert answer.status_code < 500, route
        assert is_refused == (role < LOWEST_ROLE[route.access.action]), f"{role.slug}: {route}"


@pytest.mark.parametrize("missing", Scope)
def test_key_is_refused_exactly_where_the_scope_is_missing(app, engines, cast, clock, missing):
    others = [scope.value for scope in Scope if scope is not missing]
    program = Program(app, make_key(engines, cast.acme, clock(), *others))

    for route in list_routes(app, Door.KEY):
        answer = program.client.open(route.path, method=route.method, headers=program.headers)

        assert answer.status_code < 500, route
        assert (answer.status_code == 403) == (route.access.scope is missing), route


@pytest.mark.parametrize("key", [None, "", "x", "ss_rwe_unknownunknownunknown", "ss_rwe_\x7f", "k" * 200])
def test_caller_without_a_good_key_is_refused_at_every_address_of_the_api(app, cast, key):
    program = Program(app, key)

    for route in list_routes(app, Door.KEY):
        answer = program.client.open(route.path, method=route.method, headers=program.headers)

        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'ApiKey realm="Sendscope"'), route


def test_sender_without_a_signature_is_refused(app, cast):
    for route in list_routes(app, Door.SIGNED):
        answer = app.test_client().open(route.path, method=route.method, data=b"{}")

        assert answer.status_code == (404 if "example" in route.path else 401), route  # an address is itself a secret
