"""Run migrations on a connection of the app's; our column types are written as plain SQLAlchemy."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from dashboard.database.engine import Mode
from dashboard.database.types import UTCDateTime
from dashboard.models import Base


def render_item(kind, item, autogen_context):
    """Write a custom type by its plain name, so that a migration does not import the program."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def run() -> None:
    """Run what was asked for in one transaction.

    SQLite changes a table by copying it; with foreign keys on, dropping the old copy would empty the tables that
    refer to it. So they are off meanwhile, and checked before the commit.
    """
    engines = current_app.extensions["engines"]
    mode = Mode.SINGLE if engines.is_sqlite else Mode.WRITE
    with engines[mode].connect() as connection:
        if engines.is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=False,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
            if engines.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise RuntimeError(f"The migration would leave references to nothing: {broken[:5]}")
            connection.commit()
        finally:
            connection.rollback()
            if engines.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")


run()
