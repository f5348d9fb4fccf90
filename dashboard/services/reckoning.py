"""What a batch changes: every message that it touches is folded anew, and the difference to what it booked is noted.

A message is told of under its own key and under other names of it. Which message a name stands for is settled first
(of several the smallest key), so that events that came under a name alone find their message whatever came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.counting import contributions
from dashboard.counting.batches import Batch, EventKey, Name, Row, merge_happenings
from dashboard.counting.contributions import DayOf
from dashboard.counting.days import day_finder
from dashboard.counting.facts import Facts, Happening, fold
from dashboard.counting.receivers import receiver_of
from dashboard.services import breakdowns, counted, rollups
from dashboard.services.counted import Known, MessageRow, Outcome
from dashboard.services.rollups import Differences, Moved, PartKey, Vector
from dashboard.vocabulary.events import EventType
from dashboard.vocabulary.people import CompanyRef

NOTHING = b""  # what a message that is not counted has booked


@dataclass(slots=True)
class Plan:
    """What a batch will write; `replayed` deliveries were counted before and are taken back first."""

    replayed: set[Any] = field(default_factory=set)
    brought: dict[EventKey, list[Any]] = field(default_factory=dict)  # by the replayed, with who else brought it
    events: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    repeats: list[tuple[EventKey, Any]] = field(default_factory=list)
    aliases: dict[bytes, tuple[bytes, bool]] = field(default_factory=dict)
    messages: list[MessageRow] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    differences: Differences = field(default_factory=Differences)
    moved: Moved = field(default_factory=Moved)
    parts: dict[PartKey, Vector] = field(default_factory=dict)
    outcomes: dict[Any, Outcome] = field(default_factory=dict)
    last_events: dict[int, datetime] = field(default_factory=dict)


def reckon(connection: sa.Connection, company: CompanyRef, batch: Batch, plan: Plan) -> None:
    """Add to the plan what the batch changes, reading what is stored."""
    company_id = company.id
    if plan.replayed:
        plan.brought = counted.read_brought(connection, company_id, plan.replayed)
    told = {key[0] for key in batch.rows} | {key[0] for key in plan.brought}
    names, robbed = _settle(connection, company_id, batch, plan, told)
    touched = {names.get(home, home) for home in told} | set(names.values()) | robbed
    messages = counted.read_messages(connection, company_id, sorted(touched))
    homes = counted.read_told_names(connection, company_id, sorted(touched))
    homes |= names
    homes |= {message: message for message in touched if message not in homes}
    events, late = _gather_events(connection, company_id, batch, plan, homes, messages)
    day_of = day_finder(company.timezone)
    for key in sorted(touched):
        _count(plan, batch, key, events.get(key, ()), late.get(key, ()), messages.get(key), day_of)
    plan.moved = rollups.move(connection, company_id, plan.differences)
    plan.parts = breakdowns.move(connection, company_id, plan.differences)


def _settle(
    connection: sa.Connection, company_id: int, batch: Batch, plan: Plan, told: set[bytes]
) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Settle which message each name stands for.

    Returns the names under which events are told, with their messages; and the messages that lost a name.
    """
    asked = set(batch.links) | batch.unmatched | ({key[0] for key in plan.brought})
    if not asked:
        return {}, set()
    known = counted.read_aliases(connection, company_id, sorted(asked))
    settled = dict(known)
    for name, message in batch.links.items():
        before = known.get(name)
        settled[name] = (min(message, before[0]), before[1]) if before else (message, False)
    fresh = sorted(name for name in settled if name not in known)
    waited = {name for name, row in counted.read_messages(connection, company_id, fresh).items() if not row.is_matched}
    plan.gone += sorted(waited)
    found: dict[bytes, bytes] = {}
    robbed: set[bytes] = set()
    for name, (message, was_told) in settled.items():
        is_told = was_told or name in waited or name in told
        if known.get(name) != (message, is_told):
            plan.aliases[name] = (message, is_told)
        if is_told:
            found[name] = message
            before = known.get(name)
            if before and before[0] != message:  # the message that it stood for loses these events
                robbed.add(before[0])
    return found, robbed


