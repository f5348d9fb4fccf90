"""Mailboxes in a real browser: made with a plan of one's own, imported after a dry run, and working without script."""

from datetime import UTC, datetime

import pytest

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from tests.factories import make_mailbox
from tests.journeys.checks import SIZES, Watch, find_faults, overhang

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def admin(house):
    """The admin of a company with one mailbox."""
    email, company = house.person("mona", "posts"), house.company("posts")
    with open_session(house.engines, Mode.WRITE, company.id) as session:
        make_mailbox(session, "hello@posts.test", created_at=datetime.now(UTC))
        session.commit()
    return email


def test_mailbox_is_made_with_a_plan_and_others_come_from_a_file(open_page, admin, tmp_path):
    page = open_page(admin)
    watch = Watch(page)

    page.goto("/c/posts/mailboxes/new")
    page.get_by_label("Address").fill("mia@elsewhere.test")
    page.get_by_label("Name", exact=True).fill("Mia")
    assert not page.get_by_label("Plan", exact=True).is_visible()
    page.get_by_label("It is warming up").check()
    assert not page.get_by_label("First day").is_visible()
    page.get_by_label("Plan", exact=True).select_option("custom")
    page.get_by_label("First day").fill("8")
    page.get_by_label("Step", exact=True).fill("3")
    page.get_by_label("Ceiling").fill("30")
    page.get_by_label("Sunday").uncheck()
    page.get_by_role("button", name="Make the mailbox").click()
    page.get_by_role("link", name="Register the domain", exact=True).wait_for()
    faults = find_faults(page)
    page.get_by_label("Address").fill("mia@posts.test")
    page.get_by_role("button", name="Make the mailbox").click()
    page.get_by_text("mia@posts.test was made.").wait_for()
    page.get_by_role("link", name="Warm-up", exact=True).click()
    page.locator("[data-chart][data-draws]").wait_for()
    page.get_by_text("8 → +3 a sending day → 30, Mon, Tue, Wed, Thu, Fri, Sat").wait_for()
    faults += find_faults(page)

    page.goto("/c/posts/mailboxes/import")
    (tmp_path / "list.csv").write_text("email,name,daily_limit\nada@posts.test,Ada,30\nnobody,,\n")
    page.get_by_label("File").set_input_files(tmp_path / "list.csv")
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("1 would be made, 0 changed, 0 stay as they are, 1 row is faulty.").wait_for()
    page.set_viewport_size(SIZES["phone"])
    faults += find_faults(page) + ([f"{overhang(page)} too wide"] if overhang(page) > 0 else [])
    page.get_by_role("button", name="Import 1 row").click()
    page.get_by_role("heading", name="Imported", exact=True).wait_for()
    page.get_by_text("1 made, 0 changed, 0 as they were. 1 faulty row was left.").wait_for()
    faults += find_faults(page) + ([f"{overhang(page)} too wide"] if overhang(page) > 0 else [])
    page.get_by_role("link", name="Show the mailboxes").click()
    page.get_by_text("ada@posts.test").first.wait_for()

    assert page.locator("tbody tr").count() == 3
    complaints = [one for one in watch.complaints if "422" not in one]  # the refused form, which is swapped in place
    assert (faults, complaints) == ([], [])


def test_mailboxes_work_without_script(chromium, house, cookies, admin):
    context = chromium.new_context(base_url=house.server.url, java_script_enabled=False, storage_state=cookies(admin))
    page = context.new_page()

    page.goto("/c/posts/mailboxes?q=hello")
    page.get_by_role("link", name="hello@posts.test").click()
    page.get_by_role("link", name="Suspend").click()
    page.get_by_label("Reason").fill("blocked by its host")
    page.get_by_role("button", name="Suspend").click()

    assert page.get_by_text("0 today: the mailbox is suspended").count() == 1
    context.close()
