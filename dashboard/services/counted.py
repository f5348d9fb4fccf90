"""What the counting reads and writes: deliveries in wait, events, messages and their other names.

Only the holder of the company's lease writes these tables, so that what it reads before its transaction stays true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from dashboard.counting.batches import EventKey, Name, Row
from dashboard.counting.facts import Happening
from dashboard.counting.rules import Rule, Rules
from dashboard.database import bulk, sql

MAX_DELIVERIES = 1_200
MAX_BYTES = 800_000  # of the bodies, as they came: larger batches are faster, and hold the write lock longer

_EVENT: bulk.Columns = {
    "company_id": "bigint", "message_key": "bytea", "at_us": "bigint", "event_key": "bytea", "type": "text",
    "bounce": "text", "is_flagged": "boolean", "sent_at_us": "bigint", "campaign": "text", "template": "text",
    "mailbox": "text", "domain": "text", "url": "text", "user_agent": "text", "is_late": "boolean",
    "is_clamped": "boolean", "source_id": "bigint", "delivery_id": "uuid", "detail": "text",
}  # fmt: skip
_HAPPENING = ", ".join(Happening._fields)
_MESSAGE: bulk.Columns = {
    "company_id": "bigint", "message_key": "bytea", "source_id": "bigint", "message_id": "text", "recipient": "text",
    "state": "text", "sent_at_us": "bigint", "last_at_us": "bigint", "trouble": "text", "trouble_at_us": "bigint",
    "is_matched": "boolean", "is_final": "boolean", "campaign": "text", "booked": "bytea",
}  # fmt: skip
_ALIAS: bulk.Columns = {
    "company_id": "bigint", "alias_key": "bytea", "message_key": "bytea", "has_events": "boolean",
}  # fmt: skip
_OUTCOME: bulk.Columns = {
    "state": "text", "reason": "text", "new_count": "int", "duplicate_count": "int", "ignored_count": "int",
    "unreadable_count": "int", "late_count": "int", "counted_at": "timestamptz", "company_id": "bigint", "id": "uuid",
}  # fmt: skip


class Waiting(NamedTuple):
    """A delivery that is to be counted; one that was counted before is taken back first."""

    id: Any
    source_id: int
    kind: str
    received_at: datetime
    headers: dict[str, str]
    body: bytes | None
    was_counted: bool


class Known(NamedTuple):
    """A message as it is stored."""

    name: Name
    is_final: bool
    is_matched: bool
    booked: bytes


class MessageRow(NamedTuple):
    """A message as it is to be stored."""

    message_key: bytes
    source_id: int
    message_id: str
    recipient: str
    state: str
    sent_at_us: int
    last_at_us: int
    trouble: str | None
    trouble_at_us: int | None
    is_matched: bool
    is_final: bool
    campaign: str | None
    booked: bytes


class Outcome(NamedTuple):
    """What became of a delivery."""

    state: str
    reason: str
    new: int
    duplicate: int
    ignored: int
    unreadable: int
    late: int
    counted_at: datetime


def list_waiting(connection: sa.Connection, company_id: int, most: int, *, share: float = 1.0) -> list[Waiting]:
    """Return the oldest pending deliveries, as many as make one batch, or that share of one."""
    rows = sql.run(
        connection,
        "SELECT d.id, d.source_id, s.kind, d.received_at, d.headers, d.body, d.counted_at, d.size_bytes"
        " FROM deliveries d JOIN sources s ON s.company_id = d.company_id AND s.id = d.source_id"
        " WHERE d.company_id = :company_id AND d.state = 'pending' ORDER BY d.received_at, d.id LIMIT :most",
        company_id=company_id, most=max(1, int(most * share)),
    )  # fmt: skip
    found: list[Waiting] = []
    size = 0
    for row in rows:
        size += row[7]
        if found and size > MAX_BYTES * share:
            break
        headers = orjson.loads(row[4]) if isinstance(row[4], str) else row[4]
        body = bytes(row[5]) if row[5] is not None else None
        at: datetime = sql.as_instant(row[3])  # type: ignore[assignment]  # never null
        found.append(Waiting(row[0], row[1], row[2], at, headers, body, row[6] is not None))
    rows.close()
    return found


def read_rules(connection: sa.Connection, company_id: int) -> Rules:
    """Return the company's own mapping rules in their order."""
    rows = sql.run(
        connection,
        "SELECT type, field, name, pattern, resource_key FROM mapping_rules WHERE company_id = :company_id"
        " ORDER BY position, id",
        company_id=company_id,
    )
    return Rules(Rule(*row) for row in rows)


