"""What an open page does when the server is gone, stuck, or no longer wants its reader."""

import signal
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import LoginSession, Membership, User
from tests.factories import PASSWORD
from tests.journeys.conftest import open_house
from tests.journeys.servers import run
from tests.journeys.watching import Program, count, goto_drawn, sign_in, stop_clock, wait_for_count

pytestmark = pytest.mark.browser

LOST = "#connection-lost"


@pytest.fixture(scope="module")
def frail_house(chromium, folder):
    """A server that may be ended: one company, yan in it, one day's numbers."""
    instance = folder / "journeys-frail"
    run(instance, "db", "upgrade")
    yield from open_house(instance, PASSWORD)


@pytest.fixture
def frail_page(chromium, frail_house):
    """The overview of the company on the server that may be ended."""
    today = frail_house.company("frail").day_of(datetime.now(UTC)).isoformat()
    program = Program(frail_house.server.url, frail_house.key("frail"))
    program.push(today, "spring", 10)
    email = frail_house.person("yan", "frail")
    context = chromium.new_context(base_url=frail_house.server.url, timezone_id="Europe/Berlin")
    page = context.new_page()
    sign_in(page, email, PASSWORD)
    yield page, lambda sent: program.push(today, "spring", sent)
    program.client.close()
    context.close()


def test_page_says_that_the_server_is_gone_and_catches_up_when_it_is_back(frail_house, frail_page):
    page, push = frail_page
    goto_drawn(page, "/c/frail/")

    frail_house.server.kill()
    page.locator(LOST).wait_for()
    notice = page.locator(LOST).inner_text()
    shown = count(page, "sent")
    frail_house.server.start()
    push(25)
    page.locator(LOST).wait_for(state="hidden")

    assert "Connection lost." in notice
    assert page.evaluate("text => /as of \\d\\d:\\d\\d:\\d\\d\\./.test(text)", notice)
    assert shown == 10  # the old numbers stay
    wait_for_count(page, "sent", 25, drawn_last=25)


def test_page_says_that_the_server_is_stuck(frail_house, frail_page):
    page, push = frail_page
    page.clock.install()
    goto_drawn(page, "/c/frail/")
    stop_clock(page)
    with page.expect_response("**/cards"):
        page.clock.run_for(1000)
    last_answer = page.evaluate("new Date().toLocaleTimeString([], { hour12: false })")
    try:
        frail_house.server.signal(signal.SIGSTOP)
        page.clock.run_for(12_000)  # ten seconds are the limit for an answer
        page.locator(LOST).wait_for()
        as_of = page.locator("[data-last-answer]").inner_text()
    finally:
        frail_house.server.signal(signal.SIGCONT)
    push(30)
    page.clock.run_for(1000)
    page.locator(LOST).wait_for(state="hidden")

    assert as_of == last_answer
    wait_for_count(page, "sent", 30, drawn_last=30)


def change(house, email, statement):
    with house.engines[Mode.WRITE].begin() as connection:
        user_id = connection.scalar(sa.select(User.id).where(User.email == email))
        connection.execute(statement.where(sa.column("user_id") == user_id))


def test_page_of_a_removed_member_is_left_at_the_next_poll(house, open_page):
    email = house.person("removed", "acme")
    page = open_page(email)
    goto_drawn(page, "/c/acme/")

    change(house, email, sa.update(Membership).values(removed_at=datetime.now(UTC)))

    page.wait_for_url("/")
    assert "No company yet" in page.locator("main").inner_text()


def test_page_of_an_expired_session_goes_to_the_sign_in(house, open_page):
    email = house.person("expired", "acme")
    page = open_page(email)
    goto_drawn(page, "/c/acme/")

    change(house, email, sa.update(LoginSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    page.wait_for_url("/login")
    assert page.get_by_label("Password").is_visible()
