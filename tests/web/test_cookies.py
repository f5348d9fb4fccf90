"""The cookies: what the browser may do with them."""

from http.cookies import SimpleCookie

import pytest

from tests.conftest import NOON, Clock
from tests.factories import PASSWORD, make_cast
from tests.helpers import Browser, page
from tests.web.apps import second_app


def morsel(response, name="sendscope"):
    """Return the cookie that an answer sets."""
    jar = SimpleCookie()
    for header in response.headers.getlist("Set-Cookie"):
        jar.load(header)
    return jar[name]


def test_cookie_is_hidden_from_scripts_and_from_other_sites(browser, cast):
    kept = morsel(browser(None).sign_in("ada@acme.test"))

    assert kept["httponly"] is True
    assert kept["samesite"] == "Lax"
    assert kept["path"] == "/"
    assert kept["secure"] == ""
    assert kept["domain"] == ""


def test_cookie_is_sent_only_when_it_changes(browser, cast):
    ada = browser("ada")

    answers = [ada.get(path) for path in ("/c/acme/", "/c/acme/analytics", "/companies")]

    # The first page puts the form's token into the cookie; after that nothing changes it.
    assert [("Set-Cookie" in answer.headers) for answer in answers] == [True, False, False]


def test_cookie_goes_when_the_person_signs_out(browser):
    ada = browser("ada")

    answer = ada.post("/logout", form_page="/account")

    assert morsel(answer).value == ""
    assert morsel(answer)["expires"].endswith("1970 00:00:00 GMT")


@pytest.fixture
def secure(tmp_path):
    """An app that browsers reach by https, with the cast."""
    with second_app(tmp_path, base_url="https://mail.example.com") as app:
        app.extensions["clock"] = Clock()
        make_cast(app.extensions["engines"], NOON)
        yield app


def sign_in(app, **headers):
    """Sign in by https as a browser does, with the headers given."""
    browser = Browser(app)
    base = "https://mail.example.com"
    form = page(browser.get("/login", base_url=base))
    fields = {
        "email": "ada@acme.test", "password": PASSWORD, "csrf_token": form.select_one("[name=csrf_token]")["value"],
    }  # fmt: skip
    return browser.client.post("/login", data=fields, base_url=base, headers=headers)


def test_cookie_is_secure_when_the_public_address_is_https(secure):
    answer = sign_in(secure, Referer="https://mail.example.com/login")

    assert answer.status_code == 303
    assert morsel(answer)["secure"] is True


@pytest.mark.parametrize("referer", [None, "https://evil.example/", "http://mail.example.com/login"])
def test_form_from_elsewhere_is_refused_when_the_public_address_is_https(secure, referer):
    answer = sign_in(secure, **({"Referer": referer} if referer else {}))

    assert answer.status_code == 400


@pytest.mark.parametrize(("value", "shown"), [("dark", "dark"), ("light", "light"), ("", None), ('"><script>', None)])
def test_theme_of_the_cookie_is_rendered_by_the_server(browser, cast, value, shown):
    ada = browser("ada")
    ada.client.set_cookie("theme", value)

    assert page(ada.get("/c/acme/")).html.get("data-theme") == shown


def test_theme_is_left_to_the_system_when_nobody_chose(browser, cast):
    assert page(browser("ada").get("/c/acme/")).html.get("data-theme") is None


def test_theme_of_the_cookie_is_rendered_before_anybody_signs_in(browser, cast):
    nobody = browser(None)
    nobody.client.set_cookie("theme", "dark")

    assert page(nobody.get("/login")).html["data-theme"] == "dark"