def read_events(
    connection: sa.Connection, company_id: int, message_keys: Collection[bytes]
) -> Iterator[tuple[bytes, bool, Happening]]:
    """Yield the events told under these keys: key, whether it came too late, and the event."""
    statement = (
        f"SELECT message_key, is_late, {_HAPPENING} FROM events"
        " WHERE company_id = {company} AND message_key {among}"
    )
    for row in bulk.select_among(connection, statement, company_id, message_keys):
        yield row[0], row[1], Happening._make(row[2:])


def read_messages(connection: sa.Connection, company_id: int, keys: Collection[bytes]) -> dict[bytes, Known]:
    """Return those of the messages that are stored."""
    statement = (
        "SELECT message_key, source_id, message_id, recipient, is_final, is_matched, booked FROM messages"
        " WHERE company_id = {company} AND message_key {among}"
    )
    return {
        row[0]: Known(Name(*row[1:4]), bool(row[4]), bool(row[5]), row[6])
        for row in bulk.select_among(connection, statement, company_id, keys)
    }


def read_aliases(
    connection: sa.Connection, company_id: int, keys: Collection[bytes]
) -> dict[bytes, tuple[bytes, bool]]:
    """Return the messages that these names stand for, and whether events are told under the name."""
    statement = (
        "SELECT alias_key, message_key, has_events FROM message_aliases"
        " WHERE company_id = {company} AND alias_key {among}"
    )
    return {row[0]: (row[1], bool(row[2])) for row in bulk.select_among(connection, statement, company_id, keys)}


def read_told_names(connection: sa.Connection, company_id: int, messages: Collection[bytes]) -> dict[bytes, bytes]:
    """Return the other names under which events of these messages are told: name → message."""
    statement = (
        "SELECT alias_key, message_key FROM message_aliases"
        " WHERE company_id = {company} AND message_key {among} AND has_events"
    )
    return {row[0]: row[1] for row in bulk.select_among(connection, statement, company_id, messages)}


def read_brought(connection: sa.Connection, company_id: int, deliveries: Collection[Any]) -> dict[EventKey, list[Any]]:
    """Return the events that these deliveries brought first, each with the other deliveries that brought it, too."""
    statement = (
        "SELECT e.message_key, e.event_key, r.delivery_id FROM events e LEFT JOIN repeated_events r"
        " ON r.company_id = e.company_id AND r.message_key = e.message_key AND r.event_key = e.event_key"
        " WHERE e.company_id = {company} AND e.delivery_id {among}"
    )
    found: dict[EventKey, list[Any]] = {}
    for message, event, other in bulk.select_among(connection, statement, company_id, deliveries):
        others = found.setdefault((message, event), [])
        if other is not None and other not in deliveries:
            others.append(other)
    return found


def insert_events(connection: sa.Connection, company_id: int, rows: Iterable[Row]) -> None:
    """Store new events, in the order of their keys."""
    ordered = sorted(rows, key=lambda row: row.key)
    bulk.insert(connection, "events", _EVENT, [(company_id, *row) for row in ordered])


def change_events(connection: sa.Connection, company_id: int, rows: Sequence[Row]) -> None:
    """Store what another telling of known events changed."""
    columns = {name: kind for name, kind in _EVENT.items() if name not in {"source_id", "delivery_id", "is_clamped"}}
    kept = [place - 1 for place, name in enumerate(_EVENT) if name in columns and name != "company_id"]
    changed = ", ".join(
        f"{name} = :{name}" for name in columns if name not in {"company_id", "message_key", "event_key", "detail"}
    )
    bulk.run(
        connection,
        f"UPDATE events SET {changed}, detail = CASE WHEN detail = '' OR (:detail <> '' AND :detail < detail)"
        " THEN :detail ELSE detail END"
        " WHERE company_id = :company_id AND message_key = :message_key AND event_key = :event_key",
        columns,
        [(company_id, *(row[place] for place in kept)) for row in rows],
    )


