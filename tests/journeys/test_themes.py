"""Light and dark: the system's wish, the button, and what is kept."""

import pytest

from tests.journeys.watching import goto_drawn

pytestmark = pytest.mark.browser

LIGHT, DARK = "rgb(246, 247, 249)", "rgb(15, 17, 22)"  # --bg of the style sheet
STROKE = "() => getComputedStyle(document.querySelector('[data-chart] .scatterlayer .js-line')).stroke"


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def chosen(page):
    return page.locator("html").get_attribute("data-theme")


@pytest.mark.parametrize(("scheme", "expected"), [("light", LIGHT), ("dark", DARK)])
def test_page_follows_the_system(open_page, scheme, expected):
    page = open_page("gil@acme.test", color_scheme=scheme)

    page.goto("/account")

    assert (chosen(page), background(page)) == (None, expected)


def test_page_and_chart_follow_the_system_when_it_changes(open_page):
    page = open_page("gil@acme.test", color_scheme="light")
    goto_drawn(page, "/c/acme/")
    stroke = page.evaluate(STROKE)

    page.emulate_media(color_scheme="dark")

    page.wait_for_function(f"(before) => ({STROKE})() !== before", arg=stroke)
    assert background(page) == DARK


def test_button_changes_page_and_chart_at_once(open_page):
    page = open_page("gil@acme.test", color_scheme="light")
    goto_drawn(page, "/c/acme/")
    stroke = page.evaluate(STROKE)

    page.get_by_role("button", name="Switch between light and dark").click()

    assert (chosen(page), background(page)) == ("dark", DARK)
    page.wait_for_function(f"(before) => ({STROKE})() !== before", arg=stroke)


def test_button_changes_back_from_dark(open_page):
    page = open_page("gil@acme.test", color_scheme="dark")
    page.goto("/c/acme/")
    button = page.get_by_role("button", name="Switch between light and dark")

    button.click()
    once = chosen(page), background(page)
    button.click()

    assert once == ("light", LIGHT)
    assert (chosen(page), background(page)) == ("dark", DARK)


def test_server_writes_the_kept_theme_so_that_nothing_flashes(open_page):
    page = open_page("gil@acme.test", color_scheme="light")
    page.goto("/c/acme/")
    page.get_by_role("button", name="Switch between light and dark").click()

    texts = [page.goto(path).text() for path in ("/c/acme/", "/account", "/api/docs", "/nothing")]

    assert all('<html lang="en" data-theme="dark">' in text for text in texts)
    assert background(page) == DARK
