"""What was told of messages: events as accepted, messages as last counted, and other names of the same message."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import Base, Exact, TenantKey, Timestamps, partial_index
from dashboard.tenancy import TenantScoped
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.events import Bounce, EventType


class EventRecord(TenantScoped, Base):
    """One accepted event, beside the others of its message. Instants are microseconds since 1970 in UTC.

    `message_key` is where the event was told: the message's own key, or that of another name of it (MessageAlias).
    """

    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_delivery", "company_id", "delivery_id"),
        {"sqlite_with_rowid": False},
    )

    message_key: Mapped[bytes] = mapped_column(primary_key=True)
    event_key: Mapped[bytes] = mapped_column(primary_key=True)
    at_us: Mapped[int]  # not later than ten minutes after it was received
    type: Mapped[EventType] = mapped_column(choice(EventType, "type"))
    bounce: Mapped[Bounce | None] = mapped_column(choice(Bounce, "bounce"))
    is_flagged: Mapped[bool]  # by the provider, as done by a machine
    sent_at_us: Mapped[int | None]
    campaign: Mapped[str | None] = mapped_column(Exact)
    template: Mapped[str | None] = mapped_column(Exact)
    mailbox: Mapped[str | None] = mapped_column(Exact)
    domain: Mapped[str | None] = mapped_column(Exact)
    url: Mapped[str]
    user_agent: Mapped[str] = mapped_column(Exact)
    is_late: Mapped[bool]  # came after the retention of its message: kept, not counted
    is_clamped: Mapped[bool]  # its instant lay in the future
    source_id: Mapped[int]
    delivery_id: Mapped[UUID]  # the first that brought it
    detail: Mapped[str] = mapped_column(Exact)  # JSON: what nobody counts, but somebody wants to read


class RepeatedEvent(TenantScoped, Base):
    """A further delivery that brought an event."""

    __tablename__ = "repeated_events"
    __table_args__ = (
        sa.Index("ix_repeated_events_delivery", "company_id", "delivery_id"),
        {"sqlite_with_rowid": False},
    )

    message_key: Mapped[bytes] = mapped_column(primary_key=True)
    event_key: Mapped[bytes] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)


class Message(TenantScoped, Base):
    """One mail to one recipient: what is known of it, and what it added to the rollups when it was last counted."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["sources.company_id", "sources.id"]),
        sa.Index("ix_messages_recipient", "company_id", "recipient", "last_at_us"),
        sa.Index("ix_messages_message_id", "company_id", "message_id"),
        sa.Index("ix_messages_last_at_us", "company_id", "last_at_us"),
        partial_index(
            "ix_messages_campaign", "company_id", "campaign", "sent_at_us", where=sa.column("campaign").is_not(None)
        ),
        partial_index("ix_messages_trouble", "company_id", "trouble_at_us", where=sa.column("trouble").is_not(None)),
        partial_index(
            "ix_messages_troubled",
            "company_id",
            "recipient",
            "trouble",
            "trouble_at_us",
            where=sa.column("trouble").is_not(None),
        ),
        {"sqlite_with_rowid": False},
    )

    message_key: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[int]
    message_id: Mapped[str] = mapped_column(Exact)
    recipient: Mapped[str] = mapped_column(Exact)  # lower-cased
    state: Mapped[str]  # the last word on it: a type of event
    sent_at_us: Mapped[int]
    last_at_us: Mapped[int]
    trouble: Mapped[str | None]  # why its recipient should not be written to: hard, soft, rejected, ...
    trouble_at_us: Mapped[int | None]
    is_matched: Mapped[bool]  # false: told under another name only, and not counted until that is known
    is_final: Mapped[bool]  # its events are past retention; what comes now is too late
    campaign: Mapped[str | None] = mapped_column(Exact)  # that it was counted as sent for
    booked: Mapped[bytes]  # its contribution as counted


class MessageAlias(TenantScoped, Base):
    """Another name by which a message is told of, such as its Message-ID; of several messages the smallest key wins."""

    __tablename__ = "message_aliases"
    __table_args__ = (
        # With all that its readers ask for: else SQLite, which knows no numbers, walks through the primary key instead.
        sa.Index("ix_message_aliases_message", "company_id", "message_key", "has_events"),
        {"sqlite_with_rowid": False},
    )

    alias_key: Mapped[bytes] = mapped_column(primary_key=True)
    message_key: Mapped[bytes]
    has_events: Mapped[bool]  # whether events are told under this name


class RuleField(StrEnum):
    """Where a mapping rule looks."""

    TAG = "tag"
    SENDER = "sender"
    SUBJECT = "subject"
    METADATA = "metadata"


class MappingRule(TenantKey, Timestamps, Base):
    """A company's own rule: mail whose tag, sender, subject or metadata looks like this belongs to that resource."""

    __tablename__ = "mapping_rules"

    position: Mapped[int] = mapped_column(sa.Integer)
    type: Mapped[ResourceType] = mapped_column(choice(ResourceType, "type"))
    field: Mapped[RuleField] = mapped_column(choice(RuleField, "field"))
    name: Mapped[str] = mapped_column(default="")  # of the metadata
    pattern: Mapped[str]  # `*` stands for any text
    resource_key: Mapped[str] = mapped_column(Exact)
