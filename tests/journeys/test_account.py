"""One's own account, one's companies, and the way out."""

import pytest

from tests.factories import PASSWORD
from tests.journeys.watching import sign_in

pytestmark = pytest.mark.browser

NEW_PASSWORD = "a different long password"


@pytest.fixture
def person(house, request):
    """Somebody new who belongs to two companies."""
    return house.person(request.node.name.replace("_", "-")[-40:], "first-one", "second-one")


def save(page, **fields):
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").wait_for()


def test_name_is_changed(open_page, person):
    page = open_page(person)
    page.goto("/account")

    save(page, Name="Zoë Zimt")

    page.goto("/c/first-one/")
    assert page.locator(".me").inner_text().splitlines()[-2:] == ["Zoë Zimt", "admin"]


def test_look_is_chosen_for_every_browser_of_the_person(open_page, person):
    page = open_page(person)
    page.goto("/account")
    page.get_by_label("Dark").check()

    save(page)

    other = open_page(person)
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert other.locator("html").get_attribute("data-theme") == "dark"


def test_changed_password_signs_other_browsers_out(open_page, person):
    page, other = open_page(person), open_page(person)
    page.goto("/account")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password again").fill(NEW_PASSWORD)

    page.get_by_role("button", name="Change password").click()
    page.get_by_role("status").wait_for()

    other.goto("/account")
    page.reload()
    assert "/login?next=/account" in other.url
    assert page.url.endswith("/account")
    sign_in(other, person, NEW_PASSWORD)


def test_faults_are_shown_beside_their_fields_and_get_the_focus(open_page, person):
    page = open_page(person)
    page.goto("/account")
    page.get_by_label("Current password").fill("not this one at all")
    page.get_by_label("New password", exact=True).fill("short")

    page.get_by_role("button", name="Change password").click()
    summary = page.get_by_role("alert")
    summary.get_by_role("link").first.click()

    assert page.get_by_label("New password", exact=True).get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "new"


def test_company_is_switched(open_page, person):
    page = open_page(person)
    page.goto("/c/first-one/analytics")

    page.get_by_role("link", name="Switch company").click()
    page.get_by_role("main").get_by_role("link", name="Second-one").click()

    page.wait_for_url("/c/second-one/")
    assert page.locator(".company").inner_text().splitlines()[-2] == "Second-one"


def test_page_that_was_wanted_comes_after_the_sign_in(open_page, house):
    page = open_page(None)
    page.goto("/c/acme/analytics?range=7&type=domain")

    page.get_by_label("E-mail address").fill("gil@acme.test")
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("/c/acme/analytics?range=7&type=domain")


def test_wrong_password_is_told_and_gets_the_focus(open_page):
    page = open_page(None)
    page.goto("/login")
    page.get_by_label("E-mail address").fill("nobody@acme.test")
    page.get_by_label("Password").fill("wrong")

    page.get_by_role("button", name="Sign in").click()

    assert "do not belong together" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.get_by_label("E-mail address").input_value() == "nobody@acme.test"


def test_signing_out_ends_the_session(open_page, person):
    page = open_page(person)
    page.goto("/c/first-one/")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/login")

    page.go_back()
    assert page.locator(".metrics, .nav").count() == 0
