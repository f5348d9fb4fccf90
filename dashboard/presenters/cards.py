"""The strip of six: value, change, rate and a small curve for each metric; and the funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from dashboard.presenters.rates import (
    BY_METRIC,
    DELIVERY,
    NOTHING_LEFT_OUT,
    OPEN,
    REPLY,
    Formula,
    LeftOut,
    Rate,
    rate_of,
)
from dashboard.vocabulary.analytics import DailyNumbers
from dashboard.vocabulary.metrics import Metric, Metrics

SPARK_WIDTH, SPARK_HEIGHT = 160, 34


@dataclass(frozen=True, slots=True)
class Delta:
    """The change of full days against the period before."""

    text: str
    arrow: str
    is_good: bool | None  # None: no change, or nothing to compare with
    now: int
    before: int

    @property
    def judgement(self) -> str:
        """The class of its colour; none when there is no change."""
        return {True: "good", False: "bad", None: ""}[self.is_good]


@dataclass(frozen=True, slots=True)
class Card:
    """One cell of the strip."""

    metric: Metric
    value: int
    delta: Delta | None
    rate: Rate | None
    per_day: int | None
    line: str  # SVG path of the small curve
    area: str
    by_machines: int | None = None  # counted apart, and shown on request


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the funnel."""

    metric: Metric
    value: int
    share_of_sent: float  # 0 to 100, for the bar
    rate: Rate | None


def make_cards(
    total: Metrics,
    now: Metrics,
    before: Metrics,
    days: DailyNumbers,
    full_days: int,
    left_out: LeftOut = NOTHING_LEFT_OUT,
    machines: Mapping[Metric, int] = MappingProxyType({}),
) -> list[Card]:
    """Return the six cards; `now` and `before` are the sums of the full days compared.

    `machines` says what machines opened and clicked beside, where that is shown.
    """
    cards = []
    for metric in Metric:
        line, area = spark(days[metric])
        formula = BY_METRIC.get(metric)
        cards.append(
            Card(
                metric=metric,
                value=total[metric],
                delta=make_delta(metric, now[metric], before[metric]) if full_days else None,
                rate=rate_of(formula, total, left_out) if formula else None,
                per_day=round(now[metric] / full_days) if formula is None and full_days else None,
                line=line,
                area=area,
                by_machines=machines.get(metric),
            )
        )
    return cards


def make_delta(metric: Metric, now: int, before: int) -> Delta | None:
    """Return the change in percent; None when there was nothing before. More bounces are worse."""
    if not before:
        return None
    change = (now - before) / before
    shown = f"{abs(change) * 100:,.1f}%" if abs(change) < 10 else f"{now / before:,.0f} times"
    if round(abs(change), 3) == 0:
        return Delta("no change", "", None, now, before)
    is_up = change > 0
    is_good = is_up != (metric is Metric.BOUNCED)
    return Delta(shown, "↑" if is_up else "↓", is_good, now, before)


def spark(values: Sequence[int]) -> tuple[str, str]:
    """Return the SVG paths (line, area under it) of a curve in a box of SPARK_WIDTH by SPARK_HEIGHT."""
    if not values:
        return "", ""
    if len(values) == 1:
        values = (*values, *values)  # a level line
    scale = (SPARK_HEIGHT - 6) / (max(values) or 1)
    line = _path(len(values)) % tuple([SPARK_HEIGHT - 2 - value * scale for value in values])
    return line, f"{line} L{SPARK_WIDTH} {SPARK_HEIGHT} L0 {SPARK_HEIGHT} Z"


@lru_cache(maxsize=64)
def _path(count: int) -> str:
    """Return the path of a curve through so many points, with places for their heights."""
    step = SPARK_WIDTH / (count - 1)
    return "M" + " L".join([f"{n * step:.1f} %.1f" for n in range(count)])


_CLICK_TO_OPEN = Formula(
    "Clicked of opened",
    "clicked",
    "opened",
    "The click rate of the strip divides by delivered; this bar says how many openers clicked.",
)


def make_funnel(total: Metrics, left_out: LeftOut = NOTHING_LEFT_OUT) -> list[Step]:
    """Return the way from sent to replied, each step with the rate that leads to it."""
    steps: list[tuple[Metric, Formula | None]] = [
        (Metric.SENT, None), (Metric.DELIVERED, DELIVERY), (Metric.OPENED, OPEN),
        (Metric.CLICKED, _CLICK_TO_OPEN), (Metric.REPLIED, REPLY), (Metric.BOUNCED, BY_METRIC["bounced"]),
    ]  # fmt: skip
    return [
        Step(
            metric,
            total[metric],
            min(100.0, 100 * total[metric] / total.sent) if total.sent else 0.0,
            rate_of(formula, total, left_out) if formula else None,
        )
        for metric, formula in steps
    ]
