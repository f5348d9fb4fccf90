"""A batch of deliveries as rows: keys, clamped instants, resource keys; equal events merged. Pure.

Where two deliveries tell the same event differently, each column keeps the smaller value that is not null, so that
the order of arrival cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from dashboard.counting.facts import Happening
from dashboard.counting.keys import alias_key, event_key, message_key
from dashboard.counting.rules import Rules
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.keys import read_key

AHEAD_US = 600_000_000  # a sender's clock may be ten minutes fast
RETENTION_US = 90 * 86_400_000_000  # how long a message's events are kept, and new ones counted
_EARLIEST_US = 946_684_800_000_000  # 2000-01-01
_RESOURCES = (ResourceType.CAMPAIGN, ResourceType.TEMPLATE, ResourceType.MAILBOX, ResourceType.DOMAIN)

EventKey = tuple[bytes, bytes]  # of the message under the name it was told by, and of the event


class Row(NamedTuple):
    """An event as it is stored; columns 1 to 12 are those of Happening."""

    message_key: bytes
    at_us: int
    event_key: bytes
    type: str
    bounce: str | None
    is_flagged: bool
    sent_at_us: int | None
    campaign: str | None
    template: str | None
    mailbox: str | None
    domain: str | None
    url: str
    user_agent: str
    is_late: bool
    is_clamped: bool
    source_id: int
    delivery_id: Any
    detail: str

    @property
    def key(self) -> EventKey:
        """What makes the event the same wherever it is told."""
        return (self.message_key, self.event_key)

    @property
    def happening(self) -> Happening:
        """What of it is counted."""
        return Happening._make(self[1:13])


class Name(NamedTuple):
    """By what a message is known to people."""

    source_id: int
    message_id: str
    recipient: str


class Incoming(NamedTuple):
    """A delivery with what was read from it."""

    id: Any
    source_id: int
    received_us: int
    events: list[Event]


@dataclass(slots=True)
class Tally:
    """What became of a delivery's events."""

    new: int = 0
    duplicate: int = 0
    ignored: int = 0
    late: int = 0


@dataclass(slots=True)
class Batch:
    """The events of several deliveries, each once, with who told them and under which names."""

    rows: dict[EventKey, Row] = field(default_factory=dict)
    tellers: dict[EventKey, list[Any]] = field(default_factory=dict)  # deliveries, in order
    links: dict[bytes, bytes] = field(default_factory=dict)  # other name → message
    names: dict[bytes, Name] = field(default_factory=dict)
    unmatched: set[bytes] = field(default_factory=set)  # told under another name only
    tallies: dict[Any, Tally] = field(default_factory=dict)


def gather(deliveries: Iterable[Incoming], rules: Rules) -> Batch:
    """Return the rows of these deliveries' events."""
    batch = Batch()
    for delivery in deliveries:
        tally = batch.tallies[delivery.id] = Tally()
        for event in delivery.events:
            if event.type is EventType.IGNORED:
                tally.ignored += 1
            else:
                _add(batch, delivery, event, rules)
    return batch


def _add(batch: Batch, delivery: Incoming, event: Event, rules: Rules) -> None:
    home = _home(batch, delivery.source_id, event)
    row = _row(home, delivery, event, rules)
    key = row.key
    known = batch.rows.get(key)
    if known is None:
        batch.rows[key], batch.tellers[key] = row, [delivery.id]
        return
    batch.rows[key] = merge(known, row)
    if batch.tellers[key][-1] == delivery.id:
        batch.tallies[delivery.id].duplicate += 1
    else:
        batch.tellers[key].append(delivery.id)


def _home(batch: Batch, source_id: int, event: Event) -> bytes:
    """Return the key under which the event is told, and note the message's names."""
    recipient = event.recipient.strip().lower()
    if not event.message_id:
        alias = event.in_reply_to[0] if event.in_reply_to else event.aliases[0]
        home = alias_key(alias, recipient)
        batch.unmatched.add(home)
        batch.names.setdefault(home, Name(source_id, alias, recipient))
        return home
    home = message_key(source_id, event.message_id, recipient)
    if home not in batch.names:
        batch.names[home] = Name(source_id, event.message_id, recipient)
    if event.aliases or "@" in event.message_id:
        own = (event.message_id.removeprefix("<").removesuffix(">"),) if "@" in event.message_id else ()
        for alias in (*event.aliases, *own):
            name = alias_key(alias, recipient)
            batch.links[name] = min(batch.links.get(name, home), home)
    return home


def _row(home: bytes, delivery: Incoming, event: Event, rules: Rules) -> Row:
    latest = delivery.received_us + AHEAD_US
    kind = event.type.value
    told = (event.campaign, event.template, event.mailbox, event.domain)
    named = rules.apply(event, told) if rules else told
    campaign, template, mailbox, domain = _read_keys(named)
    return Row(
        home,
        min(event.at_us, latest),
        event_key(home, kind, event.at_us, event.url),
        kind,
        event.bounce.value if event.bounce is not None else None,
        event.is_machine,
        _plausible(event.sent_at_us, latest),
        campaign,
        template,
        mailbox,
        domain,
        event.url,
        event.user_agent,
        event.at_us < delivery.received_us - RETENTION_US,
        event.at_us > latest,
        delivery.source_id,
        delivery.id,
        _detail(event, told if named != told else None),
    )


@lru_cache(maxsize=4_096)
def _read_keys(named: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple((read_key(of, key) or None) if key else None for of, key in zip(_RESOURCES, named, strict=True))


def _plausible(sent_at_us: int | None, latest: int) -> int | None:
    """Return the send time that an event carries, not later than it can be; None for one that is a mistake."""
    return None if sent_at_us is None or sent_at_us < _EARLIEST_US else min(sent_at_us, latest)


def _detail(event: Event, told: tuple[str | None, ...] | None) -> str:
    """Return as JSON what nobody counts; `told` is what the sender named where a rule says otherwise."""
    known = {
        "id": event.provider_event_id, "ip": event.ip, "text": event.text, "subject": event.subject,
        "sender": event.sender, "tags": event.tags, "metadata": event.metadata, "told": told,
    }  # fmt: skip
    parts = {name: value for name, value in known.items() if value}
    return orjson.dumps(parts).decode() if parts else ""


def merge(one: Row, other: Row) -> Row:
    """Return the event that both tell: in each column the smaller value that is not null."""
    if one[1:16] == other[1:16] and one.detail == other.detail:
        return one
    merged = [_smaller(mine, theirs) for mine, theirs in zip(one, other, strict=True)]
    merged[15], merged[16] = one.source_id, one.delivery_id  # who told it first
    return Row._make(merged)


def merge_happenings(one: Happening, other: Happening) -> Happening:
    """Return what both tell of one event, as `merge` does."""
    return Happening._make(_smaller(mine, theirs) for mine, theirs in zip(one, other, strict=True))


def _smaller(mine: Any, theirs: Any) -> Any:
    if mine is None or mine == "":
        return theirs if theirs is not None else mine
    if theirs is None or theirs == "":
        return mine
    return min(mine, theirs)
