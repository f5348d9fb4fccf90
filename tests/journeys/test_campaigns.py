"""Campaigns in a real browser: adopted from the mail, changed in place, several paused at once."""

from datetime import UTC, datetime

import pytest

from tests.factories import api_source_id, numbers, report
from tests.journeys.checks import SIZES, Watch, find_faults, overhang

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def admin(house):
    """The admin of a company whose mail names three campaigns that nobody has registered."""
    email, company, now = house.person("cora", "camps"), house.company("camps"), datetime.now(UTC)
    day = company.day_of(now)
    source = api_source_id(house.engines, company)
    report(house.engines, company, source, *(numbers(day, key) for key in ("spring", "summer", "autumn")), now=now)
    return email


def test_campaigns_are_adopted_changed_and_paused(open_page, admin):
    page = open_page(admin)
    watch = Watch(page)

    page.goto("/c/camps/campaigns")
    page.get_by_text("3 keys in your mail name no campaign").wait_for()
    page.get_by_role("link", name="Look at them").click()
    page.get_by_label("Select all").check()
    page.get_by_text("3 selected").wait_for()
    page.get_by_role("button", name="Register", exact=True).click()
    page.get_by_text("3 campaigns registered. All numbers are as before.").wait_for()
    assert page.locator(".register tbody tr").count() == 3
    assert page.locator("tbody tr td.num").all_inner_texts().count("100") == 3

    page.keyboard.press("/")
    page.keyboard.type("spr")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns?q=spr")
    page.get_by_role("link", name="spring").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Daily limit").fill("many")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    assert page.url.endswith("/edit")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.get_by_label("Daily limit").input_value() == "many"
    faults = find_faults(page)
    page.get_by_label("Daily limit").fill("250")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_text("of 250").wait_for()

    page.goto("/c/camps/campaigns")
    page.get_by_label("Select all on this page").check()
    page.set_viewport_size(SIZES["phone"] if "phone" in SIZES else list(SIZES.values())[-1])
    faults += find_faults(page) + ([f"{overhang(page)} too wide"] if overhang(page) > 0 else [])
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("heading", name="Pause 3 campaigns?").wait_for()
    page.get_by_label("Reason").fill("Too many bounces")
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("3 campaigns were paused.").wait_for()

    assert (faults, watch.complaints) == ([], [])


def test_campaigns_work_without_script(chromium, house, cookies):
    state = cookies(house.person("nils", "noscript"))
    context = chromium.new_context(base_url=house.server.url, java_script_enabled=False, storage_state=state)
    page = context.new_page()

    page.goto("/c/noscript/campaigns/new")
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Make the campaign").click()
    assert page.get_by_role("alert").count() == 1
    page.get_by_label("Name", exact=True).fill("By hand")
    page.get_by_role("button", name="Make the campaign").click()

    assert page.get_by_role("heading", name="By hand").count() == 1
    context.close()
