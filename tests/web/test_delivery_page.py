"""One delivery: its request, the events read from it, and what became of each."""

import pytest

from dashboard.models.inbox import DeliveryState
from tests.factories import make_source
from tests.helpers import HTMX, page, text
from tests.inbox import at, count, put, told
from tests.stories import PHONE, tell, tell_story


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def show(source, browser):
    """Return the parsed page of a delivery."""

    def shown(delivery_id, who="uma", **query):
        return page(browser(who).get(f"/c/acme/sources/{source}/deliveries/{delivery_id}", query_string=query))

    return shown


def lines(shown):
    """Return event, recipient, outcome and by whom of each line."""
    return [
        (text(row.select_one("th")), *(text(cell) for cell in row.select("td")[:3])) for row in shown.select("tbody tr")
    ]


def tally(shown):
    return {text(one.select_one("dt")): text(one.select_one("dd")) for one in shown.select(".tally div")}


def test_page_says_what_each_event_changed(engines, cast, source, show):
    first = tell(engines, cast.acme, source, told("sent"), told("delivered", when=at(1)))
    second = tell(
        engines, cast.acme, source,
        told("delivered", when=at(1)),
        told("opened", when=at(5), user_agent=PHONE),
        told("opened", when=at(5), user_agent=PHONE),
        told("clicked", when="2026-11-23T09:00:00Z", url="https://a.test/"),
        told("opened", when="2026-07-01T09:00:00Z"),
    )  # fmt: skip

    shown = show(second)

    found = lines(shown)
    assert [line[0] for line in found] == [
        "Delivered event 1", "Opened event 2", "Opened event 3", "Clicked event 4", "Opened event 5",
    ]  # fmt: skip
    assert found[0][2].startswith("duplicate Another delivery brought it first.")
    assert found[1][2:] == ("new", "a person a mail program or browser that people use")
    assert found[2][2] == "duplicate It is told above in this delivery."
    assert found[3][2] == "new its clock was fast"
    assert found[4][2] == "too late It came too late to be counted."
    assert shown.select_one("tbody small a")["href"].endswith(str(first))
    # five told: the open twice, the delivery known before; the click and two opens are new, one of them too late
    assert tally(shown) | {"Counted after": ""} == {
        "New": "3", "Duplicate": "2", "Ignored": "0", "Unreadable": "0", "Too late": "1", "Counted after": "",
    }  # fmt: skip


def test_clamped_event_shows_the_instant_that_is_counted(engines, cast, source, show):
    delivery = tell(engines, cast.acme, source, told("clicked", when="2026-11-23T09:00:00Z", url="https://a.test/"))

    shown = show(delivery)

    assert text(shown.select("tbody td")[3]) == "22 Nov 2026, 13:10:00"  # received at noon UTC, and ten minutes


def test_message_is_one_click_away(engines, cast, source, show, browser):
    delivery = tell_story(engines, cast.acme, source)

    link = show(delivery).select_one("tbody td a")

    assert text(link) == "bo@gmail.com"
    assert browser("uma").get(link["href"]).status_code == 200


def test_unreadable_elements_are_named_with_their_places(engines, cast, source, show):
    delivery = tell(engines, cast.acme, source, told("sent"), "text", {"type": "sailed", "at": at(), "message_id": "m"})

    shown = show(delivery)

    assert [text(one) for one in shown.select(".reasons li")] == [
        "element 2 It is not an object.", "element 3 'sailed' is not a type of event.",
    ]  # fmt: skip
    assert len(lines(shown)) == 1


def test_body_that_cannot_be_read_is_shown_with_the_reason(engines, cast, source, show):
    delivery = tell(engines, cast.acme, source, body=b'{"nothing": true}')

    shown = show(delivery)

    assert text(shown.select_one(".verdict")) == 'The body is not an object with a list "events".'
    assert lines(shown) == []
    assert text(shown.select_one("pre")) == '{ "nothing": true }'


