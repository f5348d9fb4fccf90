"""Rates at the edges of what they mean."""

import pytest

from dashboard.presenters.rates import (
    BOUNCE,
    BY_METRIC,
    DELIVERY,
    OPEN,
    SMALL_SAMPLE,
    Band,
    bounce_band,
    percent,
    rate_of,
)
from dashboard.vocabulary.metrics import MAX_COUNT, Metrics


@pytest.mark.parametrize(("bounced", "sent", "band"), [
    (0, 10_000, Band.GOOD),
    (199, 10_000, Band.GOOD),  # 1.99 %
    (200, 10_000, Band.WATCH),  # 2 %
    (1, 50, Band.WATCH),  # 2 %, which no binary fraction is exactly
    (499, 10_000, Band.WATCH),  # 4.99 %
    (500, 10_000, Band.BAD),  # 5 %
    (1, 20, Band.BAD),  # 5 %
    (10_000, 10_000, Band.BAD),
    (MAX_COUNT // 50, MAX_COUNT - MAX_COUNT % 50, Band.WATCH),  # 2 % of the largest count there is
    (MAX_COUNT // 50 - 1, MAX_COUNT - MAX_COUNT % 50, Band.GOOD),
])  # fmt: skip
def test_bounces_are_judged_at_exact_edges(bounced, sent, band):
    assert bounce_band(bounced, sent) is band


def bounces(sent, delivered, bounced):
    return rate_of(BOUNCE, Metrics(sent=sent, delivered=delivered, bounced=bounced))


@pytest.mark.parametrize(("delivered", "is_small"), [(0, True), (199, True), (200, False), (201, False)])
def test_sample_is_small_below_two_hundred_delivered(delivered, is_small):
    rate = rate_of(OPEN, Metrics(sent=1000, delivered=delivered))

    assert SMALL_SAMPLE == 200
    assert rate.is_small is is_small


def test_bounce_rate_is_not_judged_when_the_sample_is_small():
    assert bounces(300, 199, 100).band is None


def test_bounce_rate_is_judged_when_the_sample_is_large_enough():
    assert bounces(300, 200, 100).band is Band.BAD


def test_rate_is_a_dash_when_nothing_stands_under_the_line():
    rate = bounces(0, 500, 3)

    assert (rate.value, rate.text, rate.band) == (None, "–", None)  # the dash that is shown


@pytest.mark.parametrize("name", BY_METRIC)
def test_formula_says_what_is_divided_by_what(name):
    formula = BY_METRIC[name]

    assert formula.text == f"{formula.name} = {formula.numerator} ÷ {formula.denominator}"
    assert formula.numerator == name
    assert formula.note


def test_denominators_are_those_of_the_definitions():
    assert {name: formula.denominator for name, formula in BY_METRIC.items()} == {
        "delivered": "sent", "bounced": "sent", "opened": "delivered", "clicked": "delivered", "replied": "delivered",
    }  # fmt: skip


def test_rate_carries_its_numbers():
    rate = rate_of(DELIVERY, Metrics(sent=300, delivered=297))

    assert (rate.numerator, rate.denominator, rate.text) == (297, 300, "99.0%")


@pytest.mark.parametrize(("share", "shown"), [
    (None, "\u2013"), (0, "0.0%"), (0.0004, "< 0.1%"), (0.0005, "0.1%"), (0.001, "0.1%"), (0.0199, "2.0%"), (0.02, "2.0%"),
    (0.5, "50.0%"), (1, "100.0%"), (1.5, "150.0%"),
])  # fmt: skip
def test_share_is_written_with_one_decimal(share, shown):
    assert percent(share) == shown
