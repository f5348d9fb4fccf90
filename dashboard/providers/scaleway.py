"""Scaleway Transactional Email, which tells its events through Topics and Events, a likeness of Amazon SNS.

Sources: https://www.scaleway.com/en/docs/transactional-email/reference-content/webhook-events-payloads/,
https://www.scaleway.com/en/docs/topics-and-events/how-to/create-manage-subscriptions/.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from dashboard.providers import sns
from dashboard.providers.base import (
    MAX_ADDRESS,
    MAX_ID,
    Composed,
    Guide,
    Parsed,
    Secret,
    Subscription,
    TrialKeys,
    Unreadable,
    address_of,
    as_list,
    bare_id,
    basic_headers,
    check_basic,
    iso_of,
    iso_us,
    pairs,
    parse_each,
    resources,
    text,
)
from dashboard.providers.inbound import header_map
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

TYPES = {
    "email_queued": EventType.QUEUED,
    "email_delivered": EventType.DELIVERED,
    "email_deferred": EventType.DEFERRED,
    "email_mailbox_not_found": EventType.BOUNCED,
    "email_dropped": EventType.BOUNCED,
    "email_spam": EventType.REJECTED,
    "email_blocklisted": EventType.REJECTED,
}
CONFIRM_URL = re.compile(r"https://sns\.mnq\.[a-z0-9-]+\.scaleway\.com/[!-~]*")  # other hosts there are customers'

name = "scaleway"
guide = Guide(
    title="Scaleway",
    secret=Secret.BASIC,
    steps=(
        "In the Scaleway console open Topics and Events, create a topic, and open it.",
        "Press Create subscription, choose HTTPS, and paste the address below as the endpoint.",
        "Reload until the subscription is Confirmed; Sendscope confirms it by itself.",
        "Open Transactional Email, your domain, Webhooks, and press Create Webhook.",
        "Choose the topic and all events that begin with email_, and press Create Webhook.",
    ),
    words=(
        *((word, kind.value) for word, kind in TYPES.items() if kind is not EventType.BOUNCED),
        ("email_mailbox_not_found", "bounced, hard"),
        ("email_dropped", "bounced, hard"),
        ("blocklist_created, unknown_type and others", "ignored"),
    ),
    secret_hint="Leave this empty unless something in front of Sendscope adds user:password to Scaleway's requests.",
    keys_hint="Send the headers X-Campaign-ID and X-Template-ID with each mail; mailbox is that of From, and domain is "
    "Scaleway's domain.",
)
batch = 1


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check HTTP Basic or a bearer token where a secret was set; else the address alone is the proof."""
    check_basic(delivery, connection, now)


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the events within a notification, or without an envelope as they are."""
    try:
        envelope = sns.read_envelope(delivery.body)
    except Unreadable:
        envelope = {"Type": sns.NOTIFICATION, "Message": delivery.body.decode("utf-8", "replace")}
    message = sns.read_message(envelope) if envelope["Type"] == sns.NOTIFICATION else None
    if message is None:
        return Parsed([Event(type=EventType.IGNORED, at_us=0, message_id="")])
    return parse_each(as_list(message), _read)


def subscription(delivery: ReceivedDelivery) -> Subscription | None:
    """Return the topic that speaks, and the address that confirms a new one if it is Scaleway's."""
    return sns.subscription_of(delivery, CONFIRM_URL)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write one event as Scaleway would through a topic; what it never tells becomes an empty message."""
    event = events[0]
    words = [word for word, kind in TYPES.items() if kind is event.type and event.bounce is not Bounce.SOFT]
    message = _write(words[0], event) if words else []
    envelope = sns.notify(message, now, subject="Scaleway Transactional Email", host="sns.mnq.fr-par.scaleway.com")
    return Composed(orjson.dumps(envelope), sns.headers_of(envelope) | basic_headers(keys))


def _read(element: dict[str, Any]) -> Iterator[Event]:
    kind = TYPES.get(text(element["type"], 100), EventType.IGNORED)
    event_id = text(element.get("id"), MAX_ID)
    if kind is EventType.IGNORED:
        yield Event(type=kind, at_us=0, message_id="", provider_event_id=event_id)
        return
    headers = header_map(element.get("email_headers"))
    metadata, tags = sns.own_words(element.get("email_headers"))
    written_id = bare_id(headers.get("message-id"))
    message_id = text(element.get("email_id"), MAX_ID) or written_id or event_id  # blocklisted mail gets no id
    sender = element.get("email_from")
    found = resources(metadata, tags, sender=sender, domain=element.get("domain_name"))
    yield Event(
        type=kind,
        at_us=iso_us(element["created_at"]),
        message_id=message_id,
        recipient=text(element.get("email_to") or element.get("email_rcpt_to"), MAX_ADDRESS).strip(),
        sent_at_us=sns.moment(element.get("email_queued_at") or element.get("email_sent_at")),
        provider_event_id=event_id,
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=Bounce.HARD if kind is EventType.BOUNCED else None,
        text=_reason(element),
        subject=text(headers.get("subject")),
        sender=address_of(sender)[:MAX_ADDRESS],
        aliases=tuple(one for one in (written_id,) if one not in {"", message_id}),
    )


def _reason(element: dict[str, Any]) -> str:
    told = (element.get(field) for field in ("blocklist_reason", "email_response_message", "email_error"))
    return next((text(one) for one in told if one), "")


def _write(word: str, event: Event) -> dict[str, Any]:
    sender = event.sender or event.mailbox or "news@mail.example.com"
    headers = {
        "Message-ID": f"<{event.aliases[0] if event.aliases else event.message_id.strip('<>') + '@mail.example.com'}>",
        "Subject": event.subject,
        "X-Campaign-ID": event.campaign,
        "X-Template-ID": event.template,
        "X-Mailbox-ID": event.mailbox if event.mailbox != address_of(sender) else "",
    }
    code, reply = (250, "2.0.0 OK") if event.type is EventType.DELIVERED else (550, "5.1.1 user unknown")
    return {
        "id": str(uuid.uuid4()),
        "type": word,
        "organization_id": str(uuid.UUID(int=1)),
        "project_id": str(uuid.UUID(int=2)),
        "domain_id": str(uuid.UUID(int=3)),
        "domain_name": event.domain or "mail.example.com",
        "created_at": iso_of(event.at_us),
        "email_queued_at" if event.type is EventType.QUEUED else "email_sent_at": iso_of(event.at_us),
        "email_id": event.message_id,
        "email_from": sender,
        "email_to": event.recipient,
        "email_headers": [{"key": header, "value": value} for header, value in headers.items() if value],
        "email_response_code": code,
        "email_response_message": event.text or reply,
    }
