"""Somebody connects a provider, watches the first event arrive, and sees the numbers move."""

import re
import time
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import httpx
import pytest

from dashboard.providers import sendgrid
from dashboard.vocabulary.events import Event, EventType
from tests.journeys.checks import PHONE, Watch, find_faults, overhang
from tests.journeys.watching import count, goto_drawn, wait_for_count

pytestmark = pytest.mark.browser

LIMIT_S = 2
KEYS = sendgrid.make_keys()


def post(address, *messages, keys=KEYS):
    """Post a signed delivery as SendGrid would: one mail sent and delivered for each message."""
    now = datetime.now(UTC)
    events = [
        Event(type=kind, at_us=int((now - timedelta(seconds=ago)).timestamp()) * 10**6, message_id=message,
              recipient=f"{message}@example.com", campaign="journey")
        for message in messages
        for kind, ago in ((EventType.QUEUED, 3), (EventType.DELIVERED, 2))
    ]  # fmt: skip
    composed = sendgrid.compose(events, keys, address, now)
    return httpx.post(address, content=composed.body, headers=composed.headers, timeout=10).status_code


def choose(page, provider, name, key=""):
    """Go through the first two steps."""
    page.goto("/c/acme/sources")
    page.get_by_role("link", name="Connect a source").click()
    page.get_by_role("link", name=provider).click()
    page.get_by_role("textbox", name="Name").fill(name)
    if key:
        page.get_by_role("textbox", name="Public key").fill(key)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Send a test event").wait_for()


def arrivals(page):
    return page.locator("#arrivals .arrival")


def test_admin_connects_sendgrid_and_watches_the_first_event_arrive_and_the_cards_move(open_page):
    page = open_page("ada@acme.test")
    overview = page.context.new_page()
    goto_drawn(overview, "/c/acme/")
    before = count(overview, "delivered")
    name = f"SendGrid {token_hex(4)}"

    choose(page, "SendGrid", name, KEYS.public_key)
    page.evaluate("window.isTheSamePage = true")
    address = page.locator("#address").inner_text()
    page.get_by_text("Waiting for the first event from SendGrid").wait_for()
    posted = time.monotonic()
    status = post(address, token_hex(8), token_hex(8))
    arrivals(page).get_by_text("4 new").wait_for()
    seen_after = time.monotonic() - posted

    assert status == 200
    assert seen_after <= LIMIT_S
    assert "counted" in arrivals(page).first.inner_text()
    assert "It works." in page.locator("#arrivals").inner_text()
    assert page.evaluate("window.isTheSamePage")
    wait_for_count(overview, "delivered", before + 2)
    page.get_by_role("link", name="Continue").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"{name} is connected"
    page.get_by_role("link", name="Go to the overview").click()
    assert count(page, "delivered") == before + 2


def test_wrong_key_is_understood_and_put_right_on_the_way(open_page):
    page = open_page("ada@acme.test")
    choose(page, "SendGrid", f"SendGrid {token_hex(4)}")
    address = page.locator("#address").inner_text()

    post(address, token_hex(8))
    arrivals(page).get_by_text("rejected").wait_for()
    refused = page.locator("#arrivals").inner_text()
    page.get_by_role("textbox", name="Public key").fill(KEYS.public_key)
    page.get_by_role("button", name="Store it").click()
    page.get_by_text("The new one is stored.").wait_for()
    post(address, token_hex(8))
    arrivals(page).get_by_text("2 new").wait_for()

    assert "could not prove that it is SendGrid" in refused
    assert "Nothing to check it with is stored yet." in refused
    assert "The signature is missing or wrong." in refused


def test_secret_is_gone_once_the_page_is_left(open_page):
    page = open_page("ada@acme.test")
    choose(page, "Generic", f"Shop {token_hex(4)}")
    secret = page.locator("#secret").inner_text()
    reloadable = page.url

    page.get_by_role("link", name="Continue").click()
    page.get_by_role("heading", name="is connected").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Send a test event").wait_for()

    assert re.fullmatch(r"whsec_\S{44}", secret)
    assert re.search(r"/sources/\d+/test$", reloadable)
    assert secret not in page.content()
    assert "The secret was shown once" in page.locator("main").inner_text()


def test_address_and_secret_can_be_copied(open_page):
    page = open_page("ada@acme.test", permissions=["clipboard-read", "clipboard-write"])
    choose(page, "Generic", f"Shop {token_hex(4)}")

    page.get_by_role("button", name="Copy Secret").click()
    page.get_by_text("Copied").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#secret").inner_text()


def test_pause_holds_and_resume_counts(open_page):
    page = open_page("ada@acme.test")
    choose(page, "SendGrid", f"SendGrid {token_hex(4)}", KEYS.public_key)
    address = page.locator("#address").inner_text()
    page.goto(page.url.removesuffix("/test"))

    page.get_by_role("button", name="Pause").click()
    page.get_by_text("What comes is held until you resume it.").wait_for()
    post(address, token_hex(8))
    page.locator("#now").get_by_text("Paused; 1 delivery is held until it is resumed.").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("1 held deliveries are counted now.").wait_for()
    page.locator("#now .arrival").get_by_text("2 new").wait_for()

    assert page.locator("#now .arrival").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_on_the_way_have_no_faults(open_page, scheme):
    page = open_page("ada@acme.test", color_scheme=scheme)
    watch = Watch(page)
    choose(page, "Postmark", f"Postmark {token_hex(4)}")
    number = re.search(r"/sources/(\d+)/", page.url)[1]
    faults = find_faults(page)

    post(page.locator("#address").inner_text(), "m")
    page.locator("#arrivals .arrival").wait_for()
    faults += find_faults(page)
    for path in ("/test", "/done", "", "/delete"):
        page.goto(f"/c/acme/sources/{number}{path}")
        faults += find_faults(page)
        page.set_viewport_size(PHONE)
        faults += find_faults(page)
        assert overhang(page) <= 0, path
    page.goto(f"/c/acme/sources/{number}")
    page.get_by_role("button", name="Change it").click()
    page.get_by_text("This is shown once.").wait_for()
    faults += find_faults(page)

    assert faults == []
    assert watch.complaints == []
