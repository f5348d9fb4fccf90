"""A message and its timeline: what was told of it, by whom it was opened, and what it adds to the numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from dashboard.counting import contributions
from dashboard.counting.batches import EventKey
from dashboard.counting.classes import Actor, Verdict, is_unsubscribe
from dashboard.counting.facts import Facts, fold, judge
from dashboard.presenters.privacy import Veil
from dashboard.queries.messages import MessageRow, StoredEvent, instant_of
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.events import EventType
from dashboard.vocabulary.metrics import COUNTERS

ACTORS = {
    Actor.HUMAN: "a person",
    Actor.PROXY: "an image proxy",
    Actor.SCANNER: "a scanner",
    Actor.UNKNOWN: "somebody unknown",
}
LATE = "too late, not counted"
CLAMPED = "its clock was fast"
OTHER_NAME = "told under another name"
UNSUBSCRIBING = "link to unsubscribe"
_WORDS = {
    "total_opens": "opens in all", "total_clicks": "clicks in all", "machine_opened": "opened by a machine",
    "machine_clicked": "clicked by a machine",
}  # fmt: skip
_ONE = {"total_opens": "open in all", "total_clicks": "click in all"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Who opened or clicked, and the rule that decided."""

    actor: str
    rule: str
    is_machine: bool


@dataclass(frozen=True, slots=True)
class Bringer:
    """A delivery that brought an event; without a source it is kept no more."""

    id: UUID
    source_id: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the timeline; `details` are pairs of a label and a text."""

    at: datetime
    type: str
    title: str
    judgement: Judgement | None
    marks: tuple[str, ...]
    text: str
    url: str
    details: tuple[tuple[str, str], ...]
    bringers: tuple[Bringer, ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """What the message adds to one day."""

    basis: str
    day: date
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Everything known of one message; what is missing was never told, or is kept no more."""

    row: MessageRow
    recipient: str
    message_id: str
    subject: str
    facts: tuple[tuple[str, datetime], ...]
    resources: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    bookings: tuple[Booking, ...]
    why_not: str


def make_page(
    row: MessageRow, events: Sequence[StoredEvent], repeats: dict[EventKey, list[UUID]], kept: dict[UUID, int],
    veil: Veil,
) -> MessagePage:  # fmt: skip
    """Return the page of a message from its events, the oldest first, and the deliveries that are kept."""
    counted = [one.happening for one in events if not one.is_late] or [one.happening for one in events]
    verdicts = judgements(events)
    booked = contributions.read(row.booked) if row.booked else None
    details = [read_detail(one.detail) for one in events]
    entries = [
        _entry(one, detail, verdicts.get(one.key), [one.delivery_id, *repeats.get(one.key, ())], kept, veil)
        for one, detail in zip(events, details, strict=True)
    ]
    return MessagePage(
        row, veil.recipient(row.recipient), veil.message_id(row.message_id, row.recipient),
        veil.text(next((str(detail["subject"]) for detail in details if detail.get("subject")), "")),
        _facts(fold(counted)) if counted else (("Sent", row.sent_at), ("Last told of", row.last_at)),
        tuple(zip(ResourceType, booked.resources, strict=True)) if booked else (),
        tuple(entries), tuple(_bookings(booked)) if booked else (), _why_not(row, events),
    )  # fmt: skip


def read_detail(detail: str) -> dict[str, Any]:
    """Return what nobody counts but somebody wants to read."""
    return dict(orjson.loads(detail)) if detail else {}


def judgements(events: Iterable[StoredEvent]) -> dict[EventKey, Judgement]:
    """Return who opened and clicked, for the opens and clicks that count, each message by itself."""
    found: dict[EventKey, Judgement] = {}
    by_message: dict[bytes, list[StoredEvent]] = {}
    for one in events:
        if not one.is_late:
            by_message.setdefault(one.message, []).append(one)
    for told in by_message.values():
        homes = {one.happening.event_key: one.home for one in told}
        for happening, verdict in judge([one.happening for one in told]):
            found[homes[happening.event_key], happening.event_key] = judgement_of(verdict)
    return found


