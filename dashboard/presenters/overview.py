"""An overview or analytics page, ready to render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.presenters.cards import Card, Step, make_cards, make_funnel
from dashboard.presenters.charts import Beside, make_time_series
from dashboard.presenters.rates import BOUNCE, CLICK, DELIVERY, OPEN, REPLY, LeftOut, Rate, rate_of
from dashboard.queries.league import Standing
from dashboard.queries.overlaps import Overlap
from dashboard.queries.overview import Overview
from dashboard.vocabulary.analytics import DailyNumbers, Days
from dashboard.vocabulary.metrics import Metric, Metrics

LEAGUE_RATES = (DELIVERY, OPEN, CLICK, REPLY, BOUNCE)
MARK_TITLES = {"dns": "DNS", "template": "Template", "pause": "Pause", "limit": "Limit", "note": "Note"}


@dataclass(frozen=True, slots=True)
class LeagueRow:
    """One resource's line, or the line of all that are not shown."""

    key: str
    name: str
    status: str | None
    is_registered: bool
    metrics: Metrics
    rates: tuple[Rate, ...]
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A cause under the chart."""

    day: date
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the live part of a page shows; the parts agree because they come from one reading."""

    cards: list[Card]
    funnel: list[Step]
    figure: dict[str, Any]
    caption: str
    days: DailyNumbers
    league: list[LeagueRow]
    others: LeagueRow | None
    sum: LeagueRow
    league_size: int
    marks: list[ShownMark]
    overlaps: list[Overlap]
    sources: dict[int, str]


def make_page(
    found: Overview, *, days: Days, full: Days, previous: Days, today: date, unit: str, league_limit: int
) -> Page:
    """Return the page of a reading; `full` are the days that are compared with `previous`."""
    numbers = found.series.numbers
    left_out = LeftOut(**{name: sum(column) for name, column in found.untracked.items()})
    beside = Beside(
        *({Metric(name): column for name, column in columns.items()} for columns in (found.machines, found.untracked))
    )
    shown = numbers.within(days)
    total = shown.total()
    marks = [ShownMark(mark.day, MARK_TITLES[mark.kind], mark.title) for mark in found.marks]
    first, rest = found.standings[:league_limit], found.standings[league_limit:]
    return Page(
        cards=make_cards(
            total,
            numbers.within(full).total(),
            numbers.within(previous).total(),
            shown,
            len(full),
            left_out,
            {metric: sum(column) for metric, column in beside.machines.items()},
        ),
        funnel=make_funnel(total, left_out),
        figure=make_time_series(
            shown, unit=unit, today=today, marks=[(mark.day, mark.title) for mark in marks], beside=beside
        ),
        caption=make_caption(shown, total) + _machines(beside),
        days=shown,
        league=[_league_row(one) for one in first],
        others=_sum_row(f"{len(rest):,} more", rest) if rest else None,  # so that the table adds up
        sum=_sum_row("Total", found.standings),
        league_size=len(found.standings),
        marks=marks,
        overlaps=found.overlaps,
        sources=found.sources,
    )


def make_caption(shown: DailyNumbers, total: Metrics) -> str:
    """Say in words what the chart shows, for those who do not see it."""
    if not any(total.values()):
        return "No mail in these days."
    most = max(shown["sent"])
    busiest = shown.days[shown["sent"].index(most)]
    return (
        f"{total.delivered:,} of {total.sent:,} sent mails were delivered, {total.opened:,} opened, "
        f"{total.clicked:,} clicked, {total.replied:,} replied to, {total.bounced:,} bounced. "
        f"The busiest day was {busiest:%A}, {busiest.day} {busiest:%B}, with {most:,} sent."
    )


def _machines(beside: Beside) -> str:
    """Say what the hatched bands are."""
    if not beside.machines:
        return ""
    opened, clicked = (sum(beside.machines[metric]) for metric in (Metric.OPENED, Metric.CLICKED))
    return f" Hatched: {opened:,} more were opened and {clicked:,} clicked by machines only; no rate counts them."


def _left_out(one: Standing) -> LeftOut:
    delivered = one.metrics.delivered
    return LeftOut(0 if one.is_open_tracked else delivered, 0 if one.is_click_tracked else delivered)


def _league_row(one: Standing) -> LeagueRow:
    return LeagueRow(
        key=one.resource_key,
        name=one.name or one.resource_key or "(none)",
        status=one.status,
        is_registered=one.name is not None,
        metrics=one.metrics,
        rates=_rates(one.metrics, _left_out(one)),
        last_day=one.last_day,
    )


def _sum_row(name: str, rows: Sequence[Standing]) -> LeagueRow:
    metrics = Metrics.total([one.metrics for one in rows] or [Metrics()])
    each = [_left_out(one) for one in rows]
    left_out = LeftOut(sum(one.opened for one in each), sum(one.clicked for one in each))
    return LeagueRow("", name, None, False, metrics, _rates(metrics, left_out), None)


def _rates(metrics: Metrics, left_out: LeftOut) -> tuple[Rate, ...]:
    return tuple(rate_of(formula, metrics, left_out) for formula in LEAGUE_RATES)
