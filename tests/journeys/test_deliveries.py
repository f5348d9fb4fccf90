"""Somebody looks into deliveries, has them counted again, and looks a message up."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.models.inbox import DeliveryState
from tests.inbox import put, told
from tests.journeys.checks import find_faults
from tests.journeys.mail import make_source

pytestmark = pytest.mark.browser

PIA = "pia@post.test"


@pytest.fixture
def source(house, post, request):
    """A source of this test's own."""
    return make_source(house.engines, house.company("post"), request.node.name[:100])


@pytest.fixture
def deliver(house, source):
    """Put a delivery into the inbox; the server counts it: `deliver(told("sent"))`."""

    def delivered(*events, **more):
        now = datetime.now(UTC)
        return put(house.engines, house.company("post"), source, *events, received_at=now, **more)

    return delivered


def path_of(source, delivery=None):
    return f"/c/post/sources/{source}/deliveries" + (f"/{delivery}" if delivery else "")


def test_delivery_arrives_and_is_counted_under_the_eyes(open_page, source, deliver):
    page = open_page(PIA)
    page.goto(path_of(source))
    expect(page.get_by_role("heading", name="Nothing has been delivered")).to_be_visible()

    deliver(told("sent", when=datetime.now(UTC).isoformat()))

    expect(page.locator("tbody .badge")).to_have_text("counted")
    expect(page.locator(".seg a", has_text="Counted")).to_have_text(re.compile(r"Counted\s+1"))


def test_unreadable_delivery_is_counted_again_and_stays_what_it_is(open_page, source, deliver):
    deliver(body=b"<not json>")
    page = open_page(PIA)
    page.goto(path_of(source))
    expect(page.locator("tbody .badge")).to_have_text("unreadable")

    page.locator("tbody th a").click()
    page.get_by_role("button", name="Count again").click()

    expect(page.get_by_role("status").filter(has_text="The delivery is counted again.")).to_be_visible()
    expect(page.locator("#outcome .verdict.bad")).to_contain_text("The body is not JSON")
    expect(page.locator("pre")).to_have_text("<not json>")


def test_delivery_that_can_be_read_now_turns_counted_without_reload(open_page, source, deliver):
    delivery = deliver(told("sent", when=datetime.now(UTC).isoformat()), state=DeliveryState.UNREADABLE)
    page = open_page(PIA)
    page.goto(path_of(source, delivery))
    expect(page.locator(".note.info")).to_contain_text("It can be read now.")

    page.get_by_role("button", name="Count again").click()

    expect(page.locator("#outcome .verdict")).to_have_text("It was counted.")
    expect(page.locator("#outcome tbody .badge")).to_have_text("new")
    expect(page.locator("[data-live]")).to_have_count(0)  # the polls have ended


def test_counted_delivery_gives_the_same_numbers_again(open_page, post):
    page = open_page(PIA)
    page.goto(f"/c/post/messages/{post['message']}")
    before = page.locator(".bookings").inner_text()

    page.get_by_role("link", name="Raw delivery of Sent").click()
    page.get_by_role("button", name="Count again").click()
    expect(page.locator("#outcome .verdict")).to_have_text("It was counted.")
    page.locator("#outcome tbody a", has_text="ann@gmail.com").first.click()

    assert page.locator(".bookings").inner_text() == before


def test_all_unreadable_are_counted_again_from_the_list(open_page, source, deliver):
    deliver(body=b"<not json>")
    page = open_page(PIA)
    page.goto(path_of(source))
    expect(page.locator("tbody .badge")).to_have_text("unreadable")

    page.get_by_role("button", name="Count all unreadable again").click()
    assert find_faults(page) == []
    page.get_by_role("button", name="Count again", exact=True).click()

    expect(page.get_by_role("status").filter(has_text="1 delivery is counted again.")).to_be_visible()
    expect(page.locator("tbody .badge")).to_have_text("unreadable")


def test_message_is_looked_up_by_keyboard(open_page, post):
    page = open_page("pol@post.test")
    page.goto("/c/post/messages")

    page.get_by_label("Recipient or message id").fill("ANN@")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="To addresses that begin with")).to_be_visible()
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Spring is here")).to_be_visible()
    page.locator(".timeline summary").first.click()
    assert find_faults(page) == []


def test_pages_work_without_script(open_page, source, deliver, post):
    deliver(body=b"<not json>")
    page = open_page(PIA, java_script_enabled=False)
    page.goto("/c/post/recipients")

    page.get_by_label("Recipient", exact=True).fill("eve")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("Hard bounce")).click()
    assert page.locator("tbody th").all_inner_texts() == ["eve@gmail.com"]

    page.goto(path_of(source))
    page.locator("tbody th a").click()
    page.get_by_role("button", name="Count again").click()
    assert "The delivery is counted again." in page.locator("main").inner_text()


def test_recipients_are_taken_as_a_file(open_page, post):
    page = open_page(PIA)
    page.goto("/c/post/recipients?kind=soft")

    with page.expect_download() as started:
        page.get_by_role("button", name="Download CSV").click()

    rows = Path(started.value.path()).read_text().splitlines()
    assert rows[0] == "Recipient,Kind,Since,Reason,Messages,Source,Message ID"
    assert [row.split(",")[:2] for row in rows[1:]] == [["eve@gmail.com", "soft"]]


def test_raw_bytes_are_taken_as_a_file(open_page, post):
    page = open_page("pol@post.test")
    page.goto(path_of(post["mail"], post["unreadable"]))

    with page.expect_download() as started:
        page.get_by_role("link", name="Raw bytes").click()

    assert Path(started.value.path()).read_bytes() == b"<not json>"
