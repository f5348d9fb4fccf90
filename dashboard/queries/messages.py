"""Looking messages up: by recipient or id, and everything that was told of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dashboard.counting.batches import EventKey
from dashboard.counting.facts import Happening
from dashboard.counting.keys import alias_key
from dashboard.errors import NotFound
from dashboard.models import Delivery, EventRecord, Message, MessageAlias, RepeatedEvent, Source

MOST_EVENTS = 2_000  # of one message, the first of them
LAST = "\U0010ffff"  # behind every other character
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: an address, its beginning or an id; or an id together with its recipient."""

    text: str
    recipient: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The ids that the text may stand for: providers write them with angle brackets or without."""
        return (self.bare, f"<{self.bare}>")

    @property
    def bare(self) -> str:
        """The text without angle brackets."""
        return self.text.removeprefix("<").removesuffix(">")


class Way(StrEnum):
    """How the messages of a list were found; it decides their order."""

    NEWEST = "newest"
    ID = "id"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it was last counted."""

    key: bytes
    source_id: int
    source: str
    message_id: str
    recipient: str
    state: str
    sent_at: datetime
    last_at: datetime
    last_at_us: int
    is_matched: bool
    is_final: bool
    booked: bytes


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended, and how it was found; the recipient counts where they are the order."""

    last_at_us: int
    key: bytes
    way: Way
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of a message, and under which of its names it was told."""

    message: bytes
    home: bytes
    happening: Happening
    is_late: bool
    is_clamped: bool
    delivery_id: UUID  # the first that brought it
    detail: str

    @property
    def key(self) -> EventKey:
        """What makes the event the same wherever it is told."""
        return (self.home, self.happening.event_key)


@dataclass(frozen=True, slots=True)
class Tellings:
    """What is stored of some events: them, their messages, and all events of these."""

    messages: dict[bytes, bytes]  # name → message
    is_matched: dict[bytes, bool]  # of the messages that are stored
    stored: dict[EventKey, StoredEvent]
    events: list[StoredEvent]
    kept: dict[UUID, int]  # the deliveries that brought them first and are kept, with their sources


_ROW = (
    Message.message_key, Message.source_id, Source.name, Message.message_id, Message.recipient, Message.state,
    Message.sent_at_us, Message.last_at_us, Message.is_matched, Message.is_final, Message.booked,
)  # fmt: skip
_EVENT = (
    EventRecord.message_key, EventRecord.is_late, EventRecord.is_clamped, EventRecord.delivery_id, EventRecord.detail,
    *(getattr(EventRecord, name) for name in Happening._fields),
)  # fmt: skip


def instant_of(at_us: int) -> datetime:
    """Return the aware instant of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at_us)


# --- lists -----------------------------------------------------------------------------------------


def list_messages(
    session: Session, search: Search | None, *, limit: int, after: Position | None = None, is_exact: bool = False
) -> tuple[Way, list[MessageRow]]:
    """Return the messages that are looked for, the newest first; all of them without a search.

    An id comes before a recipient. Several recipients are found by the beginning of their address and stand in the
    order of their addresses, unless the address must be `is_exact`.
    """
    if search is None:
        return Way.NEWEST, _newest(session, sa.true(), limit, after)
    if after is None or after.way is Way.ID:  # further pages go on in the way in which the first was found
        found = _by_id(session, search, limit, after)
        if found or search.recipient or after:
            return Way.ID, found
    address = search.text.lower()
    if is_exact:
        return Way.RECIPIENT, _newest(session, Message.recipient == address, limit, after)
    return Way.RECIPIENT, _by_recipient(session, address, limit, after)


def _by_id(session: Session, search: Search, limit: int, after: Position | None) -> list[MessageRow]:
    """Return the messages that have the id, and the one that is told of under it; with a recipient those to it only.

    The keys are asked for by themselves: the index of ids has all that this takes, so no store takes another.
    """
    recipient = search.recipient.lower()
    named = aliased(Message)
    keys = sa.select(named.message_key).where(named.message_id.in_(search.names))
    conditions = [Message.message_key.in_(keys), *([Message.recipient == recipient] if recipient else [])]
    found = _newest(session, sa.and_(*conditions), limit, after, is_few=True)
    alias = sa.select(MessageAlias.message_key).where(MessageAlias.alias_key == alias_key(search.bare, recipient))
    target = session.scalar(alias)
    if target is not None:
        found += _newest(session, Message.message_key == target, limit, after, is_few=True)
    each = {row.key: row for row in found}.values()
    return sorted(each, key=lambda row: (row.last_at_us, row.key), reverse=True)[:limit]


def _newest(
    session: Session, condition: sa.ColumnElement[bool], limit: int, after: Position | None, *, is_few: bool = False
) -> list[MessageRow]:
    """Return messages by last activity.

    Where the condition finds few, they are sorted afterwards: nought is added to the instant, so that no store walks
    all messages by its index in the hope to meet them soon.
    """
    at_us = Message.last_at_us + 0 if is_few else Message.last_at_us
    statement = _messages().where(condition)
    if after is not None:
        is_behind = sa.or_(at_us < after.last_at_us, Message.message_key < after.key)
        statement = statement.where(at_us <= after.last_at_us, is_behind)
    return _rows(session, statement.order_by(at_us.desc(), Message.message_key.desc()).limit(limit))


def _by_recipient(session: Session, beginning: str, limit: int, after: Position | None) -> list[MessageRow]:
    low = max(beginning, after.recipient) if after else beginning
    statement = _messages().where(Message.recipient >= low, Message.recipient < beginning + LAST)
    if after is not None:
        is_older = sa.or_(
            Message.last_at_us < after.last_at_us,
            sa.and_(Message.last_at_us == after.last_at_us, Message.message_key < after.key),
        )
        statement = statement.where(sa.or_(Message.recipient > after.recipient, is_older))
    order = (Message.recipient, Message.last_at_us.desc(), Message.message_key.desc())
    return _rows(session, statement.order_by(*order).limit(limit))


def _messages() -> Any:
    return sa.select(*_ROW).join(Source, Source.id == Message.source_id)


def _rows(session: Session, statement: Any) -> list[MessageRow]:
    return [_row(*row) for row in session.execute(statement)]


def _row(*row: Any) -> MessageRow:
    *names, sent_at_us, last_at_us, is_matched, is_final, booked = row
    parts = (*names, instant_of(sent_at_us), instant_of(last_at_us), last_at_us, is_matched, is_final, booked)
    return MessageRow(*parts)


# --- one message -----------------------------------------------------------------------------------


def get_message(session: Session, key: bytes) -> MessageRow:
    """Return the message of that key, or of that other name of it; raises NotFound."""
    other = sa.select(MessageAlias.message_key).where(MessageAlias.alias_key == key).scalar_subquery()
    found = _rows(session, _messages().where(sa.or_(Message.message_key == key, Message.message_key == other)))
    if not found:
        raise NotFound("There is no such message. Messages are kept for 400 days.")
    return found[0]


def list_told_names(session: Session, messages: Collection[bytes]) -> dict[bytes, bytes]:
    """Return the other names under which events of these messages are told: name → message."""
    statement = sa.select(MessageAlias.alias_key, MessageAlias.message_key).where(
        MessageAlias.message_key.in_(messages), MessageAlias.has_events
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def find_meant(session: Session, names: Collection[bytes]) -> dict[bytes, bytes]:
    """Return for each name the message that it stands for; a message's own key stands for itself."""
    statement = sa.select(MessageAlias.alias_key, MessageAlias.message_key).where(MessageAlias.alias_key.in_(names))
    return {name: name for name in names} | {row[0]: row[1] for row in session.execute(statement)}


