"""Signing in and out."""

import pytest
import sqlalchemy as sa

from dashboard.models import LoginSession, User
from tests.helpers import page, text

WRONG = "This e-mail address and password do not belong together."


def refusal(response):
    return text(page(response).select_one("[role=alert]"))


def cookie(browser):
    found = browser.client.get_cookie("sendscope")
    return found.value if found else None


def with_cookie(browser, value):
    """Put a copied cookie into another browser."""
    browser.client.set_cookie("sendscope", value)
    return browser


def test_right_password_leads_to_the_company(browser, cast):
    ada = browser(None)

    answer = ada.sign_in("ada@acme.test")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert ada.get("/c/acme/").status_code == 200


def test_address_is_taken_with_blanks_and_capitals(browser, cast):
    assert browser(None).sign_in("  Ada@ACME.test ").status_code == 303


def test_wrong_password_and_unknown_address_hear_the_same_sentence(browser, cast):
    wrong = browser(None).sign_in("ada@acme.test", "not the password")
    unknown = browser(None).sign_in("eve@acme.test", "not the password")

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert refusal(wrong) == refusal(unknown) == WRONG


def test_person_without_a_password_hears_the_same_sentence(browser, cast, seed):
    with seed() as session:
        session.execute(sa.update(User).values(password_hash=None))

    assert refusal(browser(None).sign_in("ada@acme.test")) == WRONG


@pytest.mark.parametrize("field", ["email", "password"])
def test_missing_field_is_named_beside_it(browser, cast, field):
    given = {"email": "ada@acme.test", "password": "x"} | {field: ""}

    answer = browser(None).post("/login", **given)

    assert answer.status_code == 422
    assert text(page(answer).select_one(f"#{field}-error")).startswith("Enter your")


ODD = [
    "\x00", "ada@acme.test\x00", "ada\x00@acme.test", "a" * 254, "a" * 300, "@", "ada", "ada@", "' OR 1=1 --",
    "ada@acme.test\n", "ada@acme.test\r\nx: y", "\u0130@acme.test", "\U0001f4e7@acme.test", "\u202eada@acme.test",
    "%00", "${7*7}", "{{7*7}}", "\x7f",
]  # fmt: skip


@pytest.mark.parametrize("email", ODD, ids=ascii)
def test_odd_address_is_refused_like_any_other(browser, cast, email):
    answer = browser(None).sign_in(email, "not the password")

    assert answer.status_code == 422
    assert page(answer).select_one("form #email")


@pytest.mark.parametrize("password", ["\x00", "x\x00y", "\U0001f4e7" * 1000, "a" * 1001, " ", "\r\n"], ids=ascii)
def test_odd_password_is_refused_like_any_other(browser, cast, password):
    assert browser(None).sign_in("ada@acme.test", password).status_code == 422


def test_address_that_was_refused_is_shown_as_text(browser, cast):
    answer = browser(None).sign_in("<b>x</b>@acme.test", "not the password")

    assert "<b>x</b>" not in answer.text
    assert page(answer).select_one("#email")["value"] == "<b>x</b>@acme.test"


def test_password_is_not_sent_back_when_it_is_refused(browser, cast):
    assert "not the password" not in browser(None).sign_in("ada@acme.test", "not the password").text


KEPT = ["/c/acme/", "/c/acme/analytics?range=7&type=domain", "/account", "/c/acme/#days", "/%2Fevil.example"]
REFUSED = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "/\\/evil.example", "https://evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "/\tevil", "/a\r\nSet-Cookie: x=1",
    "/\x00", "\t//evil.example", " //evil.example", "/a\x7f", "?x", "/\u2028x", "//[", "",
]  # fmt: skip


@pytest.mark.parametrize("address", KEPT)
def test_person_goes_on_to_where_they_wanted(browser, cast, address):
    answer = browser(None).sign_in("ada@acme.test", next=address)

    assert answer.headers["Location"] == address


@pytest.mark.parametrize("address", REFUSED, ids=ascii)
def test_person_goes_to_the_start_when_the_wish_is_not_a_path_of_ours(browser, cast, address):
    answer = browser(None).sign_in("ada@acme.test", next=address)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]
)
def test_bad_wish_is_not_written_into_the_form(browser, cast, address):
    shown = page(browser(None).get("/login", query_string={"next": address}))

    assert shown.select_one("#next")["value"] == ""


def test_page_that_asked_to_sign_in_is_remembered_through_a_mistake(browser, cast):
    nobody = browser(None)
    asked = nobody.get("/c/acme/analytics?range=7")
    form = page(nobody.get(asked.headers["Location"]))
    wanted = form.select_one("#next")["value"]

    mistaken = page(nobody.sign_in("ada@acme.test", "not the password", next=wanted))

    assert wanted == mistaken.select_one("#next")["value"] == "/c/acme/analytics?range=7"


def test_sign_in_page_goes_on_for_whoever_is_signed_in(browser):
    assert browser("ada").get("/login?next=/account").headers["Location"] == "/account"


def test_signing_in_again_makes_a_new_session_and_ends_the_old_one(browser, seed):
    ada = browser("ada")
    old = cookie(ada)

    ada.sign_in("ada@acme.test")

    assert cookie(ada) != old
    assert with_cookie(browser(None), old).get("/c/acme/").status_code == 303
    with seed() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == 1


def test_signing_out_ends_the_session_and_every_copy_of_its_cookie(browser):
    ada = browser("ada")
    old = cookie(ada)

    answer = ada.post("/logout", form_page="/account")

    assert answer.headers["Location"] == "/login"
    assert ada.get("/c/acme/").status_code == 303
    assert with_cookie(browser(None), old).get("/c/acme/").status_code == 303


def test_signing_out_leaves_other_browsers_signed_in(browser):
    here, there = browser("ada"), browser("ada")

    here.post("/logout", form_page="/account")

    assert there.get("/c/acme/").status_code == 200


def test_session_ends_after_thirty_days(browser, clock):
    ada = browser("ada")

    clock.move(days=30, seconds=-1)
    before = ada.get("/c/acme/").status_code
    clock.move(seconds=1)
    after = ada.get("/c/acme/")

    assert (before, after.status_code) == (200, 303)


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "eyJ0b2tlbiI6IngifQ.aaaaaa.bbbb", "\x7f", "x" * 4000], ids=ascii)
def test_forged_cookie_is_nobodys(browser, cast, value):
    assert with_cookie(browser(None), value).get("/c/acme/").status_code == 303


def test_store_keeps_only_the_digest_of_a_token(browser, app, seed):
    ada = browser("ada")
    with ada.client.session_transaction() as kept:
        token = kept["token"]

    with seed() as session:
        (digest,) = session.scalars(sa.select(LoginSession.token_digest))

    assert len(token) == 43  # 32 random bytes in base64
    assert len(digest) == 32
    assert token.encode() not in digest


def test_sign_in_without_a_token_of_the_form_is_refused(browser, cast):
    answer = browser(None).client.post("/login", data={"email": "ada@acme.test", "password": "x"})

    assert answer.status_code == 400
    assert "This form has expired" in answer.text
