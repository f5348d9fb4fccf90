"""Rates: what is divided by what, how it is shown, and how it explains itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.vocabulary.metrics import Metrics

SMALL_SAMPLE = 200  # delivered messages below which a rate is grey


class Band(StrEnum):
    """How a rate is judged."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Formula:
    """A rate's definition."""

    name: str
    numerator: str
    denominator: str
    note: str = ""

    @property
    def text(self) -> str:
        """The formula in words."""
        return f"{self.name} = {self.numerator} ÷ {self.denominator}"


DELIVERY = Formula(
    "Delivery rate",
    "delivered",
    "sent",
    "Delivered means that the receiving server accepted it and did not bounce it later.",
)
OPEN = Formula(
    "Open rate",
    "opened",
    "delivered",
    "First opens by people. Opens by machines, such as privacy proxies, are counted apart.",
)
CLICK = Formula(
    "Click rate",
    "clicked",
    "delivered",
    "First clicks by people. Unsubscribe links and scanners do not count.",
)
REPLY = Formula("Reply rate", "replied", "delivered", "First replies by people. Auto-replies are counted apart.")
BOUNCE = Formula(
    "Bounce rate",
    "bounced",
    "sent",
    "Final failures. Below 2 % is good, from 5 % it endangers your reputation.",
)

BY_METRIC = {"delivered": DELIVERY, "opened": OPEN, "clicked": CLICK, "replied": REPLY, "bounced": BOUNCE}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Delivered mail of campaigns whose opens, or clicks, are not tracked: it stands under no such rate."""

    opened: int = 0
    clicked: int = 0

    def of(self, formula: Formula) -> int:
        """Return how much is left out under the line of a formula."""
        return {OPEN: self.opened, CLICK: self.clicked}.get(formula, 0)


NOTHING_LEFT_OUT = LeftOut()


@dataclass(frozen=True, slots=True)
class Rate:
    """A formula with its numbers."""

    formula: Formula
    numerator: int
    denominator: int
    is_small: bool
    band: Band | None
    left_out: int = 0  # delivered mail that is not tracked

    @property
    def value(self) -> float | None:
        """The share, or None when nothing stands under the line."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def text(self) -> str:
        """The share with one decimal, or a dash."""
        return percent(self.value)

    @property
    def judgement(self) -> str:
        """The class that it is coloured by: small, watch, bad, or none."""
        if self.is_small:
            return "small"
        return "" if self.band in {None, Band.GOOD} else self.band.value


def rate_of(formula: Formula, metrics: Metrics, left_out: LeftOut = NOTHING_LEFT_OUT) -> Rate:
    """Return the rate of some numbers."""
    untracked = left_out.of(formula)
    numerator, denominator = metrics[formula.numerator], max(0, metrics[formula.denominator] - untracked)
    is_small = metrics.delivered < SMALL_SAMPLE
    band = bounce_band(numerator, denominator) if formula is BOUNCE and denominator and not is_small else None
    return Rate(formula, numerator, denominator, is_small, band, untracked)


def bounce_band(bounced: int, sent: int) -> Band:
    """Judge a bounce rate: below 2 % good, below 5 % watch, else bad; in whole numbers, so that 2 % is exact."""
    if bounced * 100 < 2 * sent:
        return Band.GOOD
    return Band.WATCH if bounced * 100 < 5 * sent else Band.BAD


def percent(share: float | None) -> str:
    """Write a share as a percentage with one decimal; shares below 0.05 % that are not zero say so."""
    if share is None:
        return "–"  # noqa: RUF001  # the dash for "nothing to divide by"
    if 0 < share < 0.0005:
        return "< 0.1%"
    return f"{share * 100:.1f}%"
