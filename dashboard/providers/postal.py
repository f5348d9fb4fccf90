"""Postal, a mail server that people run themselves: one event in each request, signed with the installation's key.

Sources: https://docs.postalserver.io/developer/webhooks, https://docs.postalserver.io/developer/http-payloads, and
https://github.com/postalserver/postal (app/lib/signer.rb, lib/postal/message_db/message.rb).
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.parser import BytesHeaderParser
from functools import partial
from typing import Any

import orjson

from dashboard.providers import rsa
from dashboard.providers.base import (
    EARLIEST_US,
    LATEST_US,
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
    address_of,
    as_list,
    bare_id,
    parse_each,
    read_json,
    resources,
    seconds_us,
    tag_list,
    text,
)
from dashboard.providers.inbound import header_map, read_reply, written_us
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

TYPES = {
    "MessageSent": EventType.DELIVERED,
    "MessageDelayed": EventType.DEFERRED,
    "MessageDeliveryFailed": EventType.BOUNCED,
    "MessageHeld": EventType.QUEUED,
    "MessageBounced": EventType.BOUNCED,
    "MessageLoaded": EventType.OPENED,
    "MessageLinkClicked": EventType.CLICKED,
}
NAMES = {
    "campaign": "campaign_id", "campaign_id": "campaign_id", "mailbox": "mailbox_id", "mailbox_id": "mailbox_id",
    "tpl": "template_id", "template": "template_id", "template_id": "template_id", "domain": "domain",
}  # fmt: skip  # how a tag may name the four resources
STATUSES = {"MessageSent": "Sent", "MessageDelayed": "SoftFail", "MessageDeliveryFailed": "HardFail",
    "MessageHeld": "Held"}  # fmt: skip

name = "postal"
guide = Guide(
    title="Postal",
    secret=Secret.PUBLIC_KEY,
    steps=(
        "In Postal open your mail server, Webhooks, and press Add Webhook.",
        "Give it a name, paste the address below as the URL, choose all events, and press Create Webhook.",
        "Open https://<your Postal>/.well-known/jwks.json, and paste all of what it shows here.",
        "For replies add an HTTP endpoint with the same address, delivered as a hash, and a route to it.",
    ),
    words=(
        *((word, kind.value) for word, kind in TYPES.items() if kind is not EventType.BOUNCED),
        ("MessageDeliveryFailed", "bounced, hard"),
        ("MessageBounced", "bounced, hard"),
        ("a mail through an HTTP endpoint", "replied or autoresponded"),
        ("DomainDNSError, SendLimitApproaching, SendLimitExceeded", "ignored"),
    ),
    secret_hint="The installation's public key: its jwks.json, PEM, or the p= of `postal default-dkim-record`.",
    keys_hint="Send one tag with each mail: campaign=spring;template=welcome (X-Postal-Tag). It may name mailbox and "
    "domain, too; else they are those of the sender.",
)
batch = 1
make_keys = rsa.make_keys
is_public_key = rsa.is_public_key


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the SHA-256 signature of the body; the SHA-1 signature counts only where an old Postal sends no other."""
    keys = [key for pasted in connection.secrets.public_keys(now) for key in rsa.read_public_keys(pasted)]
    if "x-postal-signature-256" in delivery.headers:
        is_right = rsa.is_signed(keys, delivery.headers["x-postal-signature-256"], delivery.body, rsa.SHA256)
    else:
        is_right = rsa.is_signed(keys, delivery.headers.get("x-postal-signature", ""), delivery.body, rsa.SHA1)
    if not is_right:
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the one event of the body, or the mail that an HTTP endpoint passes on."""
    return parse_each(as_list(read_json(delivery.body)), partial(_read, received_at=delivery.received_at))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write one event as Postal would; what Postal never tells becomes an empty list."""
    event = events[0]
    words = [word for word, kind in TYPES.items() if kind is event.type and event.bounce is not Bounce.SOFT]
    body = orjson.dumps(_write(words[0], event) if words else [])
    headers = {
        "content-type": "application/json",
        "user-agent": "Postal/3.3.7",
        "x-postal-signature": rsa.sign(keys.private_key, body, rsa.SHA1),
        "x-postal-signature-256": rsa.sign(keys.private_key, body, rsa.SHA256),
        "x-postal-signature-kid": "trial",
    }
    return Composed(body, headers)


