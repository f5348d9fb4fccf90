"""A browser that runs no script: slower to follow, but everything is there."""

import pytest

from tests.journeys.watching import count, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page):
    """The overview of acme, without script."""
    page = open_page("ada@acme.test", java_script_enabled=False)
    page.goto("/c/acme/")
    return page


def test_sign_in_leads_to_the_overview(open_page, house):
    page = open_page(None, java_script_enabled=False)

    sign_in(page, "gil@acme.test", house.password)

    assert page.url.endswith("/c/acme/")


def test_overview_shows_its_numbers(page):
    page.get_by_text("Show these numbers as a table").click()

    assert count(page, "sent") > 0
    assert page.locator(".funnel li").count() == 6
    assert page.locator(".league tbody tr").count() > 3
    assert page.locator("#numbers tbody tr").count() == 30
    assert page.locator("#numbers tfoot td").first.inner_text() == page.locator("[data-metric=sent]").inner_text()


def test_caption_stands_in_for_the_chart(page):
    assert "sent mails were delivered" in page.locator("#chart-caption").inner_text()


def test_ranges_and_popovers_work(page, today):
    page.get_by_role("link", name="7 days").click()
    page.get_by_role("button", name="Custom").click()
    page.get_by_label("From").fill(today)
    page.get_by_role("button", name="Show these days").click()

    page.wait_for_url(f"/c/acme/?range=custom&start={today}&end={today}")


def test_numbers_follow_when_the_page_is_loaded_again(page, program, today):
    before = count(page, "sent")

    program.push(today, "without-script", 4)
    page.reload()

    assert count(page, "sent") == before + 4


def test_export_is_made(page):
    page.get_by_role("link", name="Exports").click()

    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()

    assert started.value.suggested_filename.endswith(".csv")


def test_sign_out_works(open_page, house):
    page = open_page(house.person("plain", "acme"), java_script_enabled=False)
    page.goto("/c/acme/")

    page.get_by_role("button", name="Sign out").click()

    page.wait_for_url("/login")
