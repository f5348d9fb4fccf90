"""Campaigns."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import MAX_KEY, MAX_NAME, Base, check, length_between
from dashboard.models.resources import Registered, list_indexes

MAX_DAILY_LIMIT = 10_000


class CampaignStatus(StrEnum):
    """draft → active ↔ paused → completed; completed → active by an admin."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


class Campaign(Registered, Base):
    """A named stream of mail. Providers name it by its key."""

    __tablename__ = "campaigns"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "key"),
        sa.UniqueConstraint("company_id", "name"),
        *list_indexes("campaigns", "status"),
        length_between("key", 1, MAX_KEY),
        length_between("name", 1, MAX_NAME),
        check(f"daily_limit BETWEEN 1 AND {MAX_DAILY_LIMIT}", "daily_limit"),
    )

    key: Mapped[str]
    name: Mapped[str]
    status: Mapped[CampaignStatus] = mapped_column(choice(CampaignStatus, "status"), default=CampaignStatus.DRAFT)
    daily_limit: Mapped[int] = mapped_column(sa.Integer)
    timezone: Mapped[str]
    track_opens: Mapped[bool] = mapped_column(default=True)
    track_clicks: Mapped[bool] = mapped_column(default=True)

    @property
    def resource_key(self) -> str:
        """The text by which mail names it."""
        return self.key

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name
