"""Sending domains and the DNS records they need."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import Base, Exact, TenantKey, check, length_between, refers_to
from dashboard.models.resources import Registered, list_indexes
from dashboard.tenancy import DirectoryScoped
from dashboard.vocabulary.keys import shown_domain


class DomainStatus(StrEnum):
    """Derived from dated checks of the domain's records."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class Domain(Registered, Base):
    """A domain that the company sends from; its name, lower-cased and in IDNA form, is its resource key."""

    __tablename__ = "domains"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "name"),
        *list_indexes("domains", "status"),
        length_between("name", 1, 253),
        check("name = lower(name)", "name_lower"),
    )

    name: Mapped[str]
    status: Mapped[DomainStatus] = mapped_column(choice(DomainStatus, "status"), default=DomainStatus.PENDING)
    token: Mapped[str] = mapped_column(default="")  # proves that the domain is the company's
    providers: Mapped[list[str]] = mapped_column(json_type(), default=list)  # slugs of those that send for it
    config: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)  # selectors, return path, tracking
    tracks_replies: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime | None]  # when its records were last looked up
    failing_since: Mapped[datetime | None]  # the first of the failing checks that the newest one belongs to
    next_check_at: Mapped[datetime | None]  # None: as soon as possible
    asked_at: Mapped[datetime | None]  # when somebody asked for a check that has not come yet

    @property
    def resource_key(self) -> str:
        """The text by which mail names it."""
        return self.name

    @property
    def title(self) -> str:
        """What people call it."""
        return shown_domain(self.name)


class DomainCheck(TenantKey, Base):
    """What was found when a domain's records were looked up; checks that found the same share a row."""

    __tablename__ = "domain_checks"
    __table_args__ = (
        refers_to("domains", "domain_id", ondelete="CASCADE"),
        sa.Index("ix_domain_checks_domain", "company_id", "domain_id", "first_at"),
        check("first_at <= last_at", "instants"),
    )

    domain_id: Mapped[UUID]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]  # the newest check that found the same
    count: Mapped[int] = mapped_column(sa.Integer, default=1)
    status: Mapped[DomainStatus] = mapped_column(choice(DomainStatus, "status"))  # of the domain, after it
    is_failing: Mapped[bool]
    findings: Mapped[list[Any]] = mapped_column(json_type(), default=list)
    changes: Mapped[list[str]] = mapped_column(json_type(), default=list)  # sentences: what differs from before


class VerifiedDomain(DirectoryScoped, Base):
    """Which company has proved that a domain is its own: one of all companies."""

    __tablename__ = "verified_domains"

    name: Mapped[str] = mapped_column(Exact, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id", ondelete="CASCADE"), index=True)
    verified_at: Mapped[datetime]