def _gather_events(
    connection: sa.Connection, company_id: int, batch: Batch, plan: Plan,
    homes: dict[bytes, bytes], messages: dict[bytes, Known],
) -> tuple[dict[bytes, list[Happening]], dict[bytes, list[Happening]]]:  # fmt: skip
    """Return the events of each message, those that count and those that came too late, stored ones and new ones.

    Notes which are new, which are told again, and which stored ones change by that.
    """
    found: dict[bytes, list[Happening]] = {}
    late: dict[bytes, list[Happening]] = {}
    left = dict(batch.rows)
    for home, is_late, stored in counted.read_events(connection, company_id, sorted(homes)):
        key = (home, stored.event_key)
        if key in plan.brought and not plan.brought[key]:
            continue  # taken back; what tells it again is new
        row = left.pop(key, None)
        if row is not None:
            _note(batch, plan, key, is_new=False)
            _note_change(plan, row, stored, is_late=is_late)
            stored, is_late = merge_happenings(stored, row.happening), is_late and row.is_late  # noqa: PLW2901
        (late if is_late else found).setdefault(homes[home], []).append(stored)
    for key, row in left.items():
        message = homes[key[0]]
        known = messages.get(message)
        kept = row._replace(is_late=True) if known is not None and known.is_final else row
        plan.events.append(kept)
        _note(batch, plan, key, is_new=True, is_late=kept.is_late)
        (late if kept.is_late else found).setdefault(message, []).append(kept.happening)
    return found, late


def _note_change(plan: Plan, row: Row, stored: Happening, *, is_late: bool) -> None:
    """Note what a further telling changes of a stored event."""
    merged = merge_happenings(stored, row.happening)
    if merged != stored or row.detail or (is_late and not row.is_late):
        plan.changed.append(row._replace(**merged._asdict(), is_late=is_late and row.is_late))


def _note(batch: Batch, plan: Plan, key: EventKey, *, is_new: bool, is_late: bool = False) -> None:
    """Note for whom of those who told an event it was new."""
    first, *others = batch.tellers[key]
    if is_new:
        batch.tallies[first].new += 1
        batch.tallies[first].late += is_late
    else:
        others = [first, *others]
    for delivery in others:
        batch.tallies[delivery].duplicate += 1
        plan.repeats.append((key, delivery))


def _count(
    plan: Plan, batch: Batch, key: bytes, events: Sequence[Happening], late: Sequence[Happening],
    known: Known | None, day_of: DayOf,
) -> None:  # fmt: skip
    """Fold one message, and note the difference to what it booked before."""
    if known is not None and known.is_final:
        return
    name = batch.names.get(key) or (known.name if known else None)
    if name is None:
        return  # taken back, and known of nowhere
    before = known.booked if known else NOTHING
    source_id = known.name.source_id if known else name.source_id
    after, campaign = NOTHING, None
    if events or late:
        is_matched = key not in batch.unmatched and (known is None or known.is_matched)
        facts = fold(events or late)
        if events and is_matched:
            contribution = contributions.contribute(facts, receiver_of(name.recipient), day_of)
            after, campaign = contribution.write(), contribution.sent_for
            if after != before:
                plan.differences.add(source_id, contribution)
        plan.messages.append(message_row(key, name, facts, after, campaign, is_matched=is_matched))
    elif known is not None:
        plan.gone.append(key)
    if before not in {NOTHING, after}:
        plan.differences.add(source_id, contributions.read(before), -1)


def message_row(
    key: bytes, name: Name, facts: Facts, booked: bytes, campaign: str | None, *, is_matched: bool
) -> MessageRow:
    """Return a message as it is stored."""
    trouble, trouble_at_us = _trouble(facts)
    return MessageRow(
        key, name.source_id, name.message_id, name.recipient, _state(facts), facts.sent_at_us, facts.last_at_us,
        trouble, trouble_at_us, is_matched, False, campaign, booked,
    )  # fmt: skip


_LAST_WORDS = (
    EventType.COMPLAINED, EventType.UNSUBSCRIBED, EventType.REPLIED, EventType.CLICKED, EventType.OPENED,
)  # fmt: skip
_FIRST_WORDS = (EventType.REJECTED, EventType.FAILED, EventType.DEFERRED, EventType.SENT, EventType.QUEUED)


def _state(facts: Facts) -> str:
    """Return the word that says most about what became of a message."""
    if facts.is_bounced:
        return EventType.BOUNCED.value
    if facts.is_delivered:
        return next((kind.value for kind in _LAST_WORDS if kind in facts.first), EventType.DELIVERED.value)
    return next((kind.value for kind in _FIRST_WORDS if kind in facts.first), min(facts.first))


def _trouble(facts: Facts) -> tuple[str | None, int | None]:
    """Return why nobody should write to the recipient again, and since when."""
    if EventType.COMPLAINED in facts.first:
        return "complained", facts.first[EventType.COMPLAINED]
    if facts.is_bounced:
        return facts.bounce, facts.first[EventType.BOUNCED]
    if EventType.UNSUBSCRIBED in facts.first:
        return "unsubscribed", facts.first[EventType.UNSUBSCRIBED]
    if facts.rejected_at_us is not None:
        return "rejected", facts.rejected_at_us
    return None, None
