"""Somebody pushes numbers; whoever has the overview open sees them, and is not disturbed by it."""

import time
from itertools import accumulate, repeat
from secrets import token_hex

import pytest

from tests.journeys.watching import count, drawn, goto_drawn, wait_for_count

pytestmark = pytest.mark.browser

REPEATS = 5
LIMIT_S = 2


@pytest.fixture
def page(open_page):
    """The overview of acme, drawn; ada is looking at it."""
    page = open_page("ada@acme.test")
    goto_drawn(page, "/c/acme/")
    return page


@pytest.fixture
def push(program, page, today):
    """Push seven mails more of today, wait until the page shows them, and return how long that took."""
    resource, sums = f"live-{token_hex(4)}", accumulate(repeat(7))

    def pushed():
        before, before_today = count(page, "sent"), drawn(page, "sent")[-1]
        program.push(today, resource, next(sums))
        answered = time.monotonic()
        wait_for_count(page, "sent", before + 7, drawn_last=before_today + 7)
        return time.monotonic() - answered

    return pushed


def test_card_and_chart_show_pushed_numbers_within_two_seconds(push):
    waited_s = [push() for _ in range(REPEATS)]

    assert max(waited_s) < LIMIT_S, waited_s


def test_page_is_not_loaded_again_when_numbers_come(page, push):
    page.evaluate("window.isTheSamePage = true")

    push()

    assert page.evaluate("window.isTheSamePage") is True


def test_chart_is_redrawn_once_for_each_change(page, push):
    before = int(page.locator("[data-chart]").get_attribute("data-draws"))

    push()
    push()

    assert int(page.locator("[data-chart]").get_attribute("data-draws")) == before + 2


def test_open_popover_stays_open_when_numbers_come(page, push):
    page.locator("#card-opened .rate").click()
    explained = page.locator("#why-opened")
    before = explained.locator(".sum").inner_text()

    push()

    assert explained.is_visible()
    assert explained.locator(".sum").inner_text() != before  # and it explains the new number


def test_open_table_stays_open_and_scrolled_when_numbers_come(page, push):
    page.get_by_text("Show these numbers as a table").click()
    scroll = page.locator("#numbers .scroll")
    scroll.evaluate("element => element.scrollTo(0, 120)")

    push()

    assert page.locator("#numbers").get_attribute("open") is not None
    assert scroll.evaluate("element => element.scrollTop") == 120


def test_table_that_was_closed_stays_closed_when_numbers_come(page, push):
    summary = page.get_by_text("Show these numbers as a table")
    summary.click()
    summary.click()

    push()

    assert page.locator("#numbers").get_attribute("open") is None


def test_field_keeps_focus_and_text_when_numbers_come(page, push):
    page.get_by_role("button", name="Custom").click()
    page.locator("#start").fill("2026-01-02")
    page.locator("#start").focus()

    push()

    focused = page.evaluate("[document.activeElement.id, document.activeElement.value]")
    assert focused == ["start", "2026-01-02"]
    assert page.locator("#range").is_visible()


def test_button_within_the_numbers_keeps_focus_when_they_change(page, push):
    page.locator("#card-clicked .rate").focus()

    push()

    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == "why-clicked"


def test_page_stays_where_it_was_scrolled_to_when_numbers_come(page, push):
    page.evaluate("scrollTo(0, 300)")

    push()

    assert page.evaluate("scrollY") == 300


def test_analytics_page_follows_too(open_page, program, today):
    page = open_page("gil@acme.test")
    goto_drawn(page, f"/c/acme/analytics?range=custom&start={today}&end={today}")
    before = count(page, "sent")

    program.push(today, "live-analytics", 11)

    wait_for_count(page, "sent", before + 11, drawn_last=before + 11)
    assert page.locator(".league tfoot td").first.inner_text() == f"{before + 11:,}"
