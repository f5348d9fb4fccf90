"""Looking a message up in the browser."""

import pytest

from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import at, told
from tests.stories import tell

PATH = "/c/acme/messages"


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def search(browser):
    """Return the parsed list for a search."""
    uma = browser("uma")

    def searched(q=None):
        answer = uma.get(PATH, query_string={"q": q} if q is not None else {})
        assert answer.status_code == 200
        return page(answer)

    return searched


def found(shown):
    return [text(row.select_one("th")) for row in shown.select("tbody tr")]


def test_list_shows_state_source_and_instants(engines, cast, source, search):
    tell(engines, cast.acme, source, told("sent", "<m-1@a.test>"), told("bounced", "<m-1@a.test>", at(90)))

    shown = search()

    (row,) = shown.select("tbody tr")
    # told at 10:00 and 11:30 UTC, an hour later in Berlin
    assert [text(cell) for cell in row.select("th, td")] == [
        "bo@gmail.com <m-1@a.test>", "bounced", "Website", "22 Nov 2026, 11:00", "22 Nov 2026, 12:30",
    ]  # fmt: skip
    assert text(shown.select_one("h2#h-found")) == "Newest messages"


@pytest.mark.parametrize("q", ["BO@Gmail.com", "  bo@  ", "<m-1@a.test>", "m-1@a.test", "m-1@a.test Bo@gmail.com"])
def test_message_is_found(engines, cast, source, search, q):
    tell(engines, cast.acme, source, told("sent", "m-1@a.test"), told("sent", "m-2@a.test", recipient="eve@a.test"))

    shown = search(q)

    assert found(shown) == ["bo@gmail.com m-1@a.test"]
    assert shown.select_one("#q")["value"] == q


@pytest.mark.parametrize(
    "q", ["nobody@a.test", "%", "_", "bo@gmail.com' OR 1=1 --", "😀" * 100, "\0", "m-1@a.test eve@a.test"]
)
def test_nothing_is_found_where_nothing_is(engines, cast, source, search, q):
    tell(engines, cast.acme, source, told("sent", "m-1@a.test"))

    shown = search(q)

    assert found(shown) == [] or q == "\0"  # which is no search at all
    assert q == "\0" or "Nothing was found" in text(shown.select_one(".empty"))


def test_unicode_is_found_and_escaped(engines, cast, source, search):
    tell(engines, cast.acme, source, told("sent", "<b>1</b>", recipient="Jürgen+<x>@bücher.example"))

    shown = search("JÜRGEN")

    assert found(shown) == ["jürgen+<x>@bücher.example <b>1</b>"]


def test_search_that_is_too_long_is_refused_by_name(browser):
    answer = browser("uma").get(PATH, query_string={"q": "x" * 5_000})

    assert answer.status_code == 422
    assert "q has 5,000 characters; at most 500 are looked for" in answer.text


@pytest.mark.parametrize("q", [None, "bo@"])
def test_older_messages_are_a_page_away(engines, cast, source, browser, q):
    tell(engines, cast.acme, source, *(told("sent", f"m{n}", at(n)) for n in range(53)))
    uma = browser("uma")

    first = page(uma.get(PATH, query_string={"q": q} if q else {}))
    second = page(uma.get(first.select_one(".pager a")["href"]))

    # the newest of 53 is m52
    assert (found(first)[0], found(first)[49]) == ("bo@gmail.com m52", "bo@gmail.com m3")
    assert found(second) == ["bo@gmail.com m2", "bo@gmail.com m1", "bo@gmail.com m0"]
    assert len(second.select(".pager a")) == 1


def test_cursor_of_another_search_is_refused(engines, cast, source, browser):
    tell(engines, cast.acme, source, *(told("sent", f"m{n}", at(n)) for n in range(51)))
    uma = browser("uma")

    older = page(uma.get(PATH)).select_one(".pager a")["href"]

    assert uma.get(older + "&q=bo").status_code == 400


def test_empty_company_is_led_to_its_sources(search):
    assert "No message is known yet" in text(search().select_one(".empty"))


def test_search_costs_a_fixed_number_of_statements(engines, cast, source, browser, count_statements):
    tell(engines, cast.acme, source, *(told("sent", f"m{n}", at(n)) for n in range(9)))
    uma = browser("uma")

    with count_statements() as statements:
        uma.get(PATH, query_string={"q": "bo@"})

    # privacy, other name, by id, by recipient
    assert len(statements) == 4


def test_guests_and_strangers_do_not_look_up(browser):
    assert browser("gil").get(PATH).status_code == 403
    assert browser("rex").get(PATH).status_code == 404
    assert "Messages" not in text(page(browser("gil").get("/c/acme/")).select_one(".nav"))
