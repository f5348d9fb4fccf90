"""Mailjet: one event, or a list where events are grouped; mail received by its Parse API comes as an object of its own.

Sources: https://dev.mailjet.com/email/guides/webhooks/, https://dev.mailjet.com/email/guides/parse-api/. Nothing is
signed. Mailjet's "sent" means that the receiving server took the mail: it is a delivery.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson

from dashboard.providers import inbound
from dashboard.providers.base import (
    MAX_ADDRESS,
    MAX_ID,
    MAX_URL,
    Composed,
    Guide,
    Parsed,
    Secret,
    TrialKeys,
    as_list,
    basic_headers,
    check_basic,
    pairs,
    parse_each,
    read_json,
    resources,
    seconds_us,
    tag_list,
    text,
)
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

TYPES = {
    "sent": EventType.DELIVERED,
    "bounce": EventType.BOUNCED,
    "blocked": EventType.REJECTED,
    "open": EventType.OPENED,
    "click": EventType.CLICKED,
    "spam": EventType.COMPLAINED,
    "unsub": EventType.UNSUBSCRIBED,
}
WORDS = {kind: word for word, kind in TYPES.items()} | {EventType.DEFERRED: "bounce"}

name = "mailjet"
guide = Guide(
    title="Mailjet",
    secret=Secret.BASIC,
    steps=(
        "In Mailjet open app.mailjet.com/account/triggers: Account settings, Event notifications (webhooks).",
        "Put a user and a password of your choice into the address below: https://user:password@...",
        "Paste that as the endpoint URL of every event type: sent, open, click, bounce, spam, blocked and unsub.",
        "Tick Group events for each, so that many events come in one request, and save.",
        "Paste the same user:password here.",
    ),
    words=(
        *((word, kind.value) for word, kind in TYPES.items() if kind is not EventType.BOUNCED),
        ("bounce, hard_bounce true", "bounced, hard"),
        ("bounce, hard_bounce false", "bounced, soft"),
        ("bounce, greylisted", "deferred"),
        ("mail of the Parse API", "replied or autoresponded"),
    ),
    secret_hint="A user and a password of your choice, as user:password; the same as in the address.",
    keys_hint='EventPayload with JSON: {"campaign_id": "...", "template_id": "...", "mailbox_id": "...", ...}.',
)
batch = 1_000


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check Basic credentials, which are all the proof that Mailjet offers."""
    check_basic(delivery, connection, now)


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read one event, a list of events, or a received mail."""
    return parse_each(as_list(read_json(delivery.body)), partial(_read, received_at=delivery.received_at))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as a webhook that groups events would; what Mailjet never tells is left out."""
    body = orjson.dumps([_write(event) for event in events if event.type in WORDS])
    return Composed(body, {"content-type": "application/json"} | basic_headers(keys))


