"""Engines: how a transaction begins on each store.

Three modes, an execution option of the engine that a session or connection uses:
`read`  one moment for a whole page: BEGIN on SQLite (a WAL snapshot), REPEATABLE READ READ ONLY on PostgreSQL;
`write` BEGIN IMMEDIATE behind the fair lock on SQLite; READ COMMITTED on PostgreSQL, where row locks order writers;
`single` no transaction around single statements: the poll and other one-statement reads.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from dashboard.database.locks import WriteLock

_HELD = "write_lock_held"


class Mode(StrEnum):
    """What a transaction is for."""

    READ = "read"
    WRITE = "write"
    SINGLE = "single"


_POSTGRES: dict[Mode, dict[str, Any]] = {
    Mode.READ: {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    Mode.WRITE: {"isolation_level": "READ COMMITTED"},
    Mode.SINGLE: {"isolation_level": "AUTOCOMMIT"},
}


class Engines:
    """One connection pool, seen as an engine per mode."""

    def __init__(self, engine: sa.Engine) -> None:
        self.base = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.lock: WriteLock | None = None
        if self.is_sqlite:
            self.lock = _prepare_sqlite(engine)
        else:
            event.listen(engine, "connect", _prepare_connection)
        self._by_mode = {mode: engine.execution_options(**self._options(mode)) for mode in Mode}

    def __getitem__(self, mode: Mode) -> sa.Engine:
        return self._by_mode[mode]

    def checkpoint(self) -> None:
        """Move what SQLite's log holds into the file, without keeping writers out; PostgreSQL does so by itself.

        A commit that finds the log too long does it, too, but behind the write lock, where everybody waits.
        """
        if self.is_sqlite:
            with self[Mode.SINGLE].connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _options(self, mode: Mode) -> dict[str, Any]:
        return {"mode": mode} | ({} if self.is_sqlite else _POSTGRES[mode])


def options(url: str) -> dict[str, Any]:
    """Return what create_engine needs beside the address."""
    if url.startswith("sqlite"):
        return {
            "pool_size": 40,
            "max_overflow": 40,
            "hide_parameters": True,  # errors are logged; the values of statements are people's data
            "connect_args": {"check_same_thread": False, "timeout": 10},
        }
    return {"pool_size": 20, "max_overflow": 20, "hide_parameters": True, "pool_recycle": 1800}


PRAGMAS = (
    "busy_timeout = 10000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -32768",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 4000",  # pages; whoever writes much calls Engines.checkpoint before
)


# An answer of 200 promises that what came is kept: a server or database that was told to be hasty is overruled.
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""


def _prepare_sqlite(engine: sa.Engine) -> WriteLock:
    lock = WriteLock(Path(str(engine.url.database) + ".lock"))

    def begin(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("mode", Mode.READ)
        if mode is Mode.WRITE:
            lock.acquire()
            connection.info[_HELD] = True
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif mode is Mode.READ:
            connection.exec_driver_sql("BEGIN")

    def let_go(_connection: object, record: Any, *_rest: object) -> None:
        if record.info.pop(_HELD, False):
            lock.release()

    event.listen(engine, "connect", _connect_sqlite)
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", let_go)
    event.listen(engine, "invalidate", let_go)
    return lock


def _connect_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_connection(connection: Any, _record: object) -> None:
    """Let a writer that waits too long answer 503, so that no request hangs for good; have commits reach the disk."""
    autocommit = connection.autocommit
    connection.autocommit = True
    connection.execute("SET lock_timeout = '10s'")
    connection.execute(_DURABLE)
    connection.autocommit = autocommit
