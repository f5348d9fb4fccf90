"""One's own account."""

import pytest
import sqlalchemy as sa

from dashboard.models import User
from tests.helpers import page, text

NEW = "a new and longer passphrase"


def preferences(browser, **changes):
    """Send the form with name, look and clock."""
    fields = {"name": "Ada", "theme": "system", "timezone": ""} | changes
    return browser.post("/account", **fields)


def passwords(browser, **changes):
    """Send the form that changes the password."""
    fields = {"current": "correct horse battery", "new": NEW, "again": NEW} | changes
    return browser.post("/account/password", form_page="/account", **fields)


def error(response, field):
    return text(page(response).select_one(f"#{field}-error"))


def test_account_shows_what_is_known(browser):
    shown = page(browser("ada").get("/account"))

    assert shown.select_one("#name")["value"] == "Ada"
    assert "ada@acme.test" in text(shown.select_one("main"))


def test_name_is_changed_and_shown_on_every_page(browser):
    ada = browser("ada")

    answer = preferences(ada, name="  Ada Lovelace ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "Saved." in ada.get("/account").text
    assert "Ada Lovelace" in text(page(ada.get("/c/acme/")).select_one(".me"))


def test_change_is_told_once(browser):
    ada = browser("ada")
    preferences(ada)
    ada.get("/account")

    assert "Saved." not in ada.get("/account").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\x1bb", "a\nb", "\u202eadA\x07"], ids=ascii)
def test_name_is_refused_when_it_is(browser, seed, name):
    answer = preferences(browser("ada"), name=name)

    assert answer.status_code == 422
    assert error(answer, "name")
    with seed() as session:
        assert session.scalar(sa.select(User.name).where(User.email == "ada@acme.test")) == "Ada"


@pytest.mark.parametrize("name", ["x" * 100, "Ада", "阿达", "👩‍💻", "O'Brien <b>"])  # names as people have them
def test_name_is_taken_when_it_is(browser, name):
    ada = browser("ada")

    preferences(ada, name=name)

    assert page(ada.get("/account")).select_one("#name")["value"] == name


def test_theme_of_the_account_is_rendered(browser):
    ada = browser("ada")

    preferences(ada, theme="dark")

    assert page(ada.get("/c/acme/")).html["data-theme"] == "dark"


def test_theme_saved_in_the_account_wins_over_what_the_button_chose_before(browser):
    ada = browser("ada")
    ada.client.set_cookie("theme", "dark")

    preferences(ada, theme="light")

    assert page(ada.get("/c/acme/")).html["data-theme"] == "light"


def test_theme_that_does_not_exist_is_refused(browser):
    assert preferences(browser("ada"), theme="pink").status_code == 422


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "America/Argentina/Buenos_Aires"])
def test_time_zone_changes_clock_times(browser, zone):
    ada = browser("ada")

    answer = preferences(ada, timezone=f" {zone} ")

    assert answer.status_code == 303
    assert page(ada.get("/account")).select_one("#timezone")["value"] == zone


@pytest.mark.parametrize(
    "zone", ["Nowhere/None", "Europe", "../../etc/passwd", "/etc/localtime", "x" * 65, "Europe/Berlin\x00x", "+02:00"]
)
def test_time_zone_is_refused_when_it_is(browser, zone):
    answer = preferences(browser("ada"), timezone=zone)

    assert answer.status_code == 422
    assert error(answer, "timezone")


def test_empty_time_zone_means_the_companys(browser, seed):
    ada = browser("ada")
    preferences(ada, timezone="Asia/Tokyo")

    preferences(ada, timezone="")

    with seed() as session:
        assert session.scalar(sa.select(User.timezone).where(User.email == "ada@acme.test")) is None


def test_what_was_typed_stays_when_something_is_refused(browser):
    shown = page(preferences(browser("ada"), name="Ada L.", timezone="Nowhere"))

    assert shown.select_one("#name")["value"] == "Ada L."
    assert shown.select_one("#timezone")["value"] == "Nowhere"
    assert (
        text(shown.select_one("#error-summary a[href='#timezone']")) == "This is not a time zone such as Europe/Berlin."
    )


def test_unknown_fields_change_nothing(browser, seed):
    preferences(browser("ada"), email="eve@acme.test", password_hash="x", id="1")

    with seed() as session:
        user = session.scalar(sa.select(User).where(User.email == "ada@acme.test"))
    assert user.password_hash.startswith("$argon2id$")


def test_new_password_replaces_the_old_one(browser):
    ada = browser("ada")

    answer = passwords(ada)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert browser(None).sign_in("ada@acme.test").status_code == 422
    assert browser(None).sign_in("ada@acme.test", NEW).status_code == 303


def test_new_password_signs_out_other_browsers_and_keeps_this_one(browser):
    here, there, uma = browser("ada"), browser("ada"), browser("uma")

    passwords(here)

    assert here.get("/c/acme/").status_code == 200
    assert there.get("/c/acme/").status_code == 303
    assert uma.get("/c/acme/").status_code == 200


REFUSED = {
    "the current one is wrong": ("current", {"current": "not the password"}),
    "the current one is missing": ("current", {"current": ""}),
    "the new one is short": ("new", {"new": "x" * 11, "again": "x" * 11}),
    "the new one is long": ("new", {"new": "x" * 1001, "again": "x" * 1001}),
    "the new one is missing": ("new", {"new": "", "again": ""}),
    "the two differ": ("again", {"again": "something else"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_password_stays_when(browser, case):
    field, changes = REFUSED[case]
    here, there = browser("ada"), browser("ada")

    answer = passwords(here, **changes)

    assert answer.status_code == 422
    assert error(answer, field)
    assert there.get("/c/acme/").status_code == 200
    assert browser(None).sign_in("ada@acme.test").status_code == 303


@pytest.mark.parametrize("length", [12, 1000])
def test_password_is_taken_when_its_length_is(browser, length):
    word = "é" * length

    assert passwords(browser("ada"), new=word, again=word).status_code == 303
    assert browser(None).sign_in("ada@acme.test", word).status_code == 303


def test_passwords_are_never_written_into_the_page(browser):
    answer = passwords(browser("ada"), current="not the password")

    assert NEW not in answer.text
    assert "not the password" not in answer.text
