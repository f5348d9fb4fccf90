"""Charts as plain dicts in Plotly's schema, without colours: the page's script takes those from the style sheet.

Building plain dicts costs some hundredths of a millisecond; go.Figure validates them in the tests only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dashboard.presenters.rates import BY_METRIC
from dashboard.vocabulary.analytics import DailyNumbers
from dashboard.vocabulary.metrics import Metric

DAY_MS = 86_400_000
# Two panels: on one axis replies and bounces would lie flat on zero beside what was delivered.
UPPER = (Metric.SENT, Metric.DELIVERED, Metric.OPENED)
LOWER = (Metric.CLICKED, Metric.REPLIED, Metric.BOUNCED)
FEW_DAYS = 8  # so many have room for a tick each
DASHES = {Metric.REPLIED: "dash", Metric.BOUNCED: "dot"}


def make_time_series(
    shown: DailyNumbers, *, unit: str, today: date | None, marks: Sequence[tuple[date, str]]
) -> dict[str, Any]:
    """Return the figure of the six metrics by day, as counts or as rates.

    `today`, when it is the last of several days, is shaded as incomplete; marks are dotted lines at their day.
    """
    is_rate = unit == "rate"
    metrics = [metric for metric in (*UPPER, *LOWER) if not (is_rate and metric is Metric.SENT)]
    return {
        "data": [_trace(metric, shown, is_rate=is_rate) for metric in metrics],
        "layout": {
            "xaxis": {
                "type": "date", "anchor": "y2", "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y",
                **_ticks(shown.days),
            },
            "yaxis": _axis([0.40, 1], 4, is_rate=is_rate),
            "yaxis2": _axis([0, 0.31], 3, is_rate=is_rate),
            "hovermode": "x unified",
            "shapes": [*_incomplete(shown.days, today), *(_line(day) for day, _ in marks)],
        },
    }  # fmt: skip


def _trace(metric: Metric, shown: DailyNumbers, *, is_rate: bool) -> dict[str, Any]:
    formula = BY_METRIC.get(metric)
    values: list[float | None] = list(shown[metric])
    if is_rate and formula is not None:
        pairs = zip(shown[formula.numerator], shown[formula.denominator], strict=True)
        values = [round(above / under, 4) if under else None for above, under in pairs]
    return {
        "type": "scatter",
        "mode": "lines" if len(shown) > 1 else "markers",
        "name": metric.label,
        "x0": shown.days[0].isoformat() if shown.days else None,
        "dx": DAY_MS,
        "y": values,
        "yaxis": "y" if metric in UPPER else "y2",
        "line": {"width": 2, "dash": DASHES.get(metric, "solid")},
        "fill": "tozeroy" if metric is Metric.DELIVERED and not is_rate else "none",
        "hovertemplate": "%{y:.1%}" if is_rate else "%{y:,}",
        "meta": {"metric": metric.value},
    }


def _axis(domain: list[float], ticks: int, *, is_rate: bool) -> dict[str, Any]:
    return {
        "domain": domain,
        "nticks": ticks,
        "rangemode": "tozero",
        "tickformat": ".0%" if is_rate else "~s",
    }


def _ticks(days: Sequence[date]) -> dict[str, Any]:
    """Give each of few days its tick: left alone, Plotly ticks hours and writes a day twice; one day stands alone."""
    if len(days) == 1:
        day, step = days[0], timedelta(days=1)
        return {"tickvals": [day.isoformat()], "range": [(day - step).isoformat(), (day + step).isoformat()]}
    return {"dtick": DAY_MS} if len(days) <= FEW_DAYS else {}


def _incomplete(days: Sequence[date], today: date | None) -> list[dict[str, Any]]:
    if today is None or len(days) < 2 or today != days[-1]:
        return []
    before = (today - timedelta(days=1)).isoformat()
    return [
        {"type": "rect", "xref": "x", "yref": "paper", "x0": before, "x1": today.isoformat(), "y0": 0, "y1": 1,
         "layer": "below", "line": {"width": 0}, "name": "incomplete"}
    ]  # fmt: skip


def _line(day: date) -> dict[str, Any]:
    text = day.isoformat()
    return {"type": "line", "xref": "x", "yref": "paper", "x0": text, "x1": text, "y0": 0, "y1": 1,
            "line": {"width": 1, "dash": "dot"}, "name": "mark"}  # fmt: skip
