"""The declarative base: naming of constraints, column types by annotation, and the tenant's key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from uuid_utils.compat import uuid7

from dashboard.database.types import UTCDateTime
from dashboard.tenancy import TenantScoped

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only an INTEGER key

# SQLite would give the id of a deleted row to the next one.
NEVER_AGAIN = {"sqlite_autoincrement": True}

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Text that is sorted and compared by code point on both stores.
Exact = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

MAX_NAME = 100  # code points of a name that people give
MAX_KEY = 200  # code points of a resource key


class Base(DeclarativeBase):
    """Parent of all models."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UTCDateTime(),
            date: sa.Date(),
            str: sa.Text(),
            bytes: sa.LargeBinary(),
            UUID: sa.Uuid(),
            int: sa.BigInteger(),
        },
    )


def utc_now() -> datetime:
    """Return the present instant; the default of `created_at`, where no caller passes one."""
    return datetime.now(UTC)


class Timestamps:
    """When the row was made and last changed, set by the store's layer."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now, sort_order=91)


class TenantKey(TenantScoped):
    """Primary key (company_id, id), the id a time-ordered UUID made by the program."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-9)


def refers_to(table: str, column: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """Return the composite foreign key (company_id, column) → (company_id, id): never another company's row."""
    return sa.ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"], ondelete=ondelete)


def check(expression: str, name: str) -> sa.CheckConstraint:
    """Return a named check."""
    return sa.CheckConstraint(expression, name=name)


def length_between(column: str, low: int, high: int) -> sa.CheckConstraint:
    """Return a check on the number of code points."""
    return check(f"length({column}) BETWEEN {low} AND {high}", f"{column}_length")


def partial_index(name: str, *columns: str, where: sa.ColumnElement[bool]) -> sa.Index:
    """Return an index over some rows only."""
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)
