"""Raw SQL for the hot paths: one spelling for both stores, values encoded for each.

Statements are written with `:name` parameters and run through the driver, past the ORM and past Core's
compiler, which would cost more than the query itself. Only functions that take `company_id` use this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, overload
from uuid import UUID

import sqlalchemy as sa

# Rows of statements that no compiler has seen: tuples of anything.
RawResult = sa.CursorResult[*tuple[Any, ...]]

_PARAMETER = re.compile(r"(?<!:):(\w+)")


@lru_cache(maxsize=512)
def spelled(statement: str, dialect: str) -> str:
    """Return the statement with the driver's parameter style (`:name` or `%(name)s`)."""
    return statement if dialect == "sqlite" else _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


def encode(value: Any, dialect: str) -> Any:
    """Return the value as the driver stores it; on SQLite days and instants are text, as SQLAlchemy writes them."""
    if dialect != "sqlite":
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else value


def run(connection: sa.Connection, statement: str, **values: Any) -> RawResult:
    """Run one statement with its values."""
    dialect = connection.dialect.name
    return connection.exec_driver_sql(
        spelled(statement, dialect), {name: encode(value, dialect) for name, value in values.items()}
    )


def run_many(connection: sa.Connection, statement: str, rows: Iterable[dict[str, Any]]) -> None:
    """Run one statement for each row, in order."""
    dialect = connection.dialect.name
    encoded = [{name: encode(value, dialect) for name, value in row.items()} for row in rows]
    if encoded:
        connection.exec_driver_sql(spelled(statement, dialect), encoded)


def as_day(value: Any) -> date:
    """Return a day read by a raw statement."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def as_id(value: Any) -> UUID | None:
    """Return an id read by a raw statement."""
    return UUID(value) if isinstance(value, str) else value


@overload
def as_instant(value: None) -> None: ...
@overload
def as_instant(value: Any) -> datetime: ...
def as_instant(value: Any) -> datetime | None:
    """Return an aware instant read by a raw statement."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def in_list(names: Sequence[Any], prefix: str = "v") -> tuple[str, dict[str, Any]]:
    """Return `:v0, :v1, ...` and its values, for a short list of known length."""
    return ", ".join(f":{prefix}{n}" for n in range(len(names))), {f"{prefix}{n}": v for n, v in enumerate(names)}