def _read(element: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    if "event" not in element and "Headers" in element:
        yield _read_inbound(element, received_at)
        return
    kind, bounce = _kind(element)
    message_id = _id(element, "MessageID", "mj_message_id")  # older grouped events have only the second
    if kind is EventType.IGNORED or not (message_id or element.get("email")):  # Mailjet tests with empty events
        yield Event(type=EventType.IGNORED, at_us=0, message_id="")
        return
    tags, metadata = tag_list(element.get("customcampaign")), _metadata(element)
    found = resources(metadata, tags, campaign=element.get("customcampaign") or _id(element, "mj_campaign_id"))
    guid = _id(element, "Message_GUID")
    yield Event(
        type=kind,
        at_us=seconds_us(element["time"]),
        message_id=message_id,
        recipient=text(element.get("email"), MAX_ADDRESS).strip(),
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        text=_reason(element),
        url=text(element.get("url"), MAX_URL),
        user_agent=text(element.get("agent")),
        ip=text(element.get("ip"), 60),
        aliases=(guid,) if guid else (),
    )


def _kind(element: dict[str, Any]) -> tuple[EventType, Bounce | None]:
    """Return the type, and how final a bounce is; after "greylisted" Mailjet tries again."""
    kind = TYPES.get(element["event"], EventType.IGNORED)
    if kind is not EventType.BOUNCED:
        return kind, None
    if element.get("hard_bounce") in {True, "true", "1"}:
        return kind, Bounce.HARD
    return (EventType.DEFERRED, None) if element.get("error") == "greylisted" else (kind, Bounce.SOFT)


def _id(element: dict[str, Any], *names: str) -> str:
    """Return the first id that is there, a number of up to 64 bits, as text; 0 is none."""
    told = (text(element.get(key), MAX_ID).strip() for key in names)
    return next((one for one in told if one not in {"", "0"}), "")


def _metadata(element: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent along: the JSON object in `Payload`, or its text, and the `CustomID`."""
    payload = element.get("Payload")
    try:
        found = orjson.loads(payload) if isinstance(payload, str) else payload
    except orjson.JSONDecodeError:
        found = None
    metadata = found if isinstance(found, dict) else {"Payload": payload} if payload else {}
    custom_id = element.get("CustomID")
    return {"CustomID": custom_id, **metadata} if custom_id else metadata


def _reason(element: dict[str, Any]) -> str:
    told = text(element.get("comment") or element.get("smtp_reply") or element.get("source"))
    error = ": ".join(filter(None, (text(element.get("error_related_to")), text(element.get("error")))))
    return text(" - ".join(filter(None, (error, told))))


def _read_inbound(element: dict[str, Any], received_at: datetime) -> Event:
    headers = inbound.header_map(element["Headers"])
    return inbound.read_reply(
        headers,
        at_us=inbound.written_us(headers, received_at),
        sender=text(element.get("From")),
        subject=element.get("Subject"),
    )


def _write(event: Event) -> dict[str, Any]:
    number = _number(event.message_id)
    payload = dict(event.metadata) | {
        "template_id": event.template, "mailbox_id": event.mailbox, "domain": event.domain,
    }  # fmt: skip
    told = {
        "event": WORDS[event.type],
        "time": event.at_us // 1_000_000,
        "MessageID": number,
        "Message_GUID": event.aliases[0] if event.aliases else "",
        "email": event.recipient,
        "mj_campaign_id": _number(event.campaign) % 1_000_000_000 if event.campaign else 0,
        "mj_contact_id": _number(event.recipient) % 1_000_000_000,
        "customcampaign": event.campaign or "",
        "CustomID": "",
        "Payload": orjson.dumps({key: value for key, value in payload.items() if value}).decode(),
    }
    return told | _write_detail(event, number)


def _write_detail(event: Event, number: int) -> dict[str, Any]:
    seen = {"ip": event.ip, "geo": "", "agent": event.user_agent}
    is_hard = event.bounce is Bounce.HARD
    details: dict[EventType, dict[str, Any]] = {
        EventType.DELIVERED: {"mj_message_id": str(number), "smtp_reply": event.text or "sent (250 2.0.0 OK)"},
        EventType.BOUNCED: {
            "blocked": is_hard, "hard_bounce": is_hard, "error_related_to": "recipient",
            "error": "user unknown" if is_hard else "quota exceeded", "comment": event.text,
        },
        EventType.DEFERRED: {
            "blocked": False, "hard_bounce": False, "error_related_to": "domain", "error": "greylisted",
        },
        EventType.REJECTED: {"error_related_to": "mailjet", "error": "preblocked"},
        EventType.OPENED: seen,
        EventType.CLICKED: {"url": event.url} | seen,
        EventType.COMPLAINED: {"source": "JMRPP"},
        EventType.UNSUBSCRIBED: {"mj_list_id": 1} | seen,
    }  # fmt: skip
    return details[event.type]


def _number(seed: str) -> int:
    """Return the number that a text is, or one of 63 bits that is always the same for it."""
    if seed.isdecimal() and not seed.startswith("0") and len(seed) < 20 and int(seed) < 2**63:
        return int(seed)
    return int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big") >> 1
