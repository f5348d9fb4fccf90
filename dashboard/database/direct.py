"""One row by one statement, past SQLAlchemy's execution layer: for what every request and every poll asks first.

The connection comes from the same pool and goes back to it; nothing is written, so there is no transaction.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.engine import Engines


def read_one(engines: Engines, statement: str, **values: Any) -> tuple[Any, ...] | None:
    """Return the first row, or None; raises sqlalchemy.exc.OperationalError when the store cannot be reached."""
    dialect = engines.base.dialect
    try:
        connection = engines.base.raw_connection()
    except dialect.loaded_dbapi.Error as error:  # past the execution layer, the driver's own error comes up
        raise sa.exc.OperationalError(statement, None, error) from error
    try:
        if not engines.is_sqlite:
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]  # psycopg's
        cursor = connection.cursor()
        cursor.execute(
            sql.spelled(statement, dialect.name),
            {name: sql.encode(value, dialect.name) for name, value in values.items()},
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    except dialect.loaded_dbapi.Error as error:
        connection.invalidate(error)
        raise sa.exc.OperationalError(statement, None, error) from error
    finally:
        if connection.is_valid and not engines.is_sqlite:
            connection.dbapi_connection.autocommit = False  # type: ignore[union-attr]
        connection.close()
    return row
