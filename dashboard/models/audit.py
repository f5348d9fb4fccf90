"""Who changed what, and the marks under the charts that say why a curve moved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import MAX_KEY, Base, TenantKey, length_between
from dashboard.vocabulary.analytics import ResourceType


class AuditEntry(TenantKey, Base):
    """One change, written in the transaction that made it; never edited."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_at", "company_id", "at"),
        sa.Index("ix_audit_entries_subject", "company_id", "subject_type", "subject_key", "at"),
    )

    at: Mapped[datetime]
    actor: Mapped[str]  # an e-mail address, "key <name>", "source <name>" or "command line"
    action: Mapped[str]
    subject_type: Mapped[str] = mapped_column(default="")
    subject_key: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, object]] = mapped_column(json_type(), default=dict)
    request_id: Mapped[str] = mapped_column(default="")


class MarkKind(StrEnum):
    """What kind of cause a mark names."""

    DNS = "dns"
    TEMPLATE = "template"
    PAUSE = "pause"
    LIMIT = "limit"
    NOTE = "note"


class Mark(TenantKey, Base):
    """A cause on a day: of the whole company, or of one resource."""

    __tablename__ = "marks"
    __table_args__ = (
        sa.Index("ix_marks_day", "company_id", "day"),
        length_between("title", 1, MAX_KEY),
    )

    day: Mapped[date]
    at: Mapped[datetime]
    kind: Mapped[MarkKind] = mapped_column(choice(MarkKind, "kind"))
    title: Mapped[str]
    resource_type: Mapped[ResourceType | None] = mapped_column(choice(ResourceType, "resource_type"))
    resource_key: Mapped[str | None]