def list_known(session: Session, keys: Collection[bytes]) -> dict[bytes, bool]:
    """Return those of the messages that are stored, and whether they are matched."""
    statement = sa.select(Message.message_key, Message.is_matched).where(Message.message_key.in_(keys))
    return {row[0]: row[1] for row in session.execute(statement)}


def list_events(session: Session, homes: Mapping[bytes, bytes], *, limit: int = MOST_EVENTS) -> list[StoredEvent]:
    """Return the events told under these names (name → message), the oldest first."""
    statement = sa.select(*_EVENT).where(EventRecord.message_key.in_(homes))
    ordered = statement.order_by(EventRecord.at_us, EventRecord.event_key).limit(limit)
    return [_event(homes, *row) for row in session.execute(ordered)]


def get_tellings(session: Session, keys: Collection[EventKey]) -> Tellings:
    """Return what is stored of these events, by six statements."""
    homes = find_meant(session, {home for home, _ in keys})
    messages = set(homes.values())
    names = {key: key for key in messages} | list_told_names(session, messages) | homes
    is_asked = sa.tuple_(EventRecord.message_key, EventRecord.event_key).in_(list(keys))
    statement = sa.select(*_EVENT).where(EventRecord.message_key.in_(homes), is_asked)
    stored = [_event(homes, *row) for row in session.execute(statement)]
    kept = list_kept(session, {one.delivery_id for one in stored})
    known, events = list_known(session, messages), list_events(session, names)
    return Tellings(homes, known, {one.key: one for one in stored}, events, kept)


def _event(homes: Mapping[bytes, bytes], home: bytes, *row: Any) -> StoredEvent:
    is_late, is_clamped, delivery_id, detail, *happening = row
    return StoredEvent(homes[home], home, Happening._make(happening), is_late, is_clamped, delivery_id, detail)


def list_repeats(session: Session, homes: Collection[bytes]) -> dict[EventKey, list[UUID]]:
    """Return the further deliveries that brought these events."""
    statement = (
        sa.select(RepeatedEvent.message_key, RepeatedEvent.event_key, RepeatedEvent.delivery_id)
        .where(RepeatedEvent.message_key.in_(homes))
        .order_by(RepeatedEvent.message_key, RepeatedEvent.event_key, RepeatedEvent.delivery_id)
        .limit(MOST_EVENTS)
    )
    found: dict[EventKey, list[UUID]] = {}
    for message, event, delivery in session.execute(statement):
        found.setdefault((message, event), []).append(delivery)
    return found


def list_kept(session: Session, deliveries: Collection[UUID]) -> dict[UUID, int]:
    """Return those of the deliveries that are still kept, with their sources."""
    statement = sa.select(Delivery.id, Delivery.source_id).where(Delivery.id.in_(deliveries))
    return {row[0]: row[1] for row in session.execute(statement)}
