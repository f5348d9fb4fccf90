"""What came in: raw deliveries, remembered webhook ids, and answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import Base, TenantKey, partial_index
from dashboard.tenancy import TenantScoped


class DeliveryState(StrEnum):
    """What became of a delivery; how many of its elements were new or repeated are counts beside it."""

    PENDING = "pending"
    COUNTED = "counted"
    PARTLY = "partly"
    UNREADABLE = "unreadable"
    REJECTED = "rejected"
    HELD = "held"


# Few deliveries are not counted as a whole; spelled so that SQLite sees that `state = 'held'` implies it.
_IS_ODD = sa.or_(*(sa.column("state") == one for one in ("partly", "unreadable", "rejected", "held")))


class Delivery(TenantKey, Base):
    """One HTTP request from a source, raw; durable before the sender hears 200."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        sa.Index("ix_deliveries_source", "company_id", "source_id", "received_at"),
        sa.Index("ix_deliveries_state", "company_id", "state", "received_at"),
        partial_index("ix_deliveries_pending", "company_id", "received_at", where=sa.column("state") == "pending"),
        partial_index("ix_deliveries_odd", "company_id", "source_id", "state", "received_at", where=_IS_ODD),
    )

    source_id: Mapped[int]
    received_at: Mapped[datetime]
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "state"))
    reason: Mapped[str] = mapped_column(default="")
    headers: Mapped[dict[str, str]] = mapped_column(json_type(), default=dict)
    body: Mapped[bytes | None]  # zlib; a rejected sample has none
    size_bytes: Mapped[int] = mapped_column(sa.Integer)  # of the body as it came
    new_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    duplicate_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    ignored_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    unreadable_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    late_count: Mapped[int] = mapped_column(sa.Integer, default=0)  # of the new ones, too late to be counted
    duration_ms: Mapped[int] = mapped_column(sa.Integer, default=0)
    counted_at: Mapped[datetime | None]


class WebhookId(TenantScoped, Base):
    """An id of Standard Webhooks that was answered with 200; a repeat has no effect for 30 days."""

    __tablename__ = "webhook_ids"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        sa.Index("ix_webhook_ids_received_at", "company_id", "received_at"),
    )

    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]


class IdempotencyKey(TenantScoped, Base):
    """A request that carries an Idempotency-Key: claimed while in flight, then the answer, kept for a day."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["company_id", "api_key_id"], ["api_keys.company_id", "api_keys.id"], ondelete="CASCADE"
        ),
        sa.Index("ix_idempotency_keys_expires_at", "company_id", "expires_at"),
    )

    api_key_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[bytes]
    claim: Mapped[bytes]  # random; only the request that holds it may write the answer
    status: Mapped[int | None] = mapped_column(sa.Integer)  # None while the first request is in flight
    answer: Mapped[bytes | None]
    expires_at: Mapped[datetime]
