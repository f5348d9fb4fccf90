"""Everything known of one message, on its page."""

from datetime import timedelta

import pytest

from dashboard.counting.keys import message_key
from dashboard.database.engine import Mode
from dashboard.services import retention
from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import NOON, at, told
from tests.stories import PHONE, tell, tell_story


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def grid(engines, cast, vault):
    return make_source(engines, vault, cast.acme, kind="sendgrid", name="Grid")[0]


@pytest.fixture
def show(source, browser):
    """Return the parsed page of a message."""

    def shown(message="m1", recipient="bo@gmail.com", source_id=None):
        key = message_key(source_id or source, message, recipient).hex()
        answer = browser("uma").get(f"/c/acme/messages/{key}")
        assert answer.status_code == 200, answer.status
        return page(answer)

    return shown


def entries(shown):
    return [text(one) for one in shown.select(".timeline .what")]


def known(shown, heading):
    panel = shown.select_one(f"#{heading}").find_parent("section")
    return {text(one.select_one("dt")): text(one.select_one("dd")) for one in panel.select(".known div")}


def test_timeline_tells_the_story_in_order(engines, cast, source, show):
    tell_story(engines, cast.acme, source)

    shown = show()

    assert text(shown.select_one("h1")) == "Spring is here"
    assert entries(shown) == ["Sent", "Delivered", "Opened by an image proxy", "Opened by a person"]
    assert "a known image proxy fetched it" in text(shown.select(".timeline li")[2])
    last = text(shown.select(".timeline li")[3])
    assert "22 Nov 2026, 11:05:00" in last  # 10:05 UTC in Berlin
    assert f"Program {PHONE}" in last
    assert "IP address 203.0.113.7" in last


def test_facts_and_what_it_adds_stand_beside_it(engines, cast, source, show):
    tell_story(engines, cast.acme, source)

    shown = show()

    assert known(shown, "h-facts") == {
        "Sent": "22 Nov 2026, 11:00:00", "Delivered": "22 Nov 2026, 11:01:00",
        "First open by a person": "22 Nov 2026, 11:05:00", "First open by a machine": "22 Nov 2026, 11:01:01",
    }  # fmt: skip
    assert known(shown, "h-adds") == {
        "Campaign": "spring", "Template": "welcome", "Mailbox": "news@acme.test", "Domain": "acme.test",
        "Receiver": "gmail",
    }  # fmt: skip
    # by send day a person's open is all that is counted as opened; by event day the machine's stands beside it
    assert [text(one) for one in shown.select(".bookings li")] == [
        "By send day, 22 Nov 2026 1 sent, 1 delivered, 1 opened, 1 open in all",
        "By event day, 22 Nov 2026 1 sent, 1 delivered, 1 opened, 1 opened by a machine, 1 open in all",
    ]


@pytest.mark.parametrize("place", range(5))
def test_resources_lead_to_their_numbers(engines, cast, source, show, browser, place):
    tell_story(engines, cast.acme, source)

    link = show().select(".known a")[place]

    answer = browser("gil").get(link["href"])
    assert answer.status_code == 200
    assert text(link) in text(page(answer).select_one(".narrowed"))


def test_raw_deliveries_are_one_click_away(engines, cast, source, show, browser):
    first = tell(engines, cast.acme, source, told("sent"))
    again = tell(engines, cast.acme, source, told("sent"))

    links = show().select(".timeline .more a")

    assert [one["href"].rpartition("/")[2] for one in links] == [str(first), str(again)]
    assert text(links[1]).startswith("Brought again")
    assert all(browser("uma").get(one["href"]).status_code == 200 for one in links)


def test_delivery_that_is_kept_no_more_is_said_to_be(engines, cast, source, show):
    tell(engines, cast.acme, source, told("sent"))
    with engines[Mode.WRITE].begin() as connection:
        retention.purge(connection, NOON + timedelta(days=31))

    shown = show()

    assert "Its raw delivery is kept no more." in text(shown.select_one(".timeline li"))
    assert shown.select(".timeline .more a") == []


