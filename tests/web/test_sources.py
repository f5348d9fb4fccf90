"""The list of sources and one source, as members of each role see them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import Source
from dashboard.models.inbox import DeliveryState
from dashboard.queries.sources import list_arrival_instants
from dashboard.services import sources
from dashboard.vocabulary.rhythm import CLOSE
from tests.factories import make_source
from tests.helpers import HTMX, page, text
from tests.inbox import count, put, told

# The tests' noon is a Sunday, 13:00 in Berlin; its day began at 23:00 UTC.
YESTERDAY = timedelta(hours=13, minutes=1)


@pytest.fixture
def arrive(engines, cast, website, clock):
    """Let deliveries arrive so many minutes ago."""

    def arrived(*minutes, state=DeliveryState.COUNTED):
        for ago in minutes:
            put(engines, cast.acme, website[0], received_at=clock() - timedelta(minutes=ago), state=state)

    return arrived


def row(browser, who="gil", name="Website"):
    """Return the cells of a source in the list."""
    shown = page(browser(who).get("/c/acme/sources"))
    (found,) = [one for one in shown.select("table.sources tbody tr") if name in text(one.th)]
    return [text(cell) for cell in found.find_all(["th", "td"])]


def test_company_without_providers_is_told_the_next_step(cast, browser):
    admins = page(browser("ada").get("/c/acme/sources")).select_one(".empty")
    guests = page(browser("gil").get("/c/acme/sources")).select_one(".empty")

    assert [link["href"] for link in admins.select("a")] == ["/c/acme/sources/connect"]
    assert "An admin of Acme can connect one." in text(guests)
    assert guests.select("a") == []


def test_row_says_what_a_source_is_and_that_nothing_came(website, browser):
    assert row(browser) == ["Website Generic", "active", "Nothing has arrived yet.", "0", "0", "0", "0", "none yet"]


def test_row_says_what_is_usual_and_how_long_it_is_silent(arrive, browser):
    arrive(*range(2, 60, 4))

    assert row(browser)[1:3] == ["active", "Usually every 4 min at weekends; silent for 2 min."]


def test_row_says_that_the_silence_is_too_long(arrive, browser):
    arrive(*range(31, 90, 4))

    assert row(browser)[1:3] == ["silent", "Usually every 4 min at weekends; silent for 31 min."]


def test_refused_deliveries_break_no_silence(arrive, browser):
    arrive(*range(31, 90, 4))
    arrive(1, state=DeliveryState.REJECTED)

    assert row(browser)[1:3] == ["silent", "Usually every 4 min at weekends; silent for 31 min."]


def test_row_counts_what_went_wrong_today_and_what_is_held(engines, cast, website, arrive, browser):
    yesterday = YESTERDAY.total_seconds() / 60
    arrive(1, 2, yesterday, state=DeliveryState.UNREADABLE)
    arrive(3, state=DeliveryState.PARTLY)
    arrive(1, yesterday, state=DeliveryState.REJECTED)
    arrive(1, yesterday, state=DeliveryState.HELD)

    # unreadable: 2 wholly and 1 in part today; held: all that wait, whenever they came
    assert row(browser)[4:7] == ["3", "1", "2"]


def test_events_a_minute_are_those_of_the_last_hour(engines, cast, website, browser, clock):
    put(engines, cast.acme, website[0], *(told("sent", f"m{n}") for n in range(90)), received_at=clock())
    before = clock() - timedelta(minutes=61)
    put(engines, cast.acme, website[0], told("sent", "old"), received_at=before)
    count(engines, cast.acme)

    cells = row(browser)

    assert cells[3] == "1.5"  # 90 in 60 minutes
    assert cells[7] == "22 Nov 2026, 13:00"  # Berlin


def test_paused_source_says_how_much_it_holds(seed, cast, website, arrive, browser, clock):
    with seed(cast.acme) as session:
        sources.pause_source(session, cast.acme.id, website[0], actor="ada", now=clock())
    arrive(*range(100, 200, 4))
    arrive(1, 2, state=DeliveryState.HELD)

    assert row(browser)[1:3] == ["paused", "Paused; 2 deliveries are held until it is resumed."]


def test_deleted_sources_are_not_listed(seed, cast, website, browser, clock):
    with seed(cast.acme) as session:
        sources.delete_source(session, cast.acme.id, website[0], actor="ada", now=clock())

    assert "Website" not in browser("gil").get("/c/acme/sources").text
    assert browser("gil").get(f"/c/acme/sources/{website[0]}").status_code == 404


def test_list_is_answered_anew_only_when_it_says_something_else(website, browser, clock, arrive):
    gil = browser("gil")
    arrive(*range(2, 60, 4))
    first = gil.get("/c/acme/sources/list", headers=HTMX)

    same = gil.get("/c/acme/sources/list", headers=HTMX | {"HX-PTag": first.headers["HX-PTag"]})
    clock.move(minutes=29)
    later = gil.get("/c/acme/sources/list", headers=HTMX | {"HX-PTag": first.headers["HX-PTag"]})

    assert (first.status_code, same.status_code, same.data) == (200, 304, b"")
    assert "silent for 31 min" in later.text
    assert "<html" not in first.text


def test_statements_of_the_list_do_not_grow_with_the_sources(engines, cast, vault, browser, count_statements):
    gil = browser("gil")
    counts = []
    for name in ("a", "b"):
        make_source(engines, vault, cast.acme, name=name)
        with count_statements() as statements:
            gil.get("/c/acme/sources")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 8


def test_work_on_a_talkative_source_is_bounded(engines, cast, website, clock, seed):
    for second in (0, 5, 30, 61, 100, 130):
        put(engines, cast.acme, website[0], received_at=clock() - timedelta(seconds=second))
    for minute in range(3, 121 + 180):
        put(engines, cast.acme, website[0], received_at=clock() - timedelta(minutes=minute))

    with seed(cast.acme) as session:
        found = list_arrival_instants(session, cast.acme.id, now=clock())

    shown = [at.strftime("%H:%M:%S") for at in found[website[0]]]
    # the last of each minute, 120 of them back to 10:01; before that the last of each hour; 7:00 is the oldest
    assert shown[:5] == ["12:00:00", "11:59:55", "11:58:59", "11:57:50", "11:56:00"]
    assert shown[CLOSE - 1 :] == ["10:01:00", "09:59:00", "08:59:00", "07:59:00"]


def test_page_shows_the_last_hour_as_bars_and_as_a_table(engines, cast, website, browser, clock):
    put(engines, cast.acme, website[0], told("sent", "a"), told("sent", "b"), received_at=clock())
    put(engines, cast.acme, website[0], told("sent", "c"), received_at=clock() - timedelta(minutes=59))
    put(engines, cast.acme, website[0], told("sent", "d"), received_at=clock() - timedelta(minutes=60))
    count(engines, cast.acme)

    shown = page(browser("gil").get(f"/c/acme/sources/{website[0]}"))

    assert "3 new events in the last hour, at most 2 a minute." in shown.select_one("svg.minutes")["aria-label"]
    assert [text(one) for one in shown.select("#minutes tbody tr")] == ["13:00:00 2", "12:01:00 1"]
    heights = [float(bar["height"]) for bar in shown.select("svg.minutes rect")]
    assert (len(heights), heights[0], heights[-1], sum(heights[1:-1])) == (60, 24, 48, 0)


def test_page_shows_the_latest_deliveries_with_their_fate(engines, cast, website, browser, clock):
    put(engines, cast.acme, website[0], told("sent"), told("sent"), {"type": "x"}, received_at=clock())
    put(engines, cast.acme, website[0], body=b"?", received_at=clock() - timedelta(minutes=1))
    count(engines, cast.acme)

    shown = page(browser("uma").get(f"/c/acme/sources/{website[0]}"))

    latest = [text(one) for one in shown.select(".arrival")]
    assert latest[0].startswith("partly 13:00:00 1 new, 1 repeated, 1 unreadable Element 3:")
    assert latest[1].startswith("unreadable 12:59:00 kept as it came The body is not JSON")
    assert shown.select_one(f"a[href='/c/acme/sources/{website[0]}/deliveries']")


def test_only_admins_see_the_address_and_the_forms(website, browser):
    address = f"http://localhost/webhook/generic/{website[1].token}"

    answers = {who: browser(who).get(f"/c/acme/sources/{website[0]}") for who in ("ada", "uma", "gil")}

    assert {who: website[1].token in answer.text for who, answer in answers.items()} == {
        "ada": True, "uma": False, "gil": False,
    }  # fmt: skip
    assert text(page(answers["ada"]).select_one("#address")) == address
    assert [form["action"] for form in page(answers["gil"]).select("main form")] == []


def test_secret_is_never_on_the_page(website, browser):
    assert website[1].secret not in browser("ada").get(f"/c/acme/sources/{website[0]}").text


def test_source_of_the_api_keys_has_neither_address_nor_deletion(seed, cast, browser):
    with seed(cast.acme) as session:
        number = session.scalar(sa.select(Source.id).where(Source.kind == "api"))

    answer = browser("ada").get(f"/c/acme/sources/{number}")
    asked = browser("ada").get(f"/c/acme/sources/{number}/delete")

    assert [one.get("id") for one in page(answer).select("#address, #h-secret")] == []
    assert f"/c/acme/sources/{number}/delete" not in answer.text
    assert asked.status_code == 409
    assert browser("ada").get(f"/c/acme/sources/{number}/test").status_code == 404


def test_address_is_the_public_one(app, website, browser):
    settings = app.extensions["settings"]
    settings.base_url = "https://mail.example.com"
    try:
        shown = page(browser("ada").get(f"/c/acme/sources/{website[0]}"))
    finally:
        settings.base_url = ""

    assert text(shown.select_one("#address")) == f"https://mail.example.com/webhook/generic/{website[1].token}"


@pytest.mark.parametrize("path", ["", "/now", "/test", "/arrivals", "/done", "/delete"])
def test_another_companys_source_is_not_there(engines, cast, vault, website, browser, path):
    theirs, _ = make_source(engines, vault, cast.rival)

    answers = [
        browser("rex").get(f"/c/acme/sources/{website[0]}{path}"),
        browser("ada").get(f"/c/acme/sources/{theirs}{path}"),
        browser("rex").get(f"/c/rival/sources/{website[0]}{path}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
