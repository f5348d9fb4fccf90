"""Recipients who bounced, complained, unsubscribed or were rejected: one row each, with the newest reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dashboard import tenancy
from dashboard.database import sql
from dashboard.models import EventRecord, Message, Source
from dashboard.queries.messages import LAST, instant_of, list_told_names
from dashboard.vocabulary.events import EventType

CHUNK = 1_000  # rows of a file that are read at a time


class Trouble(StrEnum):
    """Why nobody should write to a recipient again; the words of messages.trouble."""

    HARD = "hard"
    SOFT = "soft"
    REJECTED = "rejected"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class TroubleFilter:
    """Which recipients are asked for: of one kind of trouble, with an address that begins so, or equals it."""

    trouble: Trouble | None = None
    address: str = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended."""

    at_us: int
    key: bytes


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient and the newest trouble with them; `count` messages met it."""

    recipient: str
    trouble: str
    at: datetime
    at_us: int
    message_key: bytes
    message_id: str
    source_id: int
    source: str
    count: int
    reason: str


_ROW = (
    Message.recipient, Message.trouble, Message.trouble_at_us, Message.message_key, Message.message_id,
    Message.source_id, Source.name,
)  # fmt: skip
_TOLD_BY = {
    Trouble.HARD: (EventType.BOUNCED,), Trouble.SOFT: (EventType.BOUNCED,),
    Trouble.REJECTED: (EventType.REJECTED, EventType.FAILED), Trouble.COMPLAINED: (EventType.COMPLAINED,),
    Trouble.UNSUBSCRIBED: (EventType.UNSUBSCRIBED,),
}  # fmt: skip
_TYPES = frozenset(kind for kinds in _TOLD_BY.values() for kind in kinds)


def list_recipients(
    session: Session, asked: TroubleFilter, *, limit: int, after: Position | None = None
) -> list[RecipientRow]:
    """Return the recipients, the newest trouble first, those behind a position when one is given.

    Of a recipient with several kinds of trouble the newest is shown that was asked for. Mail whose recipient its
    provider does not name is left out.
    """
    any_one = aliased(Message)
    count = sa.select(sa.func.count()).where(*_alike(any_one), *_troubled(any_one, asked))
    # Few addresses are sorted afterwards; all others are met in the order of the index of troubles.
    at_us = Message.trouble_at_us + 0 if asked.address else Message.trouble_at_us
    statement = (
        sa.select(*_ROW, count.scalar_subquery())
        .join(Source, Source.id == Message.source_id)
        .where(*_troubled(Message, asked), *_addressed(asked), *_are_newest(asked))
        .order_by(at_us.desc(), Message.message_key.desc())
        .limit(limit)
    )
    if after is not None:
        is_behind = sa.or_(at_us < after.at_us, Message.message_key < after.key)
        statement = statement.where(at_us <= after.at_us, is_behind)
    rows: list[Any] = list(session.execute(statement))
    reasons = _read_reasons(session, {row[3]: row[1] for row in rows})
    return [_row(row, reasons.get(row[3], "")) for row in rows]


def _row(row: Any, reason: str) -> RecipientRow:
    recipient, trouble, at_us, *rest = row
    parts = (recipient, trouble, instant_of(at_us), at_us, *rest, reason)
    return RecipientRow(*parts)


def stream_recipients(
    session: Session, asked: TroubleFilter, *, chunk_size: int = CHUNK
) -> Iterator[list[RecipientRow]]:
    """Yield all recipients in the order of the list, a chunk at a time."""
    after = None
    while chunk := list_recipients(session, asked, limit=chunk_size, after=after):
        yield chunk
        after = Position(chunk[-1].at_us, chunk[-1].message_key)


def count_recipients(session: Session, company_id: int, asked: TroubleFilter) -> dict[Trouble | None, int]:
    """Return how many recipients have each kind of trouble, and under None how many have any."""
    bounds, values = "", {}
    if asked.address:
        bounds = " AND recipient = :low" if asked.is_exact else " AND recipient >= :low AND recipient < :high"
        values = {"low": asked.address, "high": asked.address + LAST}
    where = f"company_id = :company_id AND trouble IS NOT NULL AND recipient <> ''{bounds}"
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"SELECT trouble, COUNT(*) FROM (SELECT DISTINCT recipient, trouble FROM messages WHERE {where}) AS each_one"
        " GROUP BY trouble UNION ALL"
        f" SELECT NULL, COUNT(*) FROM (SELECT DISTINCT recipient FROM messages WHERE {where}) AS any_one",
        company_id=company_id, **values,
    )  # fmt: skip
    found = {row[0] and Trouble(row[0]): row[1] for row in rows}
    return {kind: found.get(kind, 0) for kind in (None, *Trouble)}


def _are_newest(asked: TroubleFilter) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a row is the recipient's newest in such trouble: its instant and key are not smaller.

    They are not asked to be equal, because PostgreSQL would take that for so rare that it sorts all rows before it
    looks for the first of them. Nought, or nothing, is added so that SQLite takes the index of recipients and not one
    of instants or keys, by which it would walk through all messages.
    """
    other = aliased(Message)
    order = ((other.trouble_at_us + 0).desc(), other.message_key.desc())
    newest = sa.select(other).where(*_alike(other), *_troubled(other, asked)).order_by(*order).limit(1)
    return [
        Message.trouble_at_us + 0 >= newest.with_only_columns(other.trouble_at_us).scalar_subquery(),
        sa.func.coalesce(Message.message_key, b"") >= newest.with_only_columns(other.message_key).scalar_subquery(),
    ]


def _alike(other: type[Message]) -> list[sa.ColumnElement[bool]]:
    return [other.company_id == Message.company_id, other.recipient == Message.recipient]


def _troubled(message: type[Message], asked: TroubleFilter) -> list[sa.ColumnElement[bool]]:
    kind = [message.trouble == asked.trouble.value] if asked.trouble else []
    return [message.trouble.is_not(None), message.recipient != "", *kind]


def _addressed(asked: TroubleFilter) -> list[sa.ColumnElement[bool]]:
    if not asked.address:
        return []
    if asked.is_exact:
        return [Message.recipient == asked.address]
    return [Message.recipient >= asked.address, Message.recipient < asked.address + LAST]


def _read_reasons(session: Session, troubles: dict[bytes, str]) -> dict[bytes, str]:
    """Return the text of each message's last event that tells of its trouble, where it is still kept."""
    homes = {key: key for key in troubles} | list_told_names(session, troubles)
    statement = (
        sa.select(EventRecord.message_key, EventRecord.type, EventRecord.detail)
        .where(EventRecord.message_key.in_(homes), EventRecord.type.in_(_TYPES))
        .order_by(EventRecord.at_us, EventRecord.event_key)
    )
    found: dict[bytes, str] = {}
    for home, kind, detail in session.execute(statement):
        message = homes[home]
        if kind in _TOLD_BY[Trouble(troubles[message])] and (text := text_of(detail)):
            found[message] = text
    return found


def text_of(detail: str) -> str:
    """Return the text of an event's detail."""
    return str(orjson.loads(detail).get("text", "")) if detail else ""
