"""The company's state row: locked before numbers are read for change, raised as the last statement of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.database import sql


@dataclass(frozen=True, slots=True)
class LockedState:
    """The state as it was when the lock was taken."""

    version: int
    next_serial: int


def lock(connection: sa.Connection, company_id: int) -> LockedState:
    """Wait until no other transaction changes the company's numbers, and keep others out until this one ends.

    On SQLite the write transaction itself is the lock.
    """
    suffix = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
    row = sql.run(
        connection,
        "SELECT version, next_serial FROM company_state WHERE company_id = :company_id" + suffix,
        company_id=company_id,
    ).one()
    return LockedState(*row)


def raise_version(
    connection: sa.Connection, company_id: int, now: datetime, *, new_rows: int = 0, numbers: bool = False
) -> None:
    """Tell every open page of the company that something changed; `new_rows` serials were used up."""
    sql.run(
        connection,
        "UPDATE company_state SET version = version + 1, next_serial = next_serial + :new_rows, changed_at = :now"
        + (", numbers_at = :now" if numbers else "")
        + " WHERE company_id = :company_id",
        company_id=company_id,
        now=now,
        new_rows=new_rows,
    )
