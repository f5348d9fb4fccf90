"""The chart's figure, as plain data."""

from datetime import date, timedelta

import pytest

from dashboard.presenters.charts import DAY_MS, make_time_series
from dashboard.vocabulary.analytics import DailyNumbers, Days
from dashboard.vocabulary.metrics import Metrics

TODAY = date(2026, 11, 22)


def days(*metrics):
    """Return days that end today."""
    every = Days(TODAY - timedelta(days=len(metrics) - 1), TODAY)
    return DailyNumbers.of(every, {day: one.values()[:6] for day, one in zip(every, metrics, strict=True)})


def figure(shown, *, unit="count", today=TODAY, marks=()):
    return make_time_series(shown, unit=unit, today=today, marks=marks)


def traces(made):
    return {trace["meta"]["metric"]: trace for trace in made["data"]}


TWO = days(Metrics(100, 90, 40, 10, 2, 10), Metrics(10, 8, 4, 1, 0, 2))


def test_counts_have_a_line_for_each_metric():
    lines = {name: trace["y"] for name, trace in traces(figure(TWO)).items()}

    assert lines == {
        "sent": [100, 10], "delivered": [90, 8], "opened": [40, 4], "clicked": [10, 1], "replied": [2, 0],
        "bounced": [10, 2],
    }  # fmt: skip


def test_rates_are_shares_of_what_each_divides_by():
    lines = {name: trace["y"] for name, trace in traces(figure(TWO, unit="rate")).items()}

    # 90/100, 8/10; 40/90, 4/8; 10/90, 1/8; 2/90, 0/8; 10/100, 2/10. Sent is no rate.
    assert lines == {
        "delivered": [0.9, 0.8], "opened": [0.4444, 0.5], "clicked": [0.1111, 0.125], "replied": [0.0222, 0.0],
        "bounced": [0.1, 0.2],
    }  # fmt: skip


def test_rate_has_a_gap_on_a_day_without_mail():
    made = figure(days(Metrics(), Metrics(10, 10, 5)), unit="rate")

    assert traces(made)["opened"]["y"] == [None, 0.5]


def test_lines_begin_on_the_first_day_and_go_day_by_day():
    trace = traces(figure(TWO))["sent"]

    assert (trace["x0"], trace["dx"], len(trace["y"])) == ("2026-11-21", DAY_MS, 2)
    assert trace["mode"] == "lines"


def test_single_day_is_a_point():
    assert traces(figure(days(Metrics(5))))["sent"]["mode"] == "markers"


def test_single_day_stands_alone_in_the_middle():
    made = figure(days(Metrics(5)))

    axis = made["layout"]["xaxis"]
    assert (axis["tickvals"], axis["range"]) == (["2026-11-22"], ["2026-11-21", "2026-11-23"])
    assert shapes(made, "incomplete") == []  # there are no full days beside it


@pytest.mark.parametrize(("count", "expected"), [(2, DAY_MS), (8, DAY_MS), (9, None)])
def test_each_of_few_days_has_a_tick(count, expected):
    made = figure(days(*[Metrics(5)] * count))

    assert made["layout"]["xaxis"].get("dtick") == expected


def test_small_metrics_have_a_panel_of_their_own():
    axes = {name: trace["yaxis"] for name, trace in traces(figure(TWO)).items()}

    assert [name for name, axis in axes.items() if axis == "y2"] == ["clicked", "replied", "bounced"]


def shapes(made, name):
    return [(one["x0"], one["x1"]) for one in made["layout"]["shapes"] if one["name"] == name]


def test_today_is_shaded_as_incomplete():
    assert shapes(figure(TWO), "incomplete") == [("2026-11-21", "2026-11-22")]


@pytest.mark.parametrize("today", [None, TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_nothing_is_shaded_when_the_last_day_is_over(today):
    assert shapes(figure(TWO, today=today), "incomplete") == []


def test_nothing_is_shaded_when_there_are_no_days():
    assert figure(days())["layout"]["shapes"] == []


def test_marks_are_lines_at_their_days():
    made = figure(TWO, marks=[(date(2026, 11, 21), "DNS"), (TODAY, "Paused")])

    assert shapes(made, "mark") == [("2026-11-21", "2026-11-21"), ("2026-11-22", "2026-11-22")]


@pytest.mark.parametrize("unit", ["count", "rate"])
def test_figure_names_no_colour_for_the_style_sheet_knows_them(unit):
    assert "color" not in str(figure(TWO, unit=unit))
