"""Ways in: sources and API keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import MAX_NAME, NEVER_AGAIN, Base, BigId, Timestamps, length_between
from dashboard.tenancy import DirectoryScoped


class SourceKind(StrEnum):
    """Our own ways in; every other kind is the slug of a provider, known by its file in providers/."""

    GENERIC = "generic"
    API = "api"
    SYNC = "sync"
    IMPORT = "import"


class SourceStatus(StrEnum):
    """Whether deliveries are counted, held, or no longer taken."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


class Source(DirectoryScoped, Timestamps, Base):
    """One configured way in. Deleting it keeps the row: its numbers stay and must name where they came from."""

    __tablename__ = "sources"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "id"),
        sa.UniqueConstraint("company_id", "name"),
        length_between("name", 1, MAX_NAME),
        length_between("kind", 1, 40),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str]
    status: Mapped[SourceStatus] = mapped_column(choice(SourceStatus, "status"), default=SourceStatus.ACTIVE)
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)  # of the secret part of its address
    sealed: Mapped[bytes | None]  # token and secrets, encrypted with the data keys
    config: Mapped[dict[str, object]] = mapped_column(json_type(), default=dict)
    last_event_at: Mapped[datetime | None]


class ApiKey(DirectoryScoped, Base):
    """A program's key: a readable prefix and the SHA-256 of the whole, never the key."""

    __tablename__ = "api_keys"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "id"),
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        sa.Index("ix_api_keys_company_id_source_id", "company_id", "source_id"),
        length_between("name", 1, MAX_NAME),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    scopes: Mapped[str]  # the scopes' letters in the order r, w, e
    source_id: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
