"""The strip of six and the funnel."""

import re
from datetime import date

import pytest

from dashboard.presenters.cards import SPARK_HEIGHT, SPARK_WIDTH, make_cards, make_delta, make_funnel, spark
from dashboard.vocabulary.analytics import DailyNumbers, Days
from dashboard.vocabulary.metrics import Metric, Metrics

SENT, BOUNCED = Metric.SENT, Metric.BOUNCED


@pytest.mark.parametrize(("metric", "now", "before", "shown", "arrow", "is_good"), [
    (SENT, 150, 100, "50.0%", "↑", True),
    (SENT, 50, 100, "50.0%", "↓", False),
    (SENT, 0, 100, "100.0%", "↓", False),
    (SENT, 100, 100, "no change", "", None),
    (SENT, 100_049, 100_000, "no change", "", None),  # 0.049 % is shown as no change, and is none
    (SENT, 100_051, 100_000, "0.1%", "↑", True),
    (BOUNCED, 150, 100, "50.0%", "↑", False),
    (BOUNCED, 50, 100, "50.0%", "↓", True),
    (SENT, 1099, 100, "999.0%", "↑", True),
    (SENT, 1100, 100, "11 times", "↑", True),  # ten hundred per cent more
    (SENT, 123_400, 100, "1,234 times", "↑", True),
])  # fmt: skip
def test_change_is_told_and_judged(metric, now, before, shown, arrow, is_good):
    delta = make_delta(metric, now, before)

    assert (delta.text, delta.arrow, delta.is_good) == (shown, arrow, is_good)
    assert (delta.now, delta.before) == (now, before)


@pytest.mark.parametrize("now", [0, 5])
def test_there_is_no_change_when_there_was_nothing_before(now):
    assert make_delta(SENT, now, 0) is None


def points(line):
    """Return the points of a path as pairs of numbers."""
    return [tuple(float(part) for part in point.split()) for point in re.split("[ML]", line) if point.strip()]


def test_curve_of_nothing_is_empty():
    assert spark([]) == ("", "")


def test_curve_of_one_value_is_a_level_line():
    line, _ = spark([5])

    # The only value is the largest: two units below the top edge of the box, less two units of room: 34 - 2 - 28 = 4.
    assert points(line) == [(0, 4), (SPARK_WIDTH, 4)]


def test_curve_of_zeros_lies_on_the_ground():
    assert {y for _, y in points(spark([0, 0, 0])[0])} == {SPARK_HEIGHT - 2}


def test_curve_reaches_from_edge_to_edge():
    # Five values, four steps of 40; heights 32 - 28 * value / 8.
    line, area = spark([0, 2, 8, 4, 0])

    assert points(line) == [(0, 32), (40, 25), (80, 4), (120, 18), (160, 32)]
    assert area == f"{line} L160 34 L0 34 Z"


@pytest.mark.parametrize("values", [[1], [0], [3, 1], list(range(1000)), [2**53 - 1, 0]])
def test_curve_stays_in_its_box(values):
    for x, y in points(spark(values)[0]):
        assert 0 <= x <= SPARK_WIDTH
        assert 0 <= y <= SPARK_HEIGHT


def cards(total, now, before, full_days=2):
    day = date(2026, 11, 1)
    shown = DailyNumbers.of(Days(day, day), {day: total.values()[:6]})
    made = make_cards(total, now, before, shown, full_days)
    return {card.metric: card for card in made}


def test_cards_come_in_the_order_of_the_metrics():
    assert list(cards(Metrics(), Metrics(), Metrics())) == list(Metric)


def test_card_shows_the_total_and_compares_only_full_days():
    shown = cards(Metrics(sent=110), Metrics(sent=100), Metrics(sent=50))[SENT]

    assert shown.value == 110
    assert (shown.delta.now, shown.delta.before, shown.delta.text) == (100, 50, "100.0%")


def test_sent_shows_how_many_a_full_day_and_the_others_their_rate():
    shown = cards(Metrics(sent=110, delivered=99), Metrics(sent=101), Metrics(), full_days=2)

    assert shown[SENT].per_day == 50  # 50.5, rounded to the even neighbour
    assert shown[SENT].rate is None
    assert (shown[Metric.DELIVERED].per_day, shown[Metric.DELIVERED].rate.text) == (None, "90.0%")


def test_nothing_is_compared_when_no_day_is_over():
    shown = cards(Metrics(sent=5), Metrics(), Metrics(sent=50), full_days=0)[SENT]

    assert (shown.delta, shown.per_day) == (None, None)


def test_funnel_leads_from_sent_to_replied_and_names_what_got_lost():
    steps = make_funnel(Metrics(sent=1000, delivered=900, opened=450, clicked=90, replied=18, bounced=100))

    assert [(step.metric.value, step.value, step.share_of_sent) for step in steps] == [
        ("sent", 1000, 100), ("delivered", 900, 90), ("opened", 450, 45), ("clicked", 90, 9), ("replied", 18, 1.8),
        ("bounced", 100, 10),
    ]  # fmt: skip


def test_funnel_gives_each_step_the_rate_that_leads_to_it():
    steps = make_funnel(Metrics(sent=1000, delivered=900, opened=450, clicked=90, replied=18, bounced=100))

    shown = {step.metric.value: (step.rate.formula.denominator, step.rate.text) for step in steps if step.rate}
    assert shown == {
        "delivered": ("sent", "90.0%"), "opened": ("delivered", "50.0%"), "clicked": ("opened", "20.0%"),
        "replied": ("delivered", "2.0%"), "bounced": ("sent", "10.0%"),
    }  # fmt: skip


def test_funnel_is_empty_when_nothing_was_sent():
    steps = make_funnel(Metrics(opened=5))

    assert {step.share_of_sent for step in steps} == {0}
    assert steps[1].rate.value is None


def test_bars_are_never_longer_than_sent():
    (bar,) = [step.share_of_sent for step in make_funnel(Metrics(sent=10, opened=25)) if step.metric is Metric.OPENED]

    assert bar == 100
