"""Templates."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import json_type
from dashboard.models.base import MAX_KEY, MAX_NAME, Base, TenantKey, Timestamps, length_between


class Template(TenantKey, Timestamps, Base):
    """Subject and body of mails, with the variables they use."""

    __tablename__ = "templates"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "key"),
        sa.UniqueConstraint("company_id", "name"),
        length_between("key", 1, MAX_KEY),
        length_between("name", 1, MAX_NAME),
    )

    key: Mapped[str]
    name: Mapped[str]
    subject: Mapped[str]
    content: Mapped[str]
    variables: Mapped[list[str]] = mapped_column(json_type(), default=list)
    category: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]
