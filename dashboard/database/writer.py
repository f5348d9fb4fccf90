"""What arrives, written past SQLAlchemy's execution layer: one statement for many rows, durable when it returns.

A writer keeps a connection of its own beside the pool and speaks to the driver itself, for between the requests of
providers every turn of the interpreter counts. It writes behind the same lock as everybody.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.bulk import Columns
from dashboard.database.engine import Engines
from dashboard.database.locks import WriteLock

MAX_ROWS = 500  # of one statement: SQLite takes 32,766 values in all
KEPT_S = 600.0  # how long a connection is used before it is made anew

Rows = Sequence[Sequence[Any]]


def open_writer(engines: Engines, statement: str, columns: Columns) -> Writer:
    """Return a writer of one statement, an INSERT in which `{rows}` stands for rows with these columns.

    `{shared}` in it stands for a lock that keeps others from changing the rows of `s` meanwhile: SQLite needs none.
    """
    if engines.lock is not None:
        return _SqliteWriter(engines, statement, columns, engines.lock)
    return _PostgresqlWriter(engines, statement, columns)


class Writer:
    """Writes for one thread at a time; after a fault its next connection is a new one."""

    def __init__(self, engines: Engines, statement: str, columns: Columns) -> None:
        self._engine = engines.base
        self._statement, self._columns = statement, columns
        self._connection: Any = None
        self._taken_at = 0.0
        self._spelled: dict[int, str] = {}  # by the number of rows
        sa.event.listen(engines.base, "engine_disposed", lambda _engine: self.close())

    def encode(self, value: Any) -> Any:
        """Return a value as `write` takes it: what the driver need not think about."""
        raise NotImplementedError

    def write(self, rows: Rows) -> int:
        """Write at most MAX_ROWS encoded rows in a transaction of their own; return how many were written.

        Raises sqlalchemy.exc.DBAPIError, after which nothing was written unless the connection was lost.
        """
        errors = self._engine.dialect.loaded_dbapi.Error
        try:
            return self._insert(self._connected(), rows)
        except errors as error:  # past the execution layer, the driver's own error comes up
            self.close()
            raise sa.exc.DBAPIError.instance(self._statement, None, error, errors) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give up the connection; the next write makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> Any:
        if self._connection is None or time.monotonic() > self._taken_at + KEPT_S:
            self.close()
            self._connection, self._taken_at = self._engine.raw_connection(), time.monotonic()
            self._connection.detach()  # from the pool, which makes another in its place
            self._spelled.clear()
        return self._connection.dbapi_connection

    def _insert(self, connection: Any, rows: Rows) -> int:
        raise NotImplementedError

    def _spell(self, count: int, places: Sequence[str], shared: str = "") -> str:
        """Return the statement for so many rows; `{}` in a place becomes the number of its value."""
        width = len(places)
        spelled = [
            ", ".join(place.format(row * width + column + 1) for column, place in enumerate(places))
            for row in range(count)
        ]
        return self._statement.format(rows=f"VALUES ({'), ('.join(spelled)})", shared=shared)


class _SqliteWriter(Writer):
    def __init__(self, engines: Engines, statement: str, columns: Columns, lock: WriteLock) -> None:
        super().__init__(engines, statement, columns)
        self._lock = lock

    def encode(self, value: Any) -> Any:
        return sql.encode(value, "sqlite")

    def _insert(self, connection: Any, rows: Rows) -> int:
        spelled = self._spelled.get(len(rows))
        if spelled is None:
            spelled = self._spelled[len(rows)] = self._spell(len(rows), ["?"] * len(self._columns))
        values = [value for row in rows for value in row]
        with self._lock:
            return int(connection.execute(spelled, values).rowcount)  # counted where a statement begins with INSERT


class _PostgresqlWriter(Writer):
    """By libpq itself: to have psycopg adapt each value takes longer than the store needs to keep it."""

    def encode(self, value: Any) -> Any:
        if value is None or isinstance(value, bytes):
            return value
        return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()

    def _insert(self, connection: Any, rows: Rows) -> int:
        kinds, count = self._columns.values(), len(rows)
        name = f"write_{count}".encode()
        if count not in self._spelled:
            connection.autocommit = True
            self._spelled[count] = self._spell(count, [f"${{}}::{kind}" for kind in kinds], "FOR KEY SHARE OF s")
            _check(connection, connection.pgconn.prepare(name, self._spelled[count].encode()))
        values = [value for row in rows for value in row]
        formats = [int(kind == "bytea") for kind in kinds] * count  # bytes as they are, the rest as text
        result = connection.pgconn.exec_prepared(name, values, formats)
        _check(connection, result)
        return int(result.command_tuples or 0)


def _check(connection: Any, result: Any) -> None:
    """Raise psycopg's error for a statement that did not succeed."""
    from psycopg import OperationalError, errors, pq

    if result.status == pq.ExecStatus.COMMAND_OK:
        return
    if connection.pgconn.status != pq.ConnStatus.OK:
        raise OperationalError("The connection was lost.")
    raise errors.error_from_result(result)
