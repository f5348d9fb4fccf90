"""MailerSend: one event a request, signed over the raw body; in the nested form of its first webhooks, or flat.

Sources: https://developers.mailersend.com/api/v1/account/webhooks and https://www.mailersend.com/whats-new/webhooks-v2
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from dashboard.providers import inbound, signatures
from dashboard.providers.base import (
    MAX_ADDRESS,
    MAX_ID,
    MAX_URL,
    BadSignature,
    Composed,
    Guide,
    Parsed,
    Secret,
    TrialKeys,
    Unreadable,
    as_list,
    iso_of,
    iso_us,
    parse_each,
    read_json,
    resources,
    tag_list,
    text,
)
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

name = "mailersend"
batch = 1

WORDS: dict[str, tuple[EventType, Bounce | None]] = {
    "activity.sent": (EventType.SENT, None),
    "activity.delivered": (EventType.DELIVERED, None),
    "activity.deferred": (EventType.DEFERRED, None),
    "activity.soft_bounced": (EventType.BOUNCED, Bounce.SOFT),
    "activity.hard_bounced": (EventType.BOUNCED, Bounce.HARD),
    "activity.suppressed": (EventType.REJECTED, None),
    "activity.opened": (EventType.OPENED, None),
    "activity.clicked": (EventType.CLICKED, None),
    "activity.unsubscribed": (EventType.UNSUBSCRIBED, None),
    "activity.spam_complaint": (EventType.COMPLAINED, None),
    "activity.opened_unique": (EventType.IGNORED, None),  # comes beside activity.opened
    "activity.clicked_unique": (EventType.IGNORED, None),  # comes beside activity.clicked
}
_WORD_OF = {meaning: word for word, meaning in WORDS.items() if meaning[0] is not EventType.IGNORED}
_REASONS = ("readable_reason", "reason", "bounce_reason", "unsubscribe_reason", "suppression_reason")

guide = Guide(
    title="MailerSend",
    secret=Secret.SIGNING,
    steps=(
        "In MailerSend open Domains, click Manage beside the domain, scroll to Webhooks and click Add webhook.",
        "Paste the address below as endpoint URL and keep version 2.0.",
        "Choose the events; the unique opens and clicks are not needed. Click Save webhook.",
        "Open the new webhook, copy its signing secret and paste it here.",
    ),
    words=(
        *((word, f"{kind}, {bounce}" if bounce else kind.value) for word, (kind, bounce) in WORDS.items()),
        ("inbound.message", "replied or autoresponded"),
    ),
    secret_hint="The signing secret on the page of the webhook.",
    keys_hint="Send tags such as campaign:spring, template:welcome, mailbox:news@mail.example.com; at most five.",
)

PING = "webhook.test"  # by which MailerSend tries an address before it saves it
PING_SECRET = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G"  # published by MailerSend; it signs pings alone


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the HMAC-SHA256 of the raw body; a ping, which tells nothing, may be signed with the published secret."""
    given = delivery.headers.get("signature", "")
    valid = connection.secrets.valid(now)
    if not signatures.is_hex_hmac(given, delivery.body, valid) and not (
        signatures.is_hex_hmac(given, delivery.body, (PING_SECRET,)) and _is_ping(delivery.body)
    ):
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read one event."""
    return parse_each(as_list(read_json(delivery.body)), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write an event as MailerSend does, in the flat form; a ping for a kind that it does not know."""
    told = [_write(event) for event in events if (event.type, event.bounce) in _WORD_OF]
    ping = {"type": PING, "message": "This is a ping test message", "created_at": iso_of(int(now.timestamp()) * 10**6)}
    body = orjson.dumps(told[0] if told else ping).replace(b"/", b"\\/")
    headers = {"content-type": "application/json", "signature": signatures.sign_hex(body, keys.secret)}
    return Composed(body, headers)


def _is_ping(body: bytes) -> bool:
    try:
        content = read_json(body)
    except Unreadable:
        return False
    return isinstance(content, dict) and content.get("type") == PING


