"""Several resources on one chart: a line for each, and their numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.presenters.charts import make_lines
from dashboard.presenters.overview import LEAGUE_RATES
from dashboard.presenters.rates import BY_METRIC, Rate, rate_of
from dashboard.vocabulary.analytics import DailyNumbers
from dashboard.vocabulary.metrics import Metric, Metrics


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One of those that are compared."""

    row: Any
    metrics: Metrics
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """The chart, what it says in words, and the table of the same numbers."""

    figure: dict[str, Any]
    caption: str
    rows: list[ComparedRow]


def make_comparison(
    rows: Sequence[Any], series: Sequence[DailyNumbers], *, metric: Metric, unit: str, today: date
) -> ComparisonPage:
    """Return the page of some resources with the numbers of each."""
    shown = [ComparedRow(row, one.total(), _rates(one.total())) for row, one in zip(rows, series, strict=True)]
    formula = BY_METRIC.get(metric) if unit == "rate" else None
    lines = []
    for row, one in zip(rows, series, strict=True):
        values: list[Any] = list(one[metric])
        if formula is not None:
            under = one[formula.denominator]
            values = [round(above / below, 4) if below else None for above, below in zip(values, under, strict=True)]
        lines.append((row.title, values))
    days = series[0].days if series else ()
    return ComparisonPage(make_lines(lines, days, is_rate=formula is not None, today=today), _say(shown, metric), shown)


def _rates(metrics: Metrics) -> tuple[Rate, ...]:
    return tuple(rate_of(formula, metrics) for formula in LEAGUE_RATES)


def _say(shown: Sequence[ComparedRow], metric: Metric) -> str:
    if not shown:
        return "Nothing is compared yet."
    each = ", ".join(f"{one.row.title} {one.metrics[metric]:,}" for one in shown)
    return f"{metric.label}: {each}."
