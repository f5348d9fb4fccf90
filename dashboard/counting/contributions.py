"""What one message adds to which day: pure, from its facts to counters by time basis and day.

By send day everything stands on the day of sending, and only what holds in the end: opened, clicked, replied,
complained and unsubscribed need a delivery. By event day each first occurrence stands on its own day, and nothing
is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import orjson

from dashboard.counting.facts import Facts
from dashboard.vocabulary.events import Bounce, EventType

# Counter → its place; the order is that of vocabulary.metrics.COUNTERS.
SENT, DELIVERED, OPENED, CLICKED, REPLIED, BOUNCED = range(6)
HARD, SOFT, COMPLAINED, UNSUBSCRIBED, DEFERRED, REJECTED = range(6, 12)
MACHINE_OPENED, MACHINE_CLICKED, TOTAL_OPENS, TOTAL_CLICKS = range(12, 16)

Day = int  # ordinal, in the company's time zone
Counts = dict[int, int]  # place of the counter → how much
DayOf = Callable[[int], Day]

_FINAL = ((EventType.REPLIED, REPLIED), (EventType.COMPLAINED, COMPLAINED), (EventType.UNSUBSCRIBED, UNSUBSCRIBED))


class Contribution(NamedTuple):
    """What a message adds: by send day to one day, by event day to several; equal for each of its resources."""

    resources: tuple[str, ...]  # campaign, template, mailbox, domain, receiver
    send_day: Day
    by_send_day: Counts
    by_event_day: dict[Day, Counts]

    @property
    def sent_for(self) -> str | None:
        """The campaign that it was counted as sent for, '' where it names none; None where it was not sent."""
        return self.resources[0] if self.by_send_day.get(SENT) else None

    def write(self) -> bytes:
        """Return the bytes that stand for it: equal for equal contributions."""
        by_event_day = [[day, _flat(counts)] for day, counts in sorted(self.by_event_day.items())]
        return orjson.dumps([self.resources, self.send_day, _flat(self.by_send_day), by_event_day])


def read(booked: bytes) -> Contribution:
    """Return the contribution that `write` made these bytes of."""
    resources, send_day, by_send_day, by_event_day = orjson.loads(booked)
    days = {day: _deep(flat) for day, flat in by_event_day}
    return Contribution(tuple(resources), send_day, _deep(by_send_day), days)


def contribute(facts: Facts, receiver: str, day_of: DayOf) -> Contribution:
    """Return what a message with these facts adds; `day_of` turns an instant (microseconds) into a day."""
    send_day = day_of(facts.sent_at_us)
    return Contribution((*facts.resources, receiver), send_day, _by_send_day(facts), _by_event_day(facts, day_of))


def _by_send_day(facts: Facts) -> Counts:
    counts: Counts = {}
    if facts.is_sent:
        counts[SENT] = 1
    if EventType.DEFERRED in facts.first:
        counts[DEFERRED] = 1
    if facts.rejected_at_us is not None:
        counts[REJECTED] = 1
    if facts.is_bounced:
        counts[BOUNCED] = 1
        counts[HARD if facts.bounce == Bounce.HARD else SOFT] = 1
    if facts.is_delivered:
        counts[DELIVERED] = 1
        _add_answers(counts, facts)
    return counts


def _add_answers(counts: Counts, facts: Facts) -> None:
    for kind, place in _FINAL:
        if kind in facts.first:
            counts[place] = 1
    for seen, by_person, by_machine, total in _ways(facts):
        people = sum(not is_machine for _, is_machine in seen)
        if seen:
            counts[by_person if people else by_machine] = 1
        if people:
            counts[total] = people


def _by_event_day(facts: Facts, day_of: DayOf) -> dict[Day, Counts]:
    """Book each first occurrence on its own day, and every open and click by a person."""
    days: dict[Day, Counts] = {}
    for at_us, place in (*_first_occurrences(facts), *_openings(facts)):
        if at_us is not None:
            counts = days.setdefault(day_of(at_us), {})
            counts[place] = counts.get(place, 0) + 1
    return days


def _first_occurrences(facts: Facts) -> list[tuple[int | None, int]]:
    first = facts.first
    bounced_at_us = first.get(EventType.BOUNCED)
    return [
        (facts.sent_at_us if facts.is_sent else None, SENT),
        (facts.delivered_at_us, DELIVERED),
        (bounced_at_us, BOUNCED),
        (bounced_at_us, HARD if facts.first_bounce == Bounce.HARD else SOFT),
        (first.get(EventType.DEFERRED), DEFERRED),
        (facts.rejected_at_us, REJECTED),
        *((first.get(kind), place) for kind, place in _FINAL),
    ]


def _openings(facts: Facts) -> list[tuple[int | None, int]]:
    """Return opens and clicks: the first by a person, the first by a machine beside it, and each by a person."""
    found: list[tuple[int | None, int]] = []
    for seen, by_person, by_machine, total in _ways(facts):
        if seen:
            people = [at for at, is_machine in seen if not is_machine]
            machines = [at for at, is_machine in seen if is_machine]
            found += [(at, by_person) for at in people[:1]]
            found += [(at, by_machine) for at in machines[:1]]
            found += [(at, total) for at in people]
    return found


def _ways(facts: Facts) -> tuple[tuple[tuple[tuple[int, bool], ...], int, int, int], ...]:
    """Return opens and clicks, each with the counters of people, machines and all happenings."""
    return (
        (facts.opens, OPENED, MACHINE_OPENED, TOTAL_OPENS),
        (facts.clicks, CLICKED, MACHINE_CLICKED, TOTAL_CLICKS),
    )


def _flat(counts: Counts) -> list[int]:
    return [part for pair in sorted(counts.items()) for part in pair]


def _deep(flat: list[int]) -> Counts:
    return dict(zip(flat[::2], flat[1::2], strict=True))
