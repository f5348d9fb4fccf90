"""The demo's two mailboxes in warm-up: one once sent too much, the other's mail bounces too often. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.vocabulary.metrics import Metrics
from dashboard.vocabulary.warmup import Preset, ready_plan, step_on

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class DemoWarmUp:
    """A mailbox, its plan, and what went out of the ordinary."""

    company: str
    email: str
    name: str
    preset: Preset
    limit: int
    since_days_ago: int
    rests_on_sundays: bool = False
    too_much_days_ago: int = 0  # on which twice as much was sent
    bouncing_days: int = 0  # the last ones, with a bounce each


WARM_UPS = (
    DemoWarmUp(
        "acme", "mia@mail.acme.test", "Mia Acme", Preset.NEW_MAILBOX, 40, 24, rests_on_sundays=True,
        too_much_days_ago=5,
    ),
    DemoWarmUp("acme", "noah@mail.acme.test", "Noah Acme", Preset.ESTABLISHED, 50, 15, bouncing_days=4),
)  # fmt: skip


def tell_warm_ups(company: str, today: date, days_ago: int, share: float) -> Iterator[tuple[str, Metrics]]:
    """Yield what each of the company's mailboxes in warm-up sent on a day: its address and the numbers."""
    for one in WARM_UPS:
        metrics = _tell(one, today, days_ago, share) if one.company == company else None
        if metrics is not None:
            yield one.email, metrics


def _tell(one: DemoWarmUp, today: date, days_ago: int, share: float) -> Metrics | None:
    if days_ago > one.since_days_ago or _rests(one, today, days_ago):
        return None
    before = sum(not _rests(one, today, ago) for ago in range(days_ago + 1, one.since_days_ago + 1))
    step = step_on(ready_plan(one.preset, one.limit), before + 1)
    sent = step * 2 if days_ago and days_ago == one.too_much_days_ago else max(1, int(step * share))
    bounced = int(days_ago < one.bouncing_days and (days_ago > 0 or share > 0.4))
    delivered = sent - bounced
    return Metrics(sent, delivered, delivered * 45 // 100, delivered * 9 // 100, delivered * 6 // 100, bounced)


def _rests(one: DemoWarmUp, today: date, days_ago: int) -> bool:
    is_sunday = (today - timedelta(days=days_ago)).weekday() == SUNDAY
    return one.rests_on_sundays and is_sunday and days_ago != one.too_much_days_ago
