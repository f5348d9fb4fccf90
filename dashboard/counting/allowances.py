"""What a mailbox may send today and why: the plan's day by real sends, the health of the last days, the forecast. Pure.

A sending day is a day on which mail went out. The plan's weekdays decide when mail is meant to go out, not what
counts. Past days are held against the plan and the limit alone: what bounced later was not known then.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dashboard.vocabulary.warmup import DAY_NAMES, MOST_A_DAY, Plan, step_on, steps

DAY = timedelta(days=1)
STEP_BACK_DAYS = 14  # without mail, after which the plan steps back
KEPT_TENTHS = 7  # of what was reached, when it does
RESTART_DAYS = 30  # without mail, after which the plan begins again
HEALTH_DAYS = 4  # today and the three days before: numbers are by day, so 72 hours are at most these
MIN_SENT = 20  # fewer say nothing about health


@dataclass(frozen=True, slots=True)
class Sends:
    """What was counted for a mailbox's mail of one day, by send day."""

    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0


class State(StrEnum):
    """How well a mailbox's mail of the last days was received."""

    OK = "ok"
    WATCH = "watch"
    THROTTLED = "throttled"
    PAUSED = "paused"


TENTHS = {State.OK: 10, State.WATCH: 7, State.THROTTLED: 5, State.PAUSED: 0}
_WORST_FIRST = (State.PAUSED, State.THROTTLED, State.WATCH)
# Tenths of a percent from which each state begins.
BOUNCE_FROM = {State.WATCH: 20, State.THROTTLED: 50, State.PAUSED: 100}
COMPLAINT_FROM = {State.WATCH: 1, State.PAUSED: 3}


@dataclass(frozen=True, slots=True)
class Health:
    """A state, and what it comes from: "bounce 2.4 %"."""

    state: State
    cause: str
    sent: int

    @property
    def tenths(self) -> int:
        """What part of the allowance is left, in tenths."""
        return TENTHS[self.state]

    @property
    def factor(self) -> str:
        """That part as it is written: 0.7."""
        return f"{self.tenths / 10:g}"


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A day of a warm-up: which day of the plan it was, what that allowed, what was sent."""

    day: date
    number: int
    allowed: int  # by the plan and the limit
    sent: int

    @property
    def is_breach(self) -> bool:
        """Whether more was sent than was allowed."""
        return self.sent > self.allowed


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be sent today, and why."""

    today: int
    sent: int
    reason: str
    health: Health
    number: int | None = None  # the day of the plan, in a warm-up
    step: int | None = None  # what it allows
    full: int | None = None  # what the plan leads to

    @property
    def left(self) -> int:
        """What may still be sent today."""
        return max(0, self.today - self.sent)


# --- health ----------------------------------------------------------------------------------------


def judge_health(recent: Iterable[Sends]) -> Health:
    """Return how the mail of the last days was received; the worse of bounces and complaints decides."""
    days = list(recent)
    sent, delivered = sum(day.sent for day in days), sum(day.delivered for day in days)
    if sent < MIN_SENT:
        return Health(State.OK, "", sent)
    bounced, complained = sum(day.bounced for day in days), sum(day.complained for day in days)
    found = (
        (_state(bounced, sent, BOUNCE_FROM), f"bounce {_percent(bounced, sent)}"),
        (_state(complained, delivered, COMPLAINT_FROM), f"complaints {_percent(complained, delivered)}"),
    )
    state, cause = min(found, key=lambda one: TENTHS[one[0]])
    return Health(state, cause if state is not State.OK else "", sent)


def _state(part: int, whole: int, begins: Mapping[State, int]) -> State:
    for state in _WORST_FIRST:
        if state in begins and part and part * 1_000 >= begins[state] * max(whole, 1):
            return state
    return State.OK


def _percent(part: int, whole: int) -> str:
    """Write a share with one decimal, rounded down, so that none looks like the next state's."""
    tenths = part * 1_000 // max(whole, 1)
    return f"{tenths // 10}.{tenths % 10} %"


# --- the plan's days -------------------------------------------------------------------------------


