"""The numbers: daily counters per resource, their totals per day, and the state of a company's numbers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import MAX_KEY, Base, Exact, check
from dashboard.tenancy import TenantScoped
from dashboard.vocabulary.analytics import Basis, Origin, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, MAX_COUNT, SIX


class Counters:
    """The counter columns, in the order of vocabulary.metrics.COUNTERS."""

    sent: Mapped[int] = mapped_column(default=0, sort_order=10)
    delivered: Mapped[int] = mapped_column(default=0, sort_order=11)
    opened: Mapped[int] = mapped_column(default=0, sort_order=12)
    clicked: Mapped[int] = mapped_column(default=0, sort_order=13)
    replied: Mapped[int] = mapped_column(default=0, sort_order=14)
    bounced: Mapped[int] = mapped_column(default=0, sort_order=15)
    hard_bounced: Mapped[int] = mapped_column(default=0, sort_order=16)
    soft_bounced: Mapped[int] = mapped_column(default=0, sort_order=17)
    complained: Mapped[int] = mapped_column(default=0, sort_order=18)
    unsubscribed: Mapped[int] = mapped_column(default=0, sort_order=19)
    deferred: Mapped[int] = mapped_column(default=0, sort_order=20)
    rejected: Mapped[int] = mapped_column(default=0, sort_order=21)
    machine_opened: Mapped[int] = mapped_column(default=0, sort_order=22)
    machine_clicked: Mapped[int] = mapped_column(default=0, sort_order=23)
    total_opens: Mapped[int] = mapped_column(default=0, sort_order=24)
    total_clicks: Mapped[int] = mapped_column(default=0, sort_order=25)


def _in_range() -> sa.CheckConstraint:
    return check(" AND ".join(f"{name} BETWEEN 0 AND {MAX_COUNT}" for name in COUNTERS), "counters")


class AnalyticsRecord(TenantScoped, Counters, Base):
    """One source's numbers of one resource on one day, by one time basis.

    The index covers windows over days (league tables, exports), the key covers one resource over time.
    """

    __tablename__ = "analytics"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        _in_range(),
        check(f"length(resource_key) <= {MAX_KEY}", "resource_key_length"),
        sa.Index(
            "ix_analytics_days",
            "company_id", "basis", "type", "day", "resource_key", "source_id", "origin", *SIX,
        ),
        sa.Index("ix_analytics_serial", "company_id", "basis", "serial"),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    basis: Mapped[Basis] = mapped_column(choice(Basis, "basis"), primary_key=True)
    type: Mapped[ResourceType] = mapped_column(choice(ResourceType, "type"), primary_key=True)
    resource_key: Mapped[str] = mapped_column(Exact, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[Origin] = mapped_column(choice(Origin, "origin"), primary_key=True)
    serial: Mapped[int] = mapped_column(sort_order=80)  # rises with each new row of the company: newest first
    created_at: Mapped[datetime] = mapped_column(sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(sort_order=91)


class TotalsRecord(TenantScoped, Counters, Base):
    """The sum of AnalyticsRecord over resources and sources, kept in the same transaction."""

    __tablename__ = "analytics_totals"
    __table_args__ = (_in_range(), {"sqlite_with_rowid": False})

    basis: Mapped[Basis] = mapped_column(choice(Basis, "basis"), primary_key=True)
    type: Mapped[ResourceType] = mapped_column(choice(ResourceType, "type"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(choice(Origin, "origin"), primary_key=True)


class BreakdownRecord(TenantScoped, Base):
    """The six counts of a send day for one way that mail took: the finest sums, of which breakdowns are made.

    Counted from events only, in the transaction that changes AnalyticsRecord, of which each is a part.
    """

    __tablename__ = "analytics_breakdown"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        check(" AND ".join(f"{name} BETWEEN 0 AND {MAX_COUNT}" for name in SIX), "counters"),
        sa.Index("ix_analytics_breakdown_campaign", "company_id", "campaign", "day"),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(Exact, primary_key=True)
    template: Mapped[str] = mapped_column(Exact, primary_key=True)
    mailbox: Mapped[str] = mapped_column(Exact, primary_key=True)
    domain: Mapped[str] = mapped_column(Exact, primary_key=True)
    receiver: Mapped[str] = mapped_column(Exact, primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent: Mapped[int]
    delivered: Mapped[int]
    opened: Mapped[int]
    clicked: Mapped[int]
    replied: Mapped[int]
    bounced: Mapped[int]


class CompanyState(TenantScoped, Base):
    """One row per company: locked by whoever changes its numbers, and raised for every change that pages show."""

    __tablename__ = "company_state"

    version: Mapped[int] = mapped_column(default=1)
    next_serial: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]  # when the version was last raised
    numbers_at: Mapped[datetime | None]  # when numbers last arrived
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
