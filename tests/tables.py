"""Every row of every table, to see what changed."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard.database.engine import Engines, Mode
from dashboard.models import Base


def read_everything(engines: Engines) -> dict[str, list[sa.Row]]:
    """Return every row of every table, by the table's name."""
    with engines[Mode.READ].connect() as connection:
        return {
            table.name: connection.execute(table.select().order_by(*table.primary_key)).all()
            for table in Base.metadata.sorted_tables
        }
