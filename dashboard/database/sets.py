"""Many rows in one statement: a batch travels as one JSON value and is read back as a table, on both stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from dashboard.database import sql

# Column name → PostgreSQL type; SQLite needs none.
Columns = dict[str, str]


@lru_cache(maxsize=64)
def _from(dialect: str, columns: tuple[tuple[str, str], ...]) -> str:
    if dialect == "sqlite":
        picked = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _) in enumerate(columns))
        return f"(SELECT {picked} FROM json_each(:rows)) AS r"
    picked = ", ".join(f"(value->>{n})::{kind} AS {name}" for n, (name, kind) in enumerate(columns))
    return f"(SELECT {picked} FROM jsonb_array_elements(CAST(:rows AS jsonb))) AS r"


def run_on(
    connection: sa.Connection, statement: str, columns: Columns, rows: Iterable[Sequence[Any]], **values: Any
) -> sql.RawResult:
    """Run a statement in which `{rows}` stands for the batch as a table named `r`.

    Rows are sequences in the order of the columns: text, integers, days and instants.
    """
    dialect = connection.dialect.name
    table = _from(dialect, tuple(columns.items()))
    batch = orjson.dumps([[sql.encode(value, "sqlite") for value in row] for row in rows]).decode()
    return sql.run(connection, statement.replace("{rows}", table), rows=batch, **values)
