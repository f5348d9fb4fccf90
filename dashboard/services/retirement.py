"""When events and messages go: a message's events 90 days after the last of them, the message itself after 400.

A message without its events is final: what it booked stands, and what is told of it later is kept as too late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.counting.batches import RETENTION_US
from dashboard.database import bulk, sql
from dashboard.database.engine import Engines, Mode
from dashboard.queries import identity
from dashboard.services import counted, leases

EVENTS = timedelta(microseconds=RETENTION_US)
MESSAGES = timedelta(days=400)
CHUNK = 2_000

_KEY: bulk.Columns = {"company_id": "bigint", "message_key": "bytea"}
_MINE = "company_id = :company_id AND message_key = :message_key"


def retire_all(engines: Engines, owner: str, clock: Callable[[], datetime]) -> int:
    """Retire what is past its time in every company whose lease is free; return how many messages were."""
    done = 0
    for company in identity.list_all_companies(engines):
        if leases.take(engines, company.id, owner, clock()):
            try:
                done += _retire(engines, company.id, owner, clock)
            finally:
                leases.give_back(engines, company.id, owner)
    return done


def _retire(engines: Engines, company_id: int, owner: str, clock: Callable[[], datetime]) -> int:
    done = 0
    for step, kept, condition in ((_close, EVENTS, "AND NOT is_final"), (_forget, MESSAGES, "AND is_final")):
        while True:
            with engines[Mode.WRITE].begin() as connection:
                leases.check(connection, company_id, owner, clock())
                keys = _list_old(connection, company_id, clock() - kept, condition)
                step(connection, company_id, keys)
            done += len(keys)
            if len(keys) < CHUNK:
                break
    return done


def _list_old(connection: sa.Connection, company_id: int, before: datetime, condition: str) -> list[bytes]:
    rows = sql.run(
        connection,
        "SELECT message_key FROM messages WHERE company_id = :company_id AND last_at_us < :before "
        f"{condition} ORDER BY last_at_us LIMIT :most",
        company_id=company_id, before=int(before.timestamp() * 1_000_000), most=CHUNK,
    )  # fmt: skip
    return sorted(bytes(row[0]) for row in rows)


def _close(connection: sa.Connection, company_id: int, keys: list[bytes]) -> None:
    """Drop the events of these messages, told under whichever name; what they booked stands."""
    homes = sorted({*keys, *counted.read_told_names(connection, company_id, keys)})
    told = [(company_id, home) for home in homes]
    for table in ("events", "repeated_events"):
        bulk.run(connection, f"DELETE FROM {table} WHERE {_MINE}", _KEY, told)
    mine = [(company_id, key) for key in keys]
    bulk.run(connection, f"UPDATE messages SET is_final = true WHERE {_MINE}", _KEY, mine)


def _forget(connection: sa.Connection, company_id: int, keys: list[bytes]) -> None:
    mine = [(company_id, key) for key in keys]
    for table in ("message_aliases", "events", "repeated_events", "messages"):
        bulk.run(connection, f"DELETE FROM {table} WHERE {_MINE}", _KEY, mine)
