"""Mailboxes: what each may send today, and the days of a warm-up as chart, caption and table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from dashboard.counting.allowances import (
    Allowance,
    PlanDay,
    allow,
    forecast,
    full_volume,
    planned_days,
    reached_on,
    walk,
)
from dashboard.models import Mailbox
from dashboard.presenters.charts import make_warm_up_figure
from dashboard.queries.mailboxes import ByDay
from dashboard.services.mailboxes import plan_of, standing
from dashboard.vocabulary.analytics import Days
from dashboard.vocabulary.warmup import Plan

MOST_BEFORE = 90  # days of a warm-up that are shown
MOST_AFTER = 120  # days ahead
ROOM = 3  # days behind the day of full volume
MOST_TOLD = 3  # breaches in the caption


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A warm-up's page: its days up to today, what was planned, and when it will be done."""

    plan: Plan
    days: Sequence[PlanDay]  # those that are shown, oldest first
    planned: Sequence[int]  # for each of them
    number: int
    full: int
    full_on: date
    is_reached: bool
    caption: str
    figure: dict[str, Any]


def make_allowance(mailbox: Mailbox, sends: ByDay, today: date) -> Allowance:
    """Return what a mailbox may send today, and why."""
    return allow(
        standing=standing(mailbox), limit=mailbox.daily_limit, plan=plan_of(mailbox), since=mailbox.warm_up_since,
        sends=sends, today=today,
    )  # fmt: skip


def make_allowances(rows: Iterable[Mailbox], sends: Mapping[UUID, ByDay], today: date) -> dict[UUID, Allowance]:
    """Return what each of the mailboxes may send today."""
    return {row.id: make_allowance(row, sends.get(row.id, {}), today) for row in rows}


def make_warm_up(mailbox: Mailbox, sends: ByDay, today: date) -> WarmUp | None:
    """Return the days of a warm-up; None when the mailbox is not warming up."""
    plan, limit = plan_of(mailbox), mailbox.daily_limit
    if plan is None:
        return None
    since = min(mailbox.warm_up_since or today, today)
    walked = walk(plan, since, today, sends, limit=limit)
    now = walked[-1]
    full_on = forecast(plan, now.number, today, limit=limit, is_sent=now.sent > 0)
    reached = reached_on(plan, walked, limit=limit)
    shown = Days(max(since, today - timedelta(days=MOST_BEFORE - 1)), _end(today, reached or full_on))
    planned = planned_days(plan, since, shown.end)[-len(shown) :]
    days = walked[-(today - shown.start).days - 1 :]
    figure = make_warm_up_figure(
        list(shown), [min(one, limit) for one in planned], days, _ahead(plan, now, shown.end, limit),
        mark=None if reached else full_on,
    )  # fmt: skip
    full = full_volume(plan, limit)
    caption = _caption(full, reached, full_on, shown.end, [one for one in days if one.is_breach])
    return WarmUp(plan, days, planned[: len(days)], now.number, full, reached or full_on, reached is not None, caption,
                  figure)  # fmt: skip


def _end(today: date, full_on: date) -> date:
    return max(today, min(full_on + timedelta(days=ROOM), today + timedelta(days=MOST_AFTER)))


def _ahead(plan: Plan, now: PlanDay, end: date, limit: int) -> list[int]:
    """Return what is allowed on the days after today if mail goes out on every sending weekday."""
    is_sending = now.sent > 0 or now.day.weekday() in plan.weekdays
    days = planned_days(plan, now.day + timedelta(days=1), end, number=now.number + is_sending)
    return [min(one, limit) for one in days]


def _caption(full: int, reached: date | None, full_on: date, end: date, breaches: Sequence[PlanDay]) -> str:
    if reached is not None:
        text = f"The full volume of {full:,} a day is allowed since {_day(reached)}."
    else:
        text = (
            f"Full volume, {full:,} a day, is reached on {_day(full_on)} if mail goes out on every sending day"
            f"{', beyond the days shown' if full_on > end else ''}."
        )
    if not breaches:
        return f"{text} On no day was more sent than was allowed."
    told = ", ".join(f"{_day(one.day)} ({one.sent:,} of {one.allowed:,})" for one in breaches[-MOST_TOLD:][::-1])
    count = f"{len(breaches)} day" + ("s" if len(breaches) > 1 else "")
    more = " and more" if len(breaches) > MOST_TOLD else ""
    return f"{text} More was sent than was allowed on {count}: {told}{more}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
