"""GET changes nothing, and nothing is changed from a browser without the token of a form."""

import pytest

from dashboard.permissions import Door
from tests.architecture.routes import list_routes
from tests.factories import make_key
from tests.helpers import HTMX, Program
from tests.tables import read_everything

BROWSER = (Door.PUBLIC, Door.PERSON, Door.MEMBER)
# GET addresses that write all the same, and why.
WRITES = {"api.export": "an export leaves an entry in the audit log"}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_get_changes_nothing_when_an_admin_looks(app, engines, browser, headers):
    ada = browser("ada")
    before = read_everything(engines)

    for route in list_routes(app, *BROWSER):
        if route.is_read:
            answer = ada.get(route.path, headers=headers)

            assert answer.status_code < 500, route
            assert read_everything(engines) == before, route


def test_get_changes_nothing_when_a_program_reads(app, engines, cast, clock):
    program = Program(app, make_key(engines, cast.acme, clock()))
    program.get("/api/analytics")  # notes the key's use, once a minute
    before = read_everything(engines)

    for route in list_routes(app, Door.KEY):
        if route.is_read and route.endpoint not in WRITES:
            answer = program.get(route.path)

            assert answer.status_code < 500, route
            assert read_everything(engines) == before, route


def test_export_of_a_program_writes_one_audit_entry_and_nothing_else(app, engines, cast, clock):
    program = Program(app, make_key(engines, cast.acme, clock()))
    program.get("/api/analytics")
    before = read_everything(engines)

    program.get("/api/export", format="csv")

    after = read_everything(engines)
    changed = {name: len(after[name]) - len(before[name]) for name in before if after[name] != before[name]}
    assert changed == {"audit_entries": 1}


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_write_is_refused_when_the_token_is_missing_or_wrong(app, engines, browser, token):
    ada = browser("ada")
    ada.get("/account")
    before = read_everything(engines)
    headers = {} if token is None else {"X-CSRFToken": token}

    for route in list_routes(app, *BROWSER):
        if not route.is_read:
            answer = ada.client.open(route.path, method=route.method, headers=headers)

            assert answer.status_code == 400, route
            assert "This form has expired" in answer.text
            assert read_everything(engines) == before, route


def test_token_of_another_browser_is_refused(browser):
    ada, uma = browser("ada"), browser("uma")
    foreign = uma.token("/account")

    answer = ada.client.post("/account", data={"csrf_token": foreign, "name": "Eve", "theme": "dark"})

    assert answer.status_code == 400