def _read(element: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    if "event" not in element and "rcpt_to" in element:
        yield _read_mail(element, received_at)
        return
    payload = element.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    message = payload.get("original_message") or payload.get("message") or {}
    word = "MessageBounced" if "original_message" in payload else text(element["event"], 100)
    kind = TYPES.get(word, EventType.IGNORED)
    if kind is EventType.IGNORED or message.get("direction") == "incoming":
        yield Event(type=EventType.IGNORED, at_us=0, message_id="", provider_event_id=text(element.get("uuid"), MAX_ID))
        return
    tags = tag_list(message.get("tag"))
    found = resources(_tagged(tags), tags, sender=message.get("from"))
    yield Event(
        type=kind,
        at_us=seconds_us(element.get("timestamp") or payload["timestamp"]),
        message_id=_message_id(message),
        recipient=text(message.get("to"), MAX_ADDRESS).strip(),
        sent_at_us=_moment(message.get("timestamp")),
        provider_event_id=text(element.get("uuid"), MAX_ID),
        tags=tags,
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=Bounce.HARD if kind is EventType.BOUNCED else None,
        text=text(payload.get("output") or payload.get("details")).strip(),
        url=text(payload.get("url"), MAX_URL),
        user_agent=text(payload.get("user_agent")),
        ip=text(payload.get("ip_address"), 60),
        subject=text(message.get("subject")),
        sender=address_of(message.get("from"))[:MAX_ADDRESS],
    )


def _read_mail(element: dict[str, Any], received_at: datetime) -> Event:
    """Return what a mail means that an HTTP endpoint passes on, as a hash or as the raw mail."""
    raw = element.get("message")
    if isinstance(raw, str):
        headers = header_map(list(map(list, BytesHeaderParser().parsebytes(base64.b64decode(raw)).items())))
        at_us, subject = written_us(headers, received_at), headers.get("subject")
        return read_reply(headers, at_us=at_us, subject=subject, event_id=element.get("id"))
    if element.get("bounce") is True:
        return Event(type=EventType.IGNORED, at_us=0, message_id="")  # told as MessageBounced, too
    names = ("in_reply_to", "references", "auto_submitted", "from")
    headers = header_map({field.replace("_", "-"): element.get(field) for field in names})
    return read_reply(
        headers,
        at_us=seconds_us(element["timestamp"]),
        subject=element.get("subject"),
        event_id=element.get("token"),
    )


def _message_id(message: Mapping[str, Any]) -> str:
    """Return the Message-ID, or where a mail has none what Postal calls it: numbers repeat on each of its servers."""
    return bare_id(message.get("message_id")) or text(message.get("token") or message.get("id"), MAX_ID)


def _tagged(tags: Sequence[str]) -> dict[str, str]:
    """Return the resources that a tag names, such as `campaign=spring;tpl=welcome`."""
    found: dict[str, str] = {}
    for part in re.split(r"[;,&|]", ";".join(tags)):
        field, _, value = part.replace("=", ":", 1).partition(":")
        resource = NAMES.get(field.strip().lower())
        if resource and value.strip():
            found.setdefault(resource, value.strip())
    return found


def _moment(value: Any) -> int | None:
    try:
        found = seconds_us(value)
    except Unreadable:
        return None
    return found if EARLIEST_US <= found <= LATEST_US else None


def _write(word: str, event: Event) -> dict[str, Any]:
    at = event.at_us / 1_000_000
    named = {"campaign": event.campaign, "template": event.template}
    named |= {"mailbox": event.mailbox, "domain": event.domain}
    message = {
        "id": int(uuid.uuid4()) % 10**9,
        "token": uuid.uuid4().hex[:16],
        "direction": "outgoing",
        "message_id": event.message_id.strip("<>"),
        "to": event.recipient,
        "from": event.sender or event.mailbox or "news@mail.example.com",
        "subject": event.subject,
        "timestamp": (event.sent_at_us or event.at_us) / 1_000_000,
        "spam_status": "NotChecked",
        "tag": ";".join(f"{field}={value}" for field, value in named.items() if value) or None,
    }
    seen = {"ip_address": event.ip or "192.0.2.1", "user_agent": event.user_agent}
    payload: dict[str, Any] = {"message": message, **seen}
    if word in STATUSES:
        told = {"status": STATUSES[word], "details": f"Message for {event.recipient}", "output": event.text}
        payload = {"message": message, **told, "sent_with_ssl": True, "timestamp": at, "time": 0.22}
    elif word == "MessageLinkClicked":
        payload |= {"url": event.url, "token": uuid.uuid4().hex[:8]}
    return {"event": word, "timestamp": at, "payload": payload, "uuid": str(uuid.uuid4())}
