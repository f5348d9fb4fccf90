"""The overview as its readers see it."""

from datetime import date

from tests.factories import api_source_id, make_campaign, numbers, report
from tests.helpers import HTMX, page, text


def arrange(engines, cast, clock):
    report(
        engines, cast.acme, api_source_id(engines, cast.acme),
        numbers(date(2026, 11, 22), sent=10, delivered=9, opened=4, clicked=1, replied=0, bounced=1),
        numbers(date(2026, 11, 20)),
        numbers(date(2026, 10, 1), sent=50, delivered=45),
        now=clock(),
    )  # fmt: skip


def test_strip_shows_the_sums_of_the_range(engines, cast, clock, browser):
    arrange(engines, cast, clock)

    shown = page(browser("gil").get("/c/acme/"))

    # 100 + 10 within the last 30 days; the 50 of 1 October lie before them
    assert text(shown.select_one("[data-metric=sent]")) == "110"
    assert text(shown.select_one("[data-metric=delivered]")) == "99"


def test_today_is_left_out_of_the_comparison(engines, cast, clock, browser):
    arrange(engines, cast, clock)

    shown = page(browser("gil").get("/c/acme/"))

    # full days: 100 sent now, 50 in the 29 days before: + 100 %
    assert "100.0%" in text(shown.select_one("#card-sent .delta"))


def test_rates_explain_themselves(engines, cast, clock, browser):
    arrange(engines, cast, clock)

    shown = page(browser("gil").get("/c/acme/"))

    assert text(shown.select_one("#card-delivered .rate")) == "90.0% of sent"
    assert "99 ÷ 110 = 90.0%" in text(shown.select_one("#why-delivered"))


def test_league_shows_the_registered_name(engines, cast, clock, browser, seed):
    arrange(engines, cast, clock)
    with seed(cast.acme) as session:
        make_campaign(session, key="spring", name="Spring 2026")

    shown = page(browser("gil").get("/c/acme/"))

    assert "Spring 2026" in text(shown.select_one(".league tbody tr"))
    assert text(shown.select_one(".league tfoot td")) == "110"


def test_poll_answers_304_until_numbers_change(engines, cast, clock, browser, count_statements):
    arrange(engines, cast, clock)
    gil = browser("gil")
    tag = gil.get("/c/acme/").headers["HX-PTag"]

    with count_statements() as statements:
        unchanged = gil.get("/c/acme/cards", headers=HTMX | {"HX-PTag": tag})
    report(engines, cast.acme, api_source_id(engines, cast.acme), numbers(date(2026, 11, 21)), now=clock())
    changed = gil.get("/c/acme/cards", headers=HTMX | {"HX-PTag": tag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert statements == []  # its one statement goes past SQLAlchemy
    assert changed.status_code == 200
    assert text(page(changed).select_one("[data-metric=sent]")) == "210"


def test_statements_of_a_page_are_few_and_fixed(engines, cast, clock, browser, count_statements):
    arrange(engines, cast, clock)
    gil = browser("gil")

    with count_statements() as statements:
        gil.get("/c/acme/")

    assert len(statements) <= 10, statements


def test_a_company_without_numbers_says_the_next_step(cast, browser):
    shown = page(browser("ada").get("/c/acme/"))

    assert "Connect the first source" in text(shown.select_one("main"))