def _read(element: dict[str, Any]) -> Iterator[Event]:
    if element.get("type") == "inbound.message":
        yield _read_inbound(element["data"])
        return
    kind, bounce = WORDS.get(text(element.get("type")), (EventType.IGNORED, None))
    if kind is EventType.IGNORED:
        yield Event(type=kind, at_us=0, message_id="")
        return
    data = element["data"]
    told = _flatten(data) if isinstance(data.get("email"), dict) else data
    more = told.get("meta") or {}  # an empty list for nothing
    tags = tag_list(told.get("tags"))
    found = resources(None, tags, template=told.get("template_id"), sender=told.get("from"))
    mail_id = text(told.get("email_id"), MAX_ID)
    yield Event(
        type=kind,
        at_us=iso_us(told.get("created_at") or element["created_at"]),
        message_id=text(told["message_id"], MAX_ID).strip(),
        recipient=text(told.get("recipient") or told.get("email"), MAX_ADDRESS).strip(),
        provider_event_id=text(told.get("id"), MAX_ID),
        tags=tags,
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        text=next(filter(None, (text(more.get(reason)) for reason in _REASONS)), ""),
        url=text(more.get("url"), MAX_URL),
        user_agent=text(more.get("user_agent")),
        ip=text(more.get("ip"), 60),
        subject=text(told.get("subject")),
        sender=text(told.get("from"), MAX_ADDRESS),
        aliases=(f"{mail_id}@mailersend.net",) if mail_id else (),  # the Message-ID that it sends with
    )


def _flatten(data: dict[str, Any]) -> dict[str, Any]:
    """Return an activity of a first webhook in the flat form of the second."""
    mail = data["email"]
    return {
        "id": data.get("id"), "created_at": data.get("created_at"), "message_id": mail["message"]["id"],
        "email_id": mail.get("id"), "recipient": mail["recipient"]["email"], "subject": mail.get("subject"),
        "tags": mail.get("tags"), "from": mail.get("from"), "template_id": data.get("template_id"),
        "meta": data.get("morph"),
    }  # fmt: skip


def _read_inbound(data: dict[str, Any]) -> Event:
    return inbound.read_reply(
        inbound.header_map(data.get("headers")),
        at_us=iso_us(data["created_at"]),
        sender=(data.get("from") or {}).get("email"),
        subject=data.get("subject"),
        event_id=data.get("id"),
    )


def _write(event: Event) -> dict[str, Any]:
    """Return an activity; ids that Sendscope does not keep are derived, so that one mail always has the same."""
    word = _WORD_OF[event.type, event.bounce]
    mail_id = hashlib.sha256(f"{event.message_id} {event.recipient}".encode()).hexdigest()
    known = {
        "campaign": event.campaign, "template": event.template, "mailbox": event.mailbox, "domain": event.domain,
    }  # fmt: skip
    meta: dict[str, Any] = {}
    if event.bounce:
        meta = {"bounce_reason": event.text or "Unknown reason", "bounce_code": 550, "bounce_type": event.bounce}
    elif event.type in {EventType.OPENED, EventType.CLICKED}:
        meta = {"ip": event.ip or "192.0.2.7", "country": "DE", "user_agent": event.user_agent, "url": event.url}
    data = {
        "id": hashlib.sha256(f"{mail_id} {word} {event.at_us} {event.url}".encode()).hexdigest()[:24],
        "domain_id": "trialtrialtrial1", "message_id": event.message_id, "email_id": mail_id[:24],
        "type": word.removeprefix("activity."), "subject": event.subject, "recipient": event.recipient,
        "tags": [f"{key}:{value}" for key, value in known.items() if value] or None,
        "meta": {key: value for key, value in meta.items() if value} or [],
    }  # fmt: skip
    return {"type": word, "created_at": iso_of(event.at_us), "data": data, "webhook_id": "trialtrialtrial2"}
