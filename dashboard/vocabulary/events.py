"""One normalised thing that happened to one message, whoever told us."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    """What can happen to a message; every provider's words are translated to these."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    REPLIED = "replied"
    AUTORESPONDED = "autoresponded"
    IGNORED = "ignored"


class Bounce(StrEnum):
    """How final a bounce is: hard for an address that does not exist, soft for any other reason to give up."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as an adapter reads it. Instants are whole microseconds since 1970 in UTC.

    `sent_at_us` is the provider's send time where the event carries one. Tags and metadata are as the provider
    gave them; campaign, template, mailbox and domain are what the adapter found by the one convention for all.
    """

    type: EventType
    at_us: int
    message_id: str
    recipient: str = ""
    sent_at_us: int | None = None
    provider_event_id: str = ""
    tags: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    campaign: str | None = None
    template: str | None = None
    mailbox: str | None = None
    domain: str | None = None
    bounce: Bounce | None = None
    is_machine: bool = False
    text: str = ""
    url: str = ""
    user_agent: str = ""
    ip: str = ""
    subject: str = ""
    sender: str = ""
    aliases: tuple[str, ...] = ()  # other ids by which the provider names the same message
    in_reply_to: tuple[str, ...] = ()  # Message-IDs that an inbound message answers
