"""Sending domains and the DNS records they need."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import Base, TenantKey, Timestamps, check, length_between, refers_to


class DomainStatus(StrEnum):
    """Derived from dated checks of the domain's records."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class Domain(TenantKey, Timestamps, Base):
    """A domain that the company sends from; its name, lower-cased and in IDNA form, is its resource key."""

    __tablename__ = "domains"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "name"),
        length_between("name", 1, 253),
        check("name = lower(name)", "name_lower"),
    )

    name: Mapped[str]
    status: Mapped[DomainStatus] = mapped_column(choice(DomainStatus, "status"), default=DomainStatus.PENDING)
    archived_at: Mapped[datetime | None]


class DomainRecord(TenantKey, Timestamps, Base):
    """One DNS record that should be published for a domain."""

    __tablename__ = "domain_records"
    __table_args__ = (
        refers_to("domains", "domain_id", ondelete="CASCADE"),
        sa.Index("ix_domain_records_domain_id", "company_id", "domain_id"),
    )

    domain_id: Mapped[UUID]
    type: Mapped[str]
    name: Mapped[str]
    value: Mapped[str]
    is_required: Mapped[bool] = mapped_column(default=True)
    verified_at: Mapped[datetime | None]  # when a check last found it as expected
    checked_at: Mapped[datetime | None]
