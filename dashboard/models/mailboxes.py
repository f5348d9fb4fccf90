"""Mailboxes: the addresses that mail is sent from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import MAX_NAME, Base, check, length_between, refers_to
from dashboard.models.resources import Registered, list_indexes


class MailboxStatus(StrEnum):
    """Whether mail is sent from it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class Mailbox(Registered, Base):
    """An address of one of the company's domains; the address, lower-cased, is its resource key."""

    __tablename__ = "mailboxes"
    __table_args__ = (
        refers_to("domains", "domain_id"),
        sa.UniqueConstraint("company_id", "email"),
        sa.Index("ix_mailboxes_domain_id", "company_id", "domain_id"),
        *list_indexes("mailboxes", "status"),
        length_between("email", 3, 254),
        check("email = lower(email)", "email_lower"),
        length_between("name", 1, MAX_NAME),
        check("daily_limit BETWEEN 1 AND 10000", "daily_limit"),
    )

    domain_id: Mapped[UUID]
    email: Mapped[str]
    name: Mapped[str]
    status: Mapped[MailboxStatus] = mapped_column(choice(MailboxStatus, "status"), default=MailboxStatus.ACTIVE)
    daily_limit: Mapped[int] = mapped_column(sa.Integer)
    is_warming_up: Mapped[bool] = mapped_column(default=False)
    warm_up: Mapped[dict[str, Any] | None] = mapped_column(json_type())  # the plan, kept when it is switched off
    warm_up_since: Mapped[date | None]  # sending days are counted from here, in the company's time zone
    tracks_replies: Mapped[bool] = mapped_column(default=False)

    @property
    def resource_key(self) -> str:
        """The text by which mail names it."""
        return self.email

    @property
    def title(self) -> str:
        """What people call it."""
        return self.email

    @property
    def searched_texts(self) -> tuple[str | None, ...]:
        """What a search looks at."""
        return (self.name, self.email)
