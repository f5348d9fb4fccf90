"""A delivery as it can be read now: the request, the events in it, and what became of each. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qsl

from dashboard.counting.batches import Batch, EventKey, Incoming, gather
from dashboard.counting.rules import Rules
from dashboard.models.inbox import DeliveryState
from dashboard.presenters.messages import Bringer, Judgement, judgements, title_of
from dashboard.presenters.privacy import Veil
from dashboard.queries.deliveries import DeliveryRow, KeptDelivery
from dashboard.queries.messages import StoredEvent, Tellings, instant_of
from dashboard.vocabulary.events import Event

PART = 50  # events on one page
MOST_SHOWN = 64_000  # characters of a body on the page
MOST_ARRANGED = 512 * 1024  # bytes of JSON that are written anew with indents


# --- the request -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body to look at: arranged where it is JSON or a form, and cut where it is long."""

    text: str
    is_arranged: bool
    is_cut: bool


def show_body(body: bytes, content_type: str) -> ShownBody:
    """Return a body as text; the file to download has its very bytes."""
    arranged = _arrange(body, content_type) if len(body) <= MOST_ARRANGED else None
    text = body.decode("utf-8", "replace") if arranged is None else arranged
    shown = text[:MOST_SHOWN].encode("utf-8", "backslashreplace").decode().replace("\0", "␀")
    return ShownBody(shown, arranged is not None, len(text) > MOST_SHOWN)


def _arrange(body: bytes, content_type: str) -> str | None:
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return _arrange_form(body)
    return _arrange_json(body.decode("utf-8", "replace"))


def _arrange_json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, (dict, list)) else None


def _arrange_form(body: bytes) -> str | None:
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return None
    return "\n\n".join(f"{name} =\n{_arrange_json(value) or value}" for name, value in fields) or None


# --- the events ------------------------------------------------------------------------------------


class Fate(StrEnum):
    """What became of one event of a delivery."""

    NEW = "new"
    DUPLICATE = "duplicate"
    LATE = "too late"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    WAITING = "waiting"
    MISSING = "not counted"


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event as it is read now; without a key there is nothing to count in it."""

    number: int
    event: Event
    key: EventKey | None
    is_clamped: bool
    is_told_above: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of a delivery's events that a page shows, of how many, and what cannot be read (place, reason)."""

    part: tuple[ReadEvent, ...]
    total: int
    page: int
    unreadable: tuple[tuple[int, str], ...]
    refused: str

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PART))

    @property
    def keys(self) -> list[EventKey]:
        """The keys of the part's events."""
        return [one.key for one in self.part if one.key]


@dataclass(frozen=True, slots=True)
class Line:
    """One event and what it changed."""

    number: int
    title: str
    at: datetime | None
    recipient: str
    message_id: str
    message_key: str  # hexadecimal, or nothing where the message is not known
    fate: Fate
    why: str
    first: Bringer | None  # the delivery that brought the event before this one
    judgement: Judgement | None
    is_clamped: bool


def read_part(
    source_id: int, row: DeliveryRow, events: Sequence[Event], unreadable: Sequence[tuple[int, str]], *,
    page: int = 1, refused: str = "",
) -> Reading:  # fmt: skip
    """Return the events of one page; those before it are looked at, too, for what is told twice."""
    page = min(max(1, page), max(1, -(-len(events) // PART)))
    seen: set[EventKey] = set()
    read: list[ReadEvent] = []
    for number, event in enumerate(events[: page * PART], 1):
        batch = gather([Incoming(row.id, source_id, _us(row.received_at), [event])], Rules())
        read.append(_read(number, event, batch, seen))
    return Reading(tuple(read[(page - 1) * PART :]), len(events), page, tuple(unreadable), refused)


def _read(number: int, event: Event, batch: Batch, seen: set[EventKey]) -> ReadEvent:
    if not batch.rows:
        return ReadEvent(number, event, None, is_clamped=False, is_told_above=False)
    ((key, row),) = batch.rows.items()
    is_told_above = key in seen
    seen.add(key)
    return ReadEvent(number, event, key, row.is_clamped, is_told_above)


def make_lines(kept: KeptDelivery, reading: Reading, tellings: Tellings, veil: Veil) -> tuple[Line, ...]:
    """Return each event of the part with what became of it."""
    verdicts = judgements(tellings.events)
    return tuple(_line(kept.row, one, tellings, verdicts, veil) for one in reading.part)


def _line(
    row: DeliveryRow, one: ReadEvent, tellings: Tellings, verdicts: dict[EventKey, Judgement], veil: Veil
) -> Line:
    event = one.event
    stored = tellings.stored.get(one.key) if one.key else None
    message = tellings.messages[one.key[0]] if one.key else b""
    fate, why = _fate(row, one, stored, is_matched=tellings.is_matched.get(message, True))
    recipient = event.recipient.strip().lower()
    first = stored.delivery_id if stored else None
    name = event.message_id or next(iter((*event.in_reply_to, *event.aliases)), "")
    return Line(
        one.number, title_of(event.type.value, event.bounce), _instant(one, stored),
        veil.recipient(recipient), veil.message_id(name, recipient),
        message.hex() if message in tellings.is_matched else "", fate, why,
        Bringer(first, tellings.kept.get(first)) if first and first != row.id else None,
        verdicts.get(one.key) if stored and one.key else None, one.is_clamped,
    )  # fmt: skip


def _instant(one: ReadEvent, stored: StoredEvent | None) -> datetime | None:
    """Return when it happened; of what is ignored nobody has checked that."""
    if stored is not None:
        return instant_of(stored.happening.at_us)
    return instant_of(one.event.at_us) if one.key else None


def _fate(row: DeliveryRow, one: ReadEvent, stored: StoredEvent | None, *, is_matched: bool) -> tuple[Fate, str]:
    """Return what became of an event, and why."""
    if one.key is None:
        return Fate.IGNORED, "It says nothing that is counted."
    if row.state in {DeliveryState.PENDING, DeliveryState.HELD}:
        return Fate.WAITING, "It is counted with its delivery."
    if stored is None:
        return Fate.MISSING, "It can be read now, and could not when the delivery was counted."
    fates = (
        (one.is_told_above, Fate.DUPLICATE, "It is told above in this delivery."),
        (stored.delivery_id != row.id, Fate.DUPLICATE, "Another delivery brought it first."),
        (stored.is_late, Fate.LATE, "It came too late to be counted."),
        (not is_matched, Fate.UNMATCHED, "No event has said yet which message it is about."),
    )
    return next(((fate, why) for holds, fate, why in fates if holds), (Fate.NEW, ""))


def _us(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 + instant.microsecond
