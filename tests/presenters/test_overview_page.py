"""A page as a whole: its parts add up to one another."""

from datetime import date

import pytest

from dashboard.presenters.overview import make_caption, make_page
from dashboard.queries.league import Standing
from dashboard.queries.overview import Overview
from dashboard.queries.totals import Series
from dashboard.vocabulary.analytics import DailyNumbers, Days
from dashboard.vocabulary.metrics import Metrics

DAYS = Days(date(2026, 11, 20), date(2026, 11, 22))
FULL = Days(date(2026, 11, 20), date(2026, 11, 21))
PREVIOUS = Days(date(2026, 11, 18), date(2026, 11, 19))
READ = Days(PREVIOUS.start, DAYS.end)
TODAY = date(2026, 11, 22)


def standing(key, sent, name=None, bounced=0):
    return Standing(key, name, None, Metrics(sent=sent, delivered=sent - bounced, bounced=bounced), TODAY)


def daily(days, by_day):
    return DailyNumbers.of(days, {day: metrics.values()[:6] for day, metrics in by_day.items()})


def page(standings=(), by_day=None, league_limit=8):
    found = Overview(Series(daily(READ, by_day or {}), ()), list(standings), [], [], {}, {}, {})
    return make_page(
        found, days=DAYS, full=FULL, previous=PREVIOUS, today=TODAY, unit="count", league_limit=league_limit
    )


def test_days_without_mail_are_filled_with_zeros():
    shown = page(by_day={date(2026, 11, 21): Metrics(sent=5)})

    assert [(day.day, counts[0]) for day, counts in shown.days.rows()] == [(20, 0), (21, 5), (22, 0)]


def test_total_is_the_sum_of_the_days_of_the_range_only():
    shown = page(
        by_day={date(2026, 11, 19): Metrics(sent=7), date(2026, 11, 20): Metrics(sent=1), TODAY: Metrics(sent=2)}
    )

    assert shown.days.total().sent == 3


def test_comparison_leaves_today_out():
    by_day = {date(2026, 11, 18): Metrics(sent=10), date(2026, 11, 20): Metrics(sent=20), TODAY: Metrics(sent=500)}

    delta = page(by_day=by_day).cards[0].delta

    assert (delta.now, delta.before) == (20, 10)


MANY = [standing(f"c{n}", sent=100 - n, bounced=n) for n in range(12)]


@pytest.mark.parametrize(("limit", "shown", "rest"), [(8, 8, "4 more"), (11, 11, "1 more"), (1, 1, "11 more")])
def test_rows_and_the_line_of_the_others_add_up_to_the_total(limit, shown, rest):
    made = page(MANY, league_limit=limit)

    assert len(made.league) == shown
    assert made.others.name == rest
    total = Metrics.total([*(row.metrics for row in made.league), made.others.metrics])
    # 100 + 99 + ... + 89 = 12 * 94.5; bounced 0 + 1 + ... + 11
    assert total == made.sum.metrics
    assert (total.sent, total.bounced) == (1134, 66)


@pytest.mark.parametrize("limit", [12, 100])
def test_there_is_no_line_of_others_when_all_are_shown(limit):
    made = page(MANY, league_limit=limit)

    assert made.others is None
    assert made.league_size == len(made.league) == 12


def test_rates_of_the_total_are_those_of_the_sums():
    made = page([standing("a", 100, bounced=50), standing("b", 900)])

    # 50 of 1,000, not the mean of 50 % and 0 %
    assert [rate.text for rate in made.sum.rates if rate.formula.numerator == "bounced"] == ["5.0%"]


def test_many_others_are_counted_with_thousands_separated():
    assert page([standing(f"c{n}", 1) for n in range(1009)]).others.name == "1,001 more"


@pytest.mark.parametrize(("key", "name", "shown"), [("k", "Spring", "Spring"), ("k", None, "k"), ("", None, "(none)")])
def test_row_is_called_by_its_name_else_by_its_key(key, name, shown):
    (row,) = page([standing(key, 1, name)]).league

    assert (row.name, row.key, row.is_registered) == (shown, key, name is not None)


def test_page_without_mail_is_empty():
    made = page()

    assert (made.days.total(), made.league, made.others, made.sum.metrics) == (Metrics(), [], None, Metrics())


def test_caption_says_in_words_what_the_chart_shows():
    shown = daily(DAYS, {date(2026, 11, 21): Metrics(1000, 900, 40, 10, 2, 10), TODAY: Metrics(sent=5)})

    assert make_caption(shown, Metrics(1005, 900, 40, 10, 2, 10)) == (
        "900 of 1,005 sent mails were delivered, 40 opened, 10 clicked, 2 replied to, 10 bounced. "
        "The busiest day was Saturday, 21 November, with 1,000 sent."
    )


def test_caption_says_when_there_is_nothing():
    assert make_caption(daily(DAYS, {}), Metrics()) == "No mail in these days."