def note_repeats(connection: sa.Connection, company_id: int, repeats: Iterable[tuple[EventKey, Any]]) -> None:
    """Remember which further deliveries brought an event."""
    columns = {"company_id": "bigint", "message_key": "bytea", "event_key": "bytea", "delivery_id": "uuid"}
    rows = [(company_id, *key, delivery) for key, delivery in repeats]
    bulk.upsert(connection, "repeated_events", columns, list(columns), rows)


def withdraw(
    connection: sa.Connection, company_id: int, brought: dict[EventKey, list[Any]], deliveries: Collection[Any]
) -> None:
    """Take back what only these deliveries brought; what others brought, too, is theirs from now on."""
    columns = {"company_id": "bigint", "message_key": "bytea", "event_key": "bytea"}
    where = "company_id = :company_id AND message_key = :message_key AND event_key = :event_key"
    gone = [(company_id, *key) for key, others in brought.items() if not others]
    bulk.run(connection, f"DELETE FROM events WHERE {where}", columns, gone)
    heirs = [(company_id, *key, min(others)) for key, others in brought.items() if others]
    columns["delivery_id"] = "uuid"
    bulk.run(connection, f"UPDATE events SET delivery_id = :delivery_id WHERE {where}", columns, heirs)
    bulk.run(
        connection,
        f"DELETE FROM repeated_events WHERE {where} AND delivery_id = :delivery_id",
        columns,
        heirs,
    )
    bulk.run(
        connection,
        "DELETE FROM repeated_events WHERE company_id = :company_id AND delivery_id = :delivery_id",
        {"company_id": "bigint", "delivery_id": "uuid"},
        [(company_id, delivery) for delivery in deliveries],
    )


def write_messages(connection: sa.Connection, company_id: int, rows: Iterable[MessageRow], gone: list[bytes]) -> None:
    """Store messages as they are counted now, and forget those that are no more."""
    ordered = [(company_id, *row) for row in sorted(rows)]
    bulk.upsert(connection, "messages", _MESSAGE, ("company_id", "message_key"), ordered)
    bulk.run(
        connection,
        "DELETE FROM messages WHERE company_id = :company_id AND message_key = :message_key",
        {"company_id": "bigint", "message_key": "bytea"},
        [(company_id, key) for key in sorted(gone)],
    )


def write_aliases(connection: sa.Connection, company_id: int, aliases: dict[bytes, tuple[bytes, bool]]) -> None:
    """Store which message each of these names stands for."""
    rows = [(company_id, name, *aliases[name]) for name in sorted(aliases)]
    bulk.upsert(connection, "message_aliases", _ALIAS, ("company_id", "alias_key"), rows)


def write_outcomes(connection: sa.Connection, company_id: int, outcomes: dict[Any, Outcome]) -> None:
    """Store what became of each delivery."""
    changed = ", ".join(f"{name} = :{name}" for name in _OUTCOME if name not in {"company_id", "id"})
    bulk.run(
        connection,
        f"UPDATE deliveries SET {changed} WHERE company_id = :company_id AND id = :id",
        _OUTCOME,
        [(*outcome, company_id, id_) for id_, outcome in outcomes.items()],
    )


def note_last_events(connection: sa.Connection, company_id: int, instants: dict[int, datetime]) -> None:
    """Write when each source last brought something."""
    bulk.run(
        connection,
        "UPDATE sources SET last_event_at = :at WHERE company_id = :company_id AND id = :id"
        " AND (last_event_at IS NULL OR last_event_at < :at)",
        {"at": "timestamptz", "company_id": "bigint", "id": "bigint"},
        [(at, company_id, id_) for id_, at in sorted(instants.items())],
    )
