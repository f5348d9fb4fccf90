"""Events and messages by the million, copied from those that were counted: nobody measures how they came there."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg

from benchmarks.ingesting.places import Place
from dashboard.models.messages import EventRecord, Message

MIB = 1024


def multiply(place: Place, copies: int) -> int:
    """Copy all events and their messages so many times, each under a name of its own; return the events copied.

    The rollups stay as they are: only what was really counted is in them.
    """
    before = place.count_events()
    if place.engines.is_sqlite:
        _copy_in_sqlite(place, copies)
    else:
        _copy_in_postgresql(place, copies)
    return place.count_events() - before


def _copy_in_sqlite(place: Place, copies: int) -> None:
    connection = sqlite3.connect(place.folder / "dashboard.sqlite3", isolation_level=None)
    for pragma in ("synchronous = OFF", f"cache_size = {-512 * MIB}", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    size = connection.execute("SELECT length(message_key) FROM messages LIMIT 1").fetchone()[0]
    for number in range(1, copies + 1):
        for model in (Message, EventRecord):
            statement = _copy(model, f"CAST(message_key || X'{number:02x}' AS BLOB)", number)
            connection.execute(f"{statement} WHERE length(message_key) = {size}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _copy_in_postgresql(place: Place, copies: int) -> None:
    url = place.engines.base.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        size = connection.execute("SELECT length(message_key) FROM messages LIMIT 1").fetchone()[0]  # type: ignore[index]
        for number in range(1, copies + 1):
            for model in (Message, EventRecord):
                statement = _copy(model, rf"message_key || '\x{number:02x}'::bytea", number)
                connection.execute(f"{statement} WHERE length(message_key) = {size}")  # type: ignore[arg-type]
        connection.execute("VACUUM ANALYZE events")
        connection.execute("VACUUM ANALYZE messages")
        connection.execute("CHECKPOINT")


def _copy(model: Any, key: str, number: int) -> str:
    names = list(model.__table__.columns.keys())
    changed = {"message_key": key, "message_id": f"message_id || '-{number}'", "recipient": f"'{number}' || recipient"}
    picked = ", ".join(changed.get(name, name) for name in names)
    table = model.__tablename__
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {picked} FROM {table}"
