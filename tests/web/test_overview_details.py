"""What stands around the numbers of a page: warnings, marks, empty days, the line of what is not shown."""

from datetime import date, timedelta

import pytest

from dashboard.models import Mark
from dashboard.models.audit import MarkKind
from tests.counted import count_events
from tests.factories import api_source_id, numbers, report
from tests.helpers import page, text

NOV_20, TODAY = date(2026, 11, 20), date(2026, 11, 22)


@pytest.fixture
def source(engines, cast):
    return api_source_id(engines, cast.acme)


def show(browser, path="/c/acme/"):
    return page(browser("gil").get(path))


def warning(shown):
    found = shown.select_one(".note.warn")
    return text(found) if found else None


@pytest.mark.parametrize("path", ["/c/acme/", "/c/acme/analytics"])
def test_mail_that_may_be_counted_twice_is_named(engines, cast, clock, browser, source, path):
    report(engines, cast.acme, source, numbers(NOV_20, "spring"), numbers(NOV_20, "autumn"), now=clock())
    count_events(engines, cast.acme, source, numbers(NOV_20, "spring"), now=clock())

    shown = warning(show(browser, path))

    assert "Some mail may be counted twice." in shown
    assert "spring (1 day)" in shown
    assert "autumn" not in shown


def test_nothing_is_warned_of_when_the_days_differ(engines, cast, clock, browser, source):
    report(engines, cast.acme, source, numbers(NOV_20, "spring"), now=clock())
    count_events(engines, cast.acme, source, numbers(TODAY, "spring"), now=clock())

    assert warning(show(browser)) is None


@pytest.mark.parametrize("query", ["?range=custom&start=2026-11-21&end=2026-11-22", "?type=domain", "?resource=autumn"])
def test_nothing_is_warned_of_when_it_is_not_on_the_page(engines, cast, clock, browser, source, query):
    report(engines, cast.acme, source, numbers(NOV_20, "spring"), numbers(NOV_20, "autumn"), now=clock())
    count_events(engines, cast.acme, source, numbers(NOV_20, "spring"), now=clock())

    assert warning(show(browser, f"/c/acme/analytics{query}")) is None


def test_table_by_day_has_a_row_for_every_day_and_adds_up(engines, cast, clock, browser, source):
    report(engines, cast.acme, source, numbers(NOV_20), numbers(TODAY, sent=10), now=clock())

    table = show(browser, "/c/acme/analytics?range=7").select_one("table.dense")

    days = [text(row.th) for row in table.select("tbody tr")]
    sent = [int(text(row.td)) for row in table.select("tbody tr")]
    assert days == ["22 Nov incomplete", "21 Nov", "20 Nov", "19 Nov", "18 Nov", "17 Nov", "16 Nov"]
    assert sent == [10, 0, 100, 0, 0, 0, 0]
    assert text(table.select_one("tfoot td")) == "110"


@pytest.mark.parametrize(("query", "is_said"), [
    ("", True), ("?range=custom&start=2026-11-01&end=2026-11-22", True), ("?range=custom&start=2026-11-01&end=2026-11-21", False),
])  # fmt: skip
def test_today_is_said_to_be_incomplete(engines, cast, clock, browser, source, query, is_said):
    report(engines, cast.acme, source, numbers(NOV_20), now=clock())

    assert bool(show(browser, f"/c/acme/{query}").select_one(".incomplete")) is is_said


def test_today_is_the_companys_and_not_the_servers(engines, cast, clock, browser, source):
    report(engines, cast.acme, source, numbers(NOV_20), now=clock())
    clock.move(hours=11)  # 23:00 in UTC is midnight in Berlin: there it is the 23rd

    assert "23 Nov 2026 (today incomplete)" in text(show(browser).select_one(".sub"))


def test_comparison_is_with_as_many_full_days_before(engines, cast, clock, browser, source):
    # Seven days with today: six full ones, 16 to 21 November, against 10 to 15 November.
    days = {TODAY: 999, date(2026, 11, 21): 30, date(2026, 11, 16): 30, date(2026, 11, 15): 20, date(2026, 11, 10): 20,
            date(2026, 11, 9): 999}  # fmt: skip
    report(engines, cast.acme, source, *(numbers(day, sent=sent) for day, sent in days.items()), now=clock())

    shown = show(browser, "/c/acme/?range=7")

    assert "↑ 50.0%" in text(shown.select_one("#card-sent .delta"))  # 60 against 40


def test_resources_that_are_not_shown_stand_in_one_line_and_the_table_adds_up(engines, cast, clock, browser, source):
    report(engines, cast.acme, source, *(numbers(NOV_20, f"c{n:02}", sent=n + 1) for n in range(20)), now=clock())

    shown = show(browser)

    rows = {text(row.th): int(text(row.select_one("td"))) for row in shown.select(".league tbody tr")}
    # The eight largest are shown: 13 to 20. The other twelve add up to 1 + ... + 12 = 78, all to 210.
    assert len(rows) == 9
    assert rows["12 more"] == 78
    assert sum(rows.values()) == 210
    assert text(shown.select_one(".league tfoot td")) == text(shown.select_one("[data-metric=sent]")) == "210"


def test_mail_that_names_no_resource_stands_in_a_row_of_its_own(engines, cast, clock, browser, source):
    count_events(engines, cast.acme, source, numbers(NOV_20, ""), now=clock())
    report(engines, cast.acme, source, numbers(NOV_20, "spring"), now=clock())

    row = show(browser).select_one(".league a[href*='resource=']:-soup-contains('(none)')")

    assert row["href"].endswith("resource=")
    narrowed = show(browser, row["href"])
    assert "campaign (none)" in text(narrowed.select_one(".narrowed"))
    assert text(narrowed.select_one("[data-metric=sent]")) == "100"


def test_marks_stand_under_the_chart_newest_first(engines, cast, clock, browser, source, seed):
    report(engines, cast.acme, source, numbers(NOV_20), now=clock())
    with seed(cast.acme) as session:
        for ago, kind, title in (
            (2, MarkKind.DNS, "DKIM is gone"),
            (1, MarkKind.PAUSE, "<Paused>"),
            (90, MarkKind.NOTE, "Old"),
        ):
            session.add(Mark(day=TODAY - timedelta(days=ago), at=clock(), kind=kind, title=title))

    shown = [text(one) for one in show(browser).select(".marks li")]

    assert shown == ["21 Nov <Paused> Pause", "20 Nov DKIM is gone DNS"]


def test_clock_times_are_the_persons_and_days_the_companys(engines, cast, clock, browser, source):
    report(engines, cast.acme, source, numbers(NOV_20), now=clock())
    gil = browser("gil")
    before = text(page(gil.get("/c/acme/")).select_one("time[data-ago]"))

    gil.post("/account", name="Gil", theme="system", timezone="Asia/Tokyo")
    after = text(page(gil.get("/c/acme/")).select_one("time[data-ago]"))

    # Noon in UTC is 13:00 in Berlin and 21:00 in Tokyo.
    assert (before, after) == ("22 Nov 2026, 13:00", "22 Nov 2026, 21:00")