def judgement_of(verdict: Verdict) -> Judgement:
    """Return a verdict in words."""
    counted = ", so it counts as a person" if verdict.actor is Actor.UNKNOWN else ""
    return Judgement(ACTORS[verdict.actor], verdict.rule.value + counted, verdict.is_machine)


def title_of(kind: str, bounce: str | None) -> str:
    """Return what happened, in words."""
    return f"Bounced ({bounce})" if bounce else kind.capitalize()


def _entry(
    one: StoredEvent, detail: dict[str, Any], judgement: Judgement | None, bringers: list[UUID],
    kept: dict[UUID, int], veil: Veil,
) -> Entry:  # fmt: skip
    what = one.happening
    is_other = one.home != one.message
    is_leaving = what.type == EventType.CLICKED and is_unsubscribe(what.url)
    marks = ((one.is_late, LATE), (one.is_clamped, CLAMPED), (is_other, OTHER_NAME), (is_leaving, UNSUBSCRIBING))
    return Entry(
        instant_of(what.at_us), what.type, title_of(what.type, what.bounce), judgement,
        tuple(text for holds, text in marks if holds), veil.text(str(detail.get("text", ""))), veil.text(what.url),
        tuple(_details(what.user_agent, detail, veil)), tuple(Bringer(id_, kept.get(id_)) for id_ in bringers),
    )  # fmt: skip


def _details(user_agent: str, detail: dict[str, Any], veil: Veil) -> Iterable[tuple[str, str]]:
    metadata = (f"{name}: {value}" for name, value in detail.get("metadata", ()))
    told = (key for key in detail.get("told", ()) if key)
    parts = (
        ("Program", user_agent), ("IP address", veil.personal(detail.get("ip", ""))),
        ("Tags", veil.text(", ".join(detail.get("tags", ())))), ("Metadata", veil.text(", ".join(metadata))),
        ("From", detail.get("sender", "")), ("Named before your rules", ", ".join(told)),
        ("Provider's id", detail.get("id", "")),
    )  # fmt: skip
    return (part for part in parts if part[1])


def _facts(facts: Facts) -> tuple[tuple[str, datetime], ...]:
    people = [[at for at, is_machine in seen if not is_machine] for seen in (facts.opens, facts.clicks)]
    machines = [[at for at, is_machine in seen if is_machine] for seen in (facts.opens, facts.clicks)]
    first = facts.first
    found = (
        ("Sent" if facts.is_sent else "First told of", facts.sent_at_us), ("Delivered", facts.delivered_at_us),
        ("First open by a person", min(people[0], default=None)),
        ("First open by a machine", min(machines[0], default=None)),
        ("First click by a person", min(people[1], default=None)),
        ("First click by a machine", min(machines[1], default=None)), ("Replied", first.get(EventType.REPLIED)),
        ("Deferred", first.get(EventType.DEFERRED)), ("Bounced", first.get(EventType.BOUNCED)),
        ("Rejected", facts.rejected_at_us), ("Complained", first.get(EventType.COMPLAINED)),
        ("Unsubscribed", first.get(EventType.UNSUBSCRIBED)),
    )  # fmt: skip
    return tuple((label, instant_of(at_us)) for label, at_us in found if at_us is not None)


def _bookings(booked: contributions.Contribution) -> Iterable[Booking]:
    yield Booking("By send day", date.fromordinal(booked.send_day), _counts(booked.by_send_day))
    for day, counts in sorted(booked.by_event_day.items()):
        yield Booking("By event day", date.fromordinal(day), _counts(counts))


def _counts(counts: dict[int, int]) -> tuple[str, ...]:
    return tuple(_count(COUNTERS[place], number) for place, number in sorted(counts.items()))


def _count(name: str, number: int) -> str:
    words = _WORDS | (_ONE if number == 1 else {})
    return f"{number:,} {words.get(name, name.replace('_', ' '))}"


def _why_not(row: MessageRow, events: Sequence[StoredEvent]) -> str:
    """Return why the message adds nothing to the numbers, or nothing when it does."""
    if not row.is_matched:
        return "It was told of under this name only, and no event has said yet which message that is."
    if row.booked:
        return ""
    if events and all(one.is_late for one in events):
        return "All that was told of it came more than 90 days after it happened."
    return "Nothing of it is counted."
