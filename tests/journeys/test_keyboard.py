"""Without a mouse: everything can be reached, is seen when it is reached, and can be operated."""

import pytest

pytestmark = pytest.mark.browser

MOST_STOPS = 250

FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const isOnScreen = box.width > 0 && box.right > 0 && box.bottom > 0 && box.top < innerHeight;
  return {
    isNowhere: element === document.body,
    name: element.getAttribute("aria-label") || element.innerText || element.id,
    html: element.outerHTML.slice(0, 150), isSeen, isOnScreen,
  };
}"""


def walk(page):
    """Yield each stop of the Tab key, from the top of the page until it leaves it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["isNowhere"]:
            return
        yield focused
    raise AssertionError("The Tab key never leaves the page.")


def walk_to(page, name):
    """Press Tab until something with that name has the focus."""
    return next(focused for focused in walk(page) if focused["name"].strip() == name)


@pytest.fixture
def page(open_page):
    """The overview of acme."""
    page = open_page("ada@acme.test")
    page.goto("/c/acme/")
    return page


def test_sign_in_needs_no_mouse(open_page, house):
    page = open_page(None)
    page.goto("/login")
    page.locator("#email:focus").wait_for()

    page.keyboard.type("gil@acme.test")
    page.keyboard.press("Tab")
    page.keyboard.type(house.password)
    page.keyboard.press("Enter")

    page.wait_for_url("/c/acme/")


def test_first_stop_skips_the_navigation(page):
    first = next(walk(page))
    page.keyboard.press("Enter")
    second = next(walk(page))

    assert (first["name"], first["isSeen"], first["isOnScreen"]) == ("Skip to content", True, True)
    assert second["name"] == "change"  # the first control of the page's own


def test_type_switch_is_operated(page):
    walk_to(page, "Template")

    page.keyboard.press("Enter")

    page.wait_for_url("/c/acme/?type=template")


def test_rate_explains_itself_and_gives_the_focus_back(page):
    shown = page.locator("#card-delivered .rate").inner_text()
    walk_to(page, shown)

    page.keyboard.press("Enter")
    opened = page.locator("#why-delivered").is_visible()
    page.keyboard.press("Escape")

    assert opened
    assert not page.locator("#why-delivered").is_visible()
    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == "why-delivered"


def test_table_of_the_days_is_opened_and_scrolled(page):
    walk_to(page, "Show these numbers as a table")

    page.keyboard.press("Enter")
    stop = next(walk(page))
    page.keyboard.press("End")

    assert stop["name"] == "Numbers by day"
    page.wait_for_function("() => document.querySelector('#numbers .scroll').scrollTop > 0")


@pytest.mark.parametrize(
    "path", ["/c/acme/", "/c/acme/analytics", "/c/acme/reported", "/c/acme/exports", "/account", "/companies", "/login"]
)
def test_every_stop_is_seen(open_page, path):
    page = open_page("ada@acme.test" if path != "/login" else None)
    page.goto(path)
    page.evaluate("document.activeElement.blur()")

    unseen = [focused["html"] for focused in walk(page) if not (focused["isSeen"] and focused["isOnScreen"])]

    assert unseen == []


def test_menu_of_a_phone_opens_and_closes(open_page):
    page = open_page("ada@acme.test", viewport={"width": 390, "height": 844})
    page.goto("/c/acme/")

    walk_to(page, "Open navigation")
    page.keyboard.press("Enter")
    entry = page.get_by_role("link", name="Analytics", exact=True)
    opened = entry.is_visible()
    page.keyboard.press("Escape")

    assert opened
    assert not entry.is_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Open navigation"