def test_marks_say_what_is_not_counted_and_why(engines, cast, source, show):
    tell(
        engines, cast.acme, source,
        told("opened", when="2026-07-01T09:00:00Z"), told("delivered", when=at(1)),
        told("clicked", when=at(3), url="https://a.test/unsubscribe"),
        told("clicked", when="2026-11-23T09:00:00Z", url="https://a.test/"),
    )  # fmt: skip

    assert entries(show()) == [
        "Opened too late, not counted", "Delivered", "Clicked by somebody unknown link to unsubscribe",
        "Clicked by somebody unknown its clock was fast",
    ]  # fmt: skip


def test_message_of_which_all_came_too_late_is_not_counted(engines, cast, source, show):
    tell(engines, cast.acme, source, told("opened", when="2026-07-01T09:00:00Z"))

    shown = show()

    assert "Not counted." in text(shown.select_one(".note.warn"))
    assert "more than 90 days after it happened" in text(shown.select_one(".note.warn"))
    assert "Nothing." in text(shown.select_one("#h-adds").find_parent("section"))


def test_bounce_shows_its_text_and_kind(engines, cast, source, show):
    tell(engines, cast.acme, source, told("bounced", bounce="soft", reason='452 "Over" <quota>'))

    shown = show()

    assert entries(shown) == ["Bounced (soft)"]
    assert text(shown.select_one(".quote")) == '452 "Over" <quota>'


BOUNCE = b'[{"event":"bounce","timestamp":1795255900,"sg_event_id":"e2","smtp-id":"<m@a.test>","email":"bo@a.test","reason":"550 No"}]'
DELIVERED = b'[{"event":"delivered","timestamp":1795255200,"sg_event_id":"e1","sg_message_id":"grid-1.recvd","smtp-id":"<m@a.test>","email":"bo@a.test"}]'


def test_unmatched_message_says_why_it_is_not_counted(engines, cast, grid, browser):
    tell(engines, cast.acme, grid, body=BOUNCE)
    uma = browser("uma")

    listed = page(uma.get("/c/acme/messages"))
    shown = page(uma.get(listed.select_one("tbody a")["href"]))

    assert "unmatched, not counted" in text(listed.select_one("tbody"))
    assert "no event has said yet which message that is" in text(shown.select_one(".note.warn"))


def test_event_told_under_another_name_is_part_of_the_story(engines, cast, grid, browser):
    tell(engines, cast.acme, grid, body=BOUNCE)
    uma = browser("uma")
    old_address = page(uma.get("/c/acme/messages")).select_one("tbody a")["href"]
    tell(engines, cast.acme, grid, body=DELIVERED)

    shown = page(uma.get(page(uma.get("/c/acme/messages")).select_one("tbody a")["href"]))

    assert entries(shown) == ["Delivered", "Bounced (hard) told under another name"]
    assert entries(page(uma.get(old_address))) == entries(shown)  # the other name leads to the message


def test_all_messages_to_the_recipient_are_a_click_away(engines, cast, source, show):
    tell_story(engines, cast.acme, source)

    assert show().select_one(".stack > p a")["href"] == "/c/acme/messages?q=bo@gmail.com"


@pytest.mark.parametrize("key", ["0" * 32, "00", "xyz", "zz" * 16, "0" * 5_000, "\u0660" * 32])
def test_message_that_is_not_there_is_not_found(browser, key):
    assert browser("uma").get(f"/c/acme/messages/{key}").status_code == 404


def test_guests_and_strangers_do_not_see_a_message(engines, cast, source, browser):
    tell_story(engines, cast.acme, source)
    key = message_key(source, "m1", "bo@gmail.com").hex()

    assert browser("gil").get(f"/c/acme/messages/{key}").status_code == 403
    assert browser("rex").get(f"/c/acme/messages/{key}").status_code == 404
    assert browser("rex").get(f"/c/rival/messages/{key}").status_code == 404


def test_page_costs_a_fixed_number_of_statements(engines, cast, source, browser, count_statements):
    tell(engines, cast.acme, source, *(told("opened", when=at(n)) for n in range(30)))
    uma = browser("uma")

    with count_statements() as statements:
        uma.get(f"/c/acme/messages/{message_key(source, 'm1', 'bo@gmail.com').hex()}")

    # message, other names, events, repeats, deliveries, privacy
    assert len(statements) == 6