def walk(plan: Plan, since: date, today: date, sends: Mapping[date, Sends], *, limit: int) -> list[PlanDay]:
    """Return every day of a warm-up up to today, oldest first; a plan that begins later has only today."""
    since, number, idle, days = min(since, today), 1, 0, []
    for ordinal in range(since.toordinal(), today.toordinal() + 1):
        day = date.fromordinal(ordinal)
        number = _after_idle(plan, number, idle)
        sent = sends.get(day, Sends()).sent
        days.append(PlanDay(day, number, min(limit, planned_on(plan, day, number)), sent))
        number, idle = (number + 1, 0) if sent else (number, idle + 1)
    return days


def planned_on(plan: Plan, day: date, number: int) -> int:
    """Return what the plan's n-th sending day allows on a day of the calendar: nothing on days when it rests."""
    return step_on(plan, number) if day.weekday() in plan.weekdays else 0


def _after_idle(plan: Plan, number: int, idle: int) -> int:
    """Return the day of the plan after so many days without mail.

    Stepping back leads to the last day of the plan that allows at most seven tenths of what was reached.
    """
    if idle == RESTART_DAYS:
        return 1
    if idle == STEP_BACK_DAYS:
        return max(1, bisect_right(steps(plan), step_on(plan, number) * KEPT_TENTHS // 10))
    return number


def planned_days(plan: Plan, start: date, end: date, *, number: int = 1) -> list[int]:
    """Return what the plan would allow on each day if mail went out on every sending weekday from `start` on."""
    found = []
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        step = planned_on(plan, date.fromordinal(ordinal), number)
        found.append(step)
        number += step > 0
    return found


def full_volume(plan: Plan, limit: int) -> int:
    """Return what a warm-up leads to: the plan's ceiling, or the limit where that is lower."""
    return min(plan.ceiling, limit)


def forecast(plan: Plan, number: int, today: date, *, limit: int, is_sent: bool = False) -> date:
    """Return the day that allows the full volume when mail goes out on every sending weekday from today on.

    `number` is today's day of the plan. Mail that went out today counts, whatever weekday it is.
    """
    wanted, day = bisect_left(steps(plan), full_volume(plan, limit)) + 1, today
    if is_sent and (number < wanted or day.weekday() not in plan.weekdays):
        number, day = number + 1, day + DAY
    while True:
        if day.weekday() in plan.weekdays:
            if number >= wanted:
                return day
            number += 1
        day += DAY


def reached_on(plan: Plan, days: Sequence[PlanDay], *, limit: int) -> date | None:
    """Return since when the full volume has been allowed without falling back; None when it is not."""
    wanted, found = full_volume(plan, limit), None
    for one in reversed(days):
        if step_on(plan, one.number) < wanted:
            break
        found = one.day
    return found


# --- today -----------------------------------------------------------------------------------------


def allow(
    *, standing: str, limit: int, plan: Plan | None, since: date | None, sends: Mapping[date, Sends], today: date
) -> Allowance:
    """Return what a mailbox may send today.

    `standing` says why it may send nothing ("the mailbox is suspended"), or is empty.
    """
    sent = sends.get(today, Sends()).sent
    health = judge_health(sends.get(today - n * DAY, Sends()) for n in range(HEALTH_DAYS))
    planned = walk(plan, since or today, today, sends, limit=MOST_A_DAY)[-1] if plan else None
    basis = limit if planned is None else min(limit, planned.allowed)
    allowed = 0 if standing else (basis * health.tenths + 5) // 10
    reason = f"0 today: {standing}" if standing else _reason(allowed, limit, planned, health)
    if planned is None or plan is None:
        return Allowance(allowed, sent, reason, health)
    step = step_on(plan, planned.number)
    return Allowance(allowed, sent, reason, health, planned.number, step, full_volume(plan, limit))


def _reason(allowed: int, limit: int, planned: PlanDay | None, health: Health) -> str:
    basis = f"limit {limit:,}"
    if planned is not None and planned.allowed:
        basis = f"min({basis}, day {planned.number:,} of the plan: {planned.allowed:,})"
    elif planned is not None:
        basis = f"min({basis}, the plan rests on {DAY_NAMES[planned.day.weekday()]}s: 0)"
    by_health = f" × {health.factor} ({health.cause})" if health.state is not State.OK else ""
    return f"{allowed:,} today = {basis}{by_health}"
