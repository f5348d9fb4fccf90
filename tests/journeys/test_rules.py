"""A mapping rule in a real browser: seen before it is saved, saved, and history counted anew by it."""

from datetime import UTC, datetime

import pytest

from tests.inbox import deliveries, put, told
from tests.journeys.checks import SIZES, Watch, find_faults, overhang
from tests.journeys.mail import make_source
from tests.journeys.servers import wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def admin(house):
    """The admin of a company with two messages, one of them about a sale; the server counts them."""
    email, company, now = house.person("rhea", "ruled"), house.company("ruled"), datetime.now(UTC)
    put(
        house.engines, company, make_source(house.engines, company, "Website"),
        told("sent", when=now.isoformat(), subject="Summer sale, " + "wow" * 60),
        told("sent", "m2", when=now.isoformat(), subject="Hello"), received_at=now,
    )  # fmt: skip
    wait_for(lambda: [row[0] for row in deliveries(house.engines, company)] == ["counted"])
    return email


def find_all_faults(page):
    """Return what is wrong at both sizes, in light and in dark."""
    faults = []
    for scheme in ("light", "dark"):
        for size in SIZES.values():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            faults += find_faults(page) + ([f"{size} {overhang(page)} too wide"] if overhang(page) > 0 else [])
    return faults


def test_rule_is_seen_saved_and_followed_by_history(open_page, admin):
    page = open_page(admin)
    watch, faults = Watch(page), []

    page.goto("/c/ruled/rules")
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("What is looked at").select_option("subject")
    page.get_by_label("Looks like").fill("*SALE*")
    page.get_by_label("Key", exact=True).fill("sale")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("1 message looks like this rule.").wait_for()
    assert page.evaluate("document.activeElement.id") == "h-preview"
    faults += find_all_faults(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("old mail does not yet").wait_for()
    faults += find_all_faults(page)
    page.get_by_role("button", name="Delete rule 1").click()
    faults += find_all_faults(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Count history anew").click()
    page.get_by_text("1 message changed").wait_for()
    faults += find_all_faults(page)
    page.goto("/c/ruled/analytics")

    assert page.locator(".league tbody th a").all_inner_texts() == ["sale", "spring"]
    assert (faults, watch.complaints) == ([], [])


def test_refused_rule_has_its_focus_on_what_is_wrong(open_page, admin):
    page = open_page(admin)
    page.goto("/c/ruled/rules/new")

    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()

    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert find_all_faults(page) == []
