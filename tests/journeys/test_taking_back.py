"""A wrong number was reported; an admin takes it back."""

import pytest

from tests.journeys.watching import count

pytestmark = pytest.mark.browser


def test_admin_takes_a_row_back_and_totals_follow(open_page, program, today):
    program.push(today, "mistake", 0)
    page = open_page("ada@acme.test")
    page.goto("/c/acme/")
    before = count(page, "sent")
    program.push(today, "mistake", 9000)
    page.goto("/c/acme/")
    wrong = count(page, "sent")

    page.get_by_role("link", name="Reported numbers").click()
    row = page.locator("tbody tr", has_text="mistake")
    row.get_by_role("button", name="Take back mistake").click()
    question = row.locator("[popover]").inner_text()
    row.get_by_role("button", name="Take back", exact=True).click()
    page.get_by_role("status").wait_for()
    said = page.get_by_role("status").inner_text()
    rows = page.locator("tbody tr", has_text="mistake").count()
    page.goto("/c/acme/")

    assert "API reported 9,000 sent for campaign mistake" in question
    assert f"The numbers of mistake on {today} were taken back." in said
    assert rows == 0
    assert (wrong, count(page, "sent")) == (before + 9000, before)


def test_question_can_be_left_without_an_answer(open_page, program, today):
    program.push(today, "kept", 3)
    page = open_page("ada@acme.test")
    page.goto("/c/acme/reported")
    row = page.locator("tbody tr", has_text="kept")
    button = row.get_by_role("button", name="Take back kept")

    button.click()
    page.keyboard.press("Escape")

    assert not row.locator("[popover]").is_visible()
    assert button.evaluate("element => element === document.activeElement")


@pytest.mark.parametrize("who", ["gil@acme.test", "uma@acme.test"])
def test_page_is_for_admins_only(open_page, who):
    page = open_page(who)

    page.goto("/c/acme/")
    entries = page.get_by_role("navigation", name="Sections").get_by_role("link").all_inner_texts()
    answer = page.goto("/c/acme/reported")

    assert "Overview" in entries
    assert not {"Reported numbers", "Exports"} & set(entries)
    assert answer.status == 403
    assert "needs the role admin" in page.locator("main").inner_text()
