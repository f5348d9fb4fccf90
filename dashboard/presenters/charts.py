"""Charts as plain dicts in Plotly's schema, without colours: the page's script takes those from the style sheet.

Building plain dicts costs some hundredths of a millisecond; go.Figure validates them in the tests only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dashboard.counting.allowances import PlanDay
from dashboard.presenters.rates import BY_METRIC
from dashboard.vocabulary.analytics import DailyNumbers
from dashboard.vocabulary.metrics import Metric

DAY_MS = 86_400_000
# Two panels: on one axis replies and bounces would lie flat on zero beside what was delivered.
UPPER = (Metric.SENT, Metric.DELIVERED, Metric.OPENED)
LOWER = (Metric.CLICKED, Metric.REPLIED, Metric.BOUNCED)
FEW_DAYS = 8  # so many have room for a tick each
DASHES = {Metric.REPLIED: "dash", Metric.BOUNCED: "dot"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the six, day by day: what machines did, and delivered mail that is not tracked."""

    machines: Mapping[Metric, Sequence[int]] = field(default_factory=dict)
    untracked: Mapping[Metric, Sequence[int]] = field(default_factory=dict)


def make_time_series(
    shown: DailyNumbers,
    *,
    unit: str,
    today: date | None,
    marks: Sequence[tuple[date, str]],
    beside: Beside | None = None,
) -> dict[str, Any]:
    """Return the figure of the six metrics by day, as counts or as rates.

    `today`, when it is the last of several days, is shaded as incomplete; marks are dotted lines at their day. What
    machines opened and clicked lies as a hatched band on what people did.
    """
    is_rate, beside = unit == "rate", beside or Beside()
    metrics = [metric for metric in (*UPPER, *LOWER) if not (is_rate and metric is Metric.SENT)]
    traces = []
    for metric in metrics:
        traces.append(_trace(metric, shown, beside, is_rate=is_rate))
        if metric in beside.machines:
            traces.append(_band(metric, shown, beside, is_rate=is_rate))
    return {
        "data": traces,
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


def _values(metric: Metric, counts: Sequence[int], shown: DailyNumbers, beside: Beside, *, is_rate: bool) -> list[Any]:
    """Return counts, or what they are of the denominator of their metric, from which untracked mail is left out."""
    formula = BY_METRIC.get(metric)
    if not is_rate or formula is None:
        return list(counts)
    under = shown[formula.denominator]
    if metric in beside.untracked:
        under = tuple(max(0, all_ - some) for all_, some in zip(under, beside.untracked[metric], strict=True))
    return [round(above / below, 4) if below else None for above, below in zip(counts, under, strict=True)]


def _band(metric: Metric, shown: DailyNumbers, beside: Beside, *, is_rate: bool) -> dict[str, Any]:
    """Return the hatched band between what people did and what machines did on top of it."""
    together = [sum(pair) for pair in zip(shown[metric], beside.machines[metric], strict=True)]
    return _trace(metric, shown, beside, is_rate=is_rate) | {
        "name": f"{metric.label}, with machines",
        "y": _values(metric, together, shown, beside, is_rate=is_rate),
        "line": {"width": 1, "dash": "dot"},
        "fill": "tonexty",
        "fillpattern": {"shape": "/", "size": 5, "solidity": 0.25},
        "meta": {"metric": metric.value, "band": True},
        "showlegend": False,
    }


# Lines without a metric of their own wear these metrics' colours, which are far apart for all kinds of colour vision.
WORN = (Metric.DELIVERED, Metric.CLICKED, Metric.REPLIED, Metric.OPENED, Metric.BOUNCED)
WORN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def make_lines(
    lines: Sequence[tuple[str, Sequence[Any]]], days: Sequence[date], *, is_rate: bool, today: date | None
) -> dict[str, Any]:
    """Return the figure of up to five named lines over the same days, in one panel."""
    traces = [
        {
            "type": "scatter", "mode": "lines" if len(days) > 1 else "markers", "name": name,
            "x0": days[0].isoformat() if days else None, "dx": DAY_MS, "y": list(values), "yaxis": "y",
            "line": {"width": 2, "dash": WORN_DASHES[n]}, "fill": "none",
            "hovertemplate": "%{y:.1%}" if is_rate else "%{y:,}", "meta": {"metric": WORN[n].value},
        }
        for n, (name, values) in enumerate(lines)
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": {
            "xaxis": {"type": "date", "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y", **_ticks(days)},
            "yaxis": _axis([0, 1], 5, is_rate=is_rate),
            "hovermode": "x unified",
            "shapes": _incomplete(days, today),
            "meta": {"legend": True},  # names are too long for the lines' ends
        },
    }


def make_warm_up_figure(
    days: Sequence[date], planned: Sequence[int], walked: Sequence[PlanDay], ahead: Sequence[int], *, mark: date | None
) -> dict[str, Any]:
    """Return the figure of a warm-up: what was planned, allowed and sent by day; what was too much has its own colour.

    `walked` are the first of the days, `ahead` what is allowed on the rest; the mark is the day of full volume.
    """
    past = len(walked)
    traces = [
        _bars("Sent", days, [None if one.is_breach else one.sent for one in walked], Metric.DELIVERED),
        _bars("Sent, more than allowed", days, [one.sent if one.is_breach else None for one in walked], Metric.BOUNCED),
        _steps("Planned", days, planned, Metric.SENT, "dash", shape="linear"),
        _steps("Allowed", days, [one.allowed for one in walked], Metric.OPENED, "solid"),
    ]
    if ahead:
        forecast = [walked[-1].allowed, *ahead]
        traces.append(_steps("Allowed, if mail goes out each day", days[past - 1 :], forecast, Metric.OPENED, "dot"))
    return {
        "data": traces,
        "layout": {
            "xaxis": {"type": "date", "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y", **_ticks(days)},
            "yaxis": _axis([0, 1], 5, is_rate=False),
            "barmode": "stack",
            "hovermode": "x unified",
            "shapes": [_line(mark)] if mark is not None and mark in days else [],
            "meta": {"legend": True},
        },
    }


def _bars(name: str, days: Sequence[date], values: Sequence[int | None], worn: Metric) -> dict[str, Any]:
    return {
        "type": "bar", "name": name, "x0": days[0].isoformat(), "dx": DAY_MS, "y": list(values), "yaxis": "y",
        "hovertemplate": "%{y:,}", "meta": {"metric": worn.value},
    }  # fmt: skip


def _steps(
    name: str, days: Sequence[date], values: Sequence[int], worn: Metric, dash: str, *, shape: str = "hvh"
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines" if len(values) > 1 else "markers", "name": name, "fill": "none",
        "x0": days[0].isoformat(), "dx": DAY_MS, "y": list(values), "yaxis": "y",
        "line": {"width": 2, "dash": dash, "shape": shape}, "hovertemplate": "%{y:,}", "meta": {"metric": worn.value},
    }  # fmt: skip


def _trace(metric: Metric, shown: DailyNumbers, beside: Beside, *, is_rate: bool) -> dict[str, Any]:
    values = _values(metric, shown[metric], shown, beside, is_rate=is_rate)
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
