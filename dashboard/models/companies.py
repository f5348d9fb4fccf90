"""Companies: the tenants."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import json_type
from dashboard.models.base import MAX_NAME, NEVER_AGAIN, Base, BigId, Timestamps, length_between

PRIVACY = "privacy"  # a feature: of recipients, pages show only who receives their mail
AUTO_REGISTER = "auto_register"  # a feature: keys seen in mail are registered by themselves
FILE_QUOTA_BYTES = 1_000_000_000  # of a company that has no other


class Company(Timestamps, Base):
    """One tenant. The slug is its public id; the integer stays inside."""

    __tablename__ = "companies"
    __table_args__ = (length_between("slug", 2, 60), length_between("name", 1, MAX_NAME), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    domain: Mapped[str | None]
    timezone: Mapped[str] = mapped_column(default="UTC")
    currency: Mapped[str] = mapped_column(default="USD")
    features: Mapped[list[str]] = mapped_column(json_type(), default=list)
    file_quota_bytes: Mapped[int | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
