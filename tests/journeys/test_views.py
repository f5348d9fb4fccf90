"""Choosing what a page shows: every choice is an address, which can be reloaded, left and come back to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.watching import count

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page):
    """The overview of acme."""
    page = open_page("uma@acme.test")
    page.goto("/c/acme/")
    return page


def query(page):
    """Return what the page's address says."""
    return {name: value for name, (value,) in parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def view(page):
    """Return what the page shows, without how long ago it was updated."""
    shown = [".sub", ".seg [aria-current]", ".metrics .val", ".league tbody th", ".narrowed"]
    return [page.locator(one).all_inner_texts() for one in shown[1:]] + [page.locator(shown[0]).first.inner_text()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 days", {"range": "7"}),
        ("90 days", {"range": "90"}),
        ("This month", {"range": "month"}),
        ("Template", {"type": "template"}),
        ("Mailbox", {"type": "mailbox"}),
        ("Domain", {"type": "domain"}),
        ("Rate", {"unit": "rate"}),
    ],
)
def test_choice_stands_in_the_address(page, text, expected):
    before = view(page)

    page.get_by_role("link", name=text, exact=True).click()
    chosen, address = view(page), query(page)
    page.reload()
    reloaded = view(page)
    page.go_back()

    assert address == expected
    assert chosen != before
    assert reloaded == chosen
    assert (query(page), view(page)) == ({}, before)


def test_choices_add_up(page):
    for text in ("90 days", "Domain", "Rate"):
        page.get_by_role("link", name=text, exact=True).click()
        page.wait_for_load_state()

    assert query(page) == {"range": "90", "type": "domain", "unit": "rate"}
    assert page.locator(".seg [aria-current]").all_inner_texts() == ["90 days", "Domain", "People", "Rate"]


def test_rate_is_drawn_as_a_share(page):
    page.get_by_role("link", name="Rate").click()
    page.locator("[data-chart][data-draws]").wait_for()

    drawn = page.evaluate("document.querySelector('[data-chart]').data.flatMap((one) => one.y)")

    assert all(0 <= one <= 1 for one in drawn if one is not None)


def test_days_of_ones_own_are_chosen_in_a_popover(page, today):
    page.get_by_role("button", name="Custom").click()
    page.get_by_label("From").fill(today)
    page.get_by_label("To", exact=True).fill(today)
    page.get_by_role("button", name="Show these days").click()
    page.wait_for_url("**/c/acme/?*")

    assert query(page) == {"range": "custom", "start": today, "end": today}
    assert page.locator("button[aria-current]").inner_text() == "Custom"
    assert page.locator("#numbers tbody tr").count() == 1


def test_days_of_ones_own_keep_the_other_choices(page, today):
    page.get_by_role("link", name="Mailbox", exact=True).click()
    page.get_by_role("button", name="Custom").click()
    page.get_by_label("From").fill(today)
    page.get_by_role("button", name="Show these days").click()
    page.wait_for_url("**/c/acme/?*start*")

    assert query(page) == {"type": "mailbox", "range": "custom", "start": today, "end": today}


def test_basis_is_changed_where_it_is_explained(page):
    page.get_by_role("button", name="change").click()
    page.get_by_role("link", name="By event day").click()
    page.wait_for_url("**/c/acme/?*")

    assert query(page) == {"basis": "event"}
    assert "by event day" in page.locator(".sub").first.inner_text()


def test_league_leads_to_one_resource_and_back(page):
    row = page.locator(".league tbody tr", has_text="Product news")
    expected = row.locator("[data-l=Sent]").inner_text()
    everything = count(page, "sent")

    row.get_by_role("link").click()
    page.wait_for_url("**/c/acme/analytics?*")
    narrowed, address, tag = count(page, "sent"), query(page), page.locator(".narrowed .tag").inner_text()
    page.locator(".narrowed .tag").click()
    page.wait_for_url("**/c/acme/analytics")

    assert f"{narrowed:,}" == expected
    assert address == {"resource": "product-news"}
    assert tag.startswith("campaign product-news")
    assert count(page, "sent") == everything


def test_narrowing_goes_when_the_type_changes(page):
    page.goto("/c/acme/analytics?resource=product-news&range=7")

    page.get_by_role("link", name="Domain", exact=True).click()
    page.wait_for_url("**type=domain*")

    assert query(page) == {"range": "7", "type": "domain"}
