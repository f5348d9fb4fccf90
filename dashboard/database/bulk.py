"""Many rows with binary keys: the fastest way in and out that each driver has.

SQLite repeats one statement for a list of rows; PostgreSQL copies rows in, or takes them as arrays. Keys are bytes,
which cannot travel as JSON; for rows without them see `sets`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from dashboard.database import sql

# Column name → PostgreSQL type.
Columns = dict[str, str]

_KEYS_AT_ONCE = 500
_ENCODED = frozenset({"uuid", "timestamptz", "date"})


def insert(connection: sa.Connection, table: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that are known to be new."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", _encoded(columns, rows))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def upsert(
    connection: sa.Connection, table: str, columns: Columns, key: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, or replace those with the same key; each key stands in one row only."""
    if not rows:
        return
    names = ", ".join(columns)
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    then = f"ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {changed}" if changed else "NOTHING")
    _each(connection, f"INSERT INTO {table} ({names}) {{rows}} {then}", columns, rows)


def run(connection: sa.Connection, statement: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement with named parameters (`:name`, each a column) once for each row."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        named = [dict(zip(columns, row, strict=True)) for row in _encoded(columns, rows)]
        connection.exec_driver_sql(statement, named)
    else:
        spelled = sql.spelled(statement, "postgresql")
        connection.exec_driver_sql(spelled, [dict(zip(columns, row, strict=True)) for row in rows])


def select_among(
    connection: sa.Connection, statement: str, company_id: int, keys: Collection[Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement whose `{company}` and `{among}` (in this order) stand for values.

    `{among}` is `IN (...)` or `= ANY(...)`: the statement writes the column before it.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    left = iter(keys)
    while chunk := list(islice(left, _KEYS_AT_ONCE if is_sqlite else 50_000)):
        if is_sqlite:
            spelled = statement.format(company="?", among=f"IN ({', '.join('?' * len(chunk))})")
            values: Any = (company_id, *(sql.encode(key, "sqlite") for key in chunk))
        else:
            spelled = statement.format(company="%(company)s", among="= ANY(%(keys)s)")
            values = {"company": company_id, "keys": chunk}
        yield from connection.exec_driver_sql(spelled, values)


def _each(connection: sa.Connection, statement: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(statement.format(rows=f"VALUES ({places})"), _encoded(columns, rows))
        return
    arrays = ", ".join(f"%(c{n})s::{kind}[]" for n, kind in enumerate(columns.values()))
    values = {f"c{n}": list(column) for n, column in enumerate(zip(*rows, strict=True))}
    connection.exec_driver_sql(statement.format(rows=f"SELECT * FROM unnest({arrays})"), values)


def _encoded(columns: Columns, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return the rows as SQLite's driver stores them; most kinds of values need nothing."""
    places = [place for place, kind in enumerate(columns.values()) if kind in _ENCODED]
    if not places:
        return rows
    encoded = []
    for row in rows:
        values = list(row)
        for place in places:
            values[place] = sql.encode(values[place], "sqlite")
        encoded.append(tuple(values))
    return encoded