def test_event_that_names_no_message_is_unmatched(engines, cast, vault, browser):
    grid = make_source(engines, vault, cast.acme, kind="sendgrid", name="Grid")[0]
    body = b'[{"event":"bounce","timestamp":1795255200,"sg_event_id":"e","smtp-id":"<m@a.test>","email":"bo@a.test"}]'
    delivery = tell(engines, cast.acme, grid, body=body)

    shown = page(browser("uma").get(f"/c/acme/sources/{grid}/deliveries/{delivery}"))

    ((_, _, outcome, _),) = lines(shown)
    assert outcome == "unmatched No event has said yet which message it is about."


def test_events_beyond_fifty_are_a_page_away(engines, cast, source, show):
    delivery = tell(engines, cast.acme, source, *(told("sent", f"m{n}") for n in range(51)), told("sent", "m0"))

    first, second, beyond = (show(delivery, page=n) for n in ("1", "2", "99"))

    assert (len(lines(first)), len(lines(second)), len(lines(beyond))) == (50, 2, 2)
    assert lines(second)[1][2] == "duplicate It is told above in this delivery."  # on the page before
    assert "Page 2 of 2" in text(second.select_one(".pager"))


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (DeliveryState.PENDING, "It waits to be counted."),
        (DeliveryState.HELD, "It is held until the source is resumed."),
        (DeliveryState.REJECTED, "It was refused:"),
    ],
)
def test_page_of_what_is_not_counted_says_why(engines, cast, source, show, state, verdict):
    shown = show(put(engines, cast.acme, source, told("sent"), state=state))

    assert text(shown.select_one(".verdict")) == verdict
    assert (shown.select_one("[data-live]") is None) == (state is DeliveryState.REJECTED)


def test_waiting_delivery_turns_counted_under_the_eyes(engines, cast, source, show, browser):
    delivery = put(engines, cast.acme, source, told("sent"))
    live = show(delivery).select_one("[data-live]")
    uma = browser("uma")
    waiting = uma.get(live["hx-get"], headers=HTMX)
    tag = {"HX-PTag": waiting.headers["HX-PTag"]}

    unchanged = uma.get(live["hx-get"], headers=HTMX | tag)
    count(engines, cast.acme)
    done = page(uma.get(live["hx-get"], headers=HTMX | tag))

    assert unchanged.status_code == 304
    assert lines(page(waiting))[0][2].startswith("waiting")
    assert text(done.select_one(".verdict")) == "It was counted."
    assert done.select_one("[data-live]") is None  # nothing more is to come


def test_reported_numbers_are_told_from_events(engines, cast, app, vault, browser, sender_of_reports):
    source, delivery = sender_of_reports

    shown = page(browser("ada").get(f"/c/acme/sources/{source}/deliveries/{delivery}"))

    assert text(shown.select_one(".verdict")) == "It brought reported numbers, which were set at once."
    assert "Count again" not in shown.text


@pytest.mark.parametrize("end", ["", "/outcome", "/body"])
def test_delivery_is_not_there_for_others(engines, cast, vault, source, browser, end):
    other = make_source(engines, vault, cast.acme, name="Other")[0]
    delivery = tell_story(engines, cast.acme, source)
    path = f"/c/acme/sources/{source}/deliveries/{delivery}{end}"

    assert browser("uma").get(path).status_code == 200
    assert browser("gil").get(path).status_code == 403
    assert browser("rex").get(path).status_code == 404
    assert browser("rex").get(path.replace("/acme/", "/rival/")).status_code == 404
    assert browser("uma").get(path.replace(f"/{source}/", f"/{other}/")).status_code == 404


def test_page_costs_a_fixed_number_of_statements(engines, cast, source, browser, count_statements):
    many = tell(engines, cast.acme, source, *(told("opened", f"m{n}", at(n)) for n in range(40)))
    uma = browser("uma")

    with count_statements() as statements:
        uma.get(f"/c/acme/sources/{source}/deliveries/{many}")

    # source, delivery, privacy, and six for what is stored of its events
    assert len(statements) == 9
