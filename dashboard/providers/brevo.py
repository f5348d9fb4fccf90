"""Brevo: one event, or a list of up to 500 where the webhook is batched; received mail comes as `items`.

Sources: https://developers.brevo.com/docs/transactional-webhooks, /marketing-webhooks, /batch-webhooks,
/inbound-parse-webhooks, /retry-mechanism. Nothing is signed.

A mail of a marketing campaign has no id of its own: it is the campaign and the recipient. Of the instants `ts_epoch` is
the one that is UTC for certain; it is in milliseconds, though documented examples and some events have seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from dashboard.providers import inbound
from dashboard.providers.base import (
    EARLIEST_US,
    LATEST_US,
    MAX_ADDRESS,
    MAX_URL,
    Composed,
    Guide,
    Parsed,
    Secret,
    TrialKeys,
    Unreadable,
    address_of,
    as_list,
    bare_id,
    basic_headers,
    check_basic,
    iso_of,
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

TYPES: dict[str, tuple[EventType, Bounce | None]] = {
    "request": (EventType.QUEUED, None),  # told even for mail that is then blocked
    "delivered": (EventType.DELIVERED, None),
    "deferred": (EventType.DEFERRED, None),
    "hard_bounce": (EventType.BOUNCED, Bounce.HARD),
    "hard_bounced": (EventType.BOUNCED, Bounce.HARD),  # of marketing campaigns
    "soft_bounce": (EventType.BOUNCED, Bounce.SOFT),
    "soft_bounced": (EventType.BOUNCED, Bounce.SOFT),
    "invalid_email": (EventType.BOUNCED, Bounce.HARD),
    "blocked": (EventType.REJECTED, None),
    "error": (EventType.FAILED, None),
    "unique_opened": (EventType.OPENED, None),  # the first open
    "opened": (EventType.OPENED, None),  # each further one
    "unique_proxy_open": (EventType.OPENED, None),
    "proxy_open": (EventType.OPENED, None),
    "click": (EventType.CLICKED, None),
    "spam": (EventType.COMPLAINED, None),
    "complaint": (EventType.COMPLAINED, None),
    "unsubscribed": (EventType.UNSUBSCRIBED, None),
    "unsubscribe": (EventType.UNSUBSCRIBED, None),
    "list_addition": (EventType.SUBSCRIBED, None),
}
PROXIES = {"unique_proxy_open", "proxy_open"}
WORDS = {meaning: word for word, meaning in reversed(TYPES.items())}

name = "brevo"
guide = Guide(
    title="Brevo",
    secret=Secret.BASIC,
    steps=(
        "In Brevo open Transactional, then Settings, then Webhook, and add a webhook.",
        "Put a user and a password of your choice into the address below: https://user:password@...",
        "Paste that as the URL to call, select all events, and save.",
        "Paste the same user:password here. A bearer token, set through Brevo's API, can be pasted instead.",
        "For campaigns add the same address under Campaigns, Settings, Webhooks.",
    ),
    words=(
        *((word, kind.value + (f", {bounce}" if bounce else "")) for word, (kind, bounce) in TYPES.items()),
        ("items", "replied or autoresponded"),
    ),
    secret_hint="A user and a password of your choice, as user:password, or a bearer token.",
    keys_hint='The header X-Mailin-custom with JSON: {"campaign_id": "...", "template_id": "...", ...}.',
)
batch = 500
busy_status = 429  # any 5xx makes Brevo throw the event away


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check Basic or bearer credentials, which are all the proof that Brevo offers."""
    check_basic(delivery, connection, now)


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read one event, a list of events, or received mail."""
    body = read_json(delivery.body)
    if isinstance(body, dict) and "items" in body:
        return parse_each(as_list(body["items"]), partial(_read_inbound, received_at=delivery.received_at))
    return parse_each(as_list(body), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as Brevo would, one alone or several as a batch; what it never tells is left out."""
    told = [_write(event) for event in events if (event.type, event.bounce) in WORDS]
    body = orjson.dumps(told[0] if len(told) == 1 else told)
    return Composed(body, {"content-type": "application/json"} | basic_headers(keys))


def _read(element: dict[str, Any]) -> Iterator[Event]:
    if "event" not in element and "msg_status" in element:  # a text message
        yield Event(type=EventType.IGNORED, at_us=0, message_id="")
        return
    word, message_id = element["event"], _message_id(element)
    kind, bounce = TYPES.get(word, (EventType.IGNORED, None))
    if kind is EventType.IGNORED or (kind is EventType.SUBSCRIBED and not message_id):  # of a contact, not of a mail
        yield Event(type=EventType.IGNORED, at_us=0, message_id="")
        return
    tags, metadata = _tags(element), _custom(element.get("X-Mailin-custom"))
    found = resources(
        metadata, tags,
        campaign=element.get("camp_id") or None, template=element.get("template_id") or None,
        sender=text(element.get("sender_email")),
    )  # fmt: skip
    yield Event(
        type=kind,
        at_us=_instant(element, "ts_epoch", "ts_event", "ts"),
        message_id=message_id,
        recipient=text(element.get("email"), MAX_ADDRESS).strip(),
        sent_at_us=_sent_at(element),
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        is_machine=word in PROXIES,
        text=text(element.get("reason")).strip(),
        url=text(element.get("link") or element.get("URL"), MAX_URL),
        user_agent=text(element.get("user_agent")),
        subject=text(element.get("subject")),
        sender=address_of(text(element.get("sender_email")))[:MAX_ADDRESS],
    )


def _message_id(element: dict[str, Any]) -> str:
    campaign = text(element.get("camp_id") or None, 100)
    return bare_id(element.get("message-id")) or (f"campaign-{campaign}" if campaign else "")


def _instant(element: dict[str, Any], *names: str) -> int:
    """Return microseconds of the first of these fields that is there, in seconds or milliseconds."""
    for name in names:
        value = element.get(name)
        if value:
            us = seconds_us(int(value) if isinstance(value, str) and value.isdecimal() else value)
            return us if us <= LATEST_US else us // 1_000
    raise Unreadable(f"The field {names[0]!r} is missing.")


def _sent_at(element: dict[str, Any]) -> int | None:
    """Return when a campaign was sent, if that is told and can be right."""
    with suppress(Unreadable, ValueError):
        sent_at_us = _instant(element, "ts_sent")
        if EARLIEST_US <= sent_at_us <= LATEST_US:
            return sent_at_us
    return None


def _tags(element: dict[str, Any]) -> tuple[str, ...]:
    """Return tags: a list, or in `tag` the JSON text of one, or one tag."""
    tag = element.get("tag")
    if isinstance(tag, str) and tag.startswith("["):
        with suppress(orjson.JSONDecodeError):
            tag = orjson.loads(tag)
    return tag_list(element.get("tags")) or tag_list(tag)


def _custom(value: Any) -> dict[str, Any]:
    """Return what was sent along in a header of free text: JSON, or `name:value|name:value`, or the text itself."""
    if not isinstance(value, str):
        return value if isinstance(value, dict) else {}
    with suppress(orjson.JSONDecodeError):
        found = orjson.loads(value)
        if isinstance(found, dict):
            return found
    parts = [part.partition(":") for part in value.split("|")]
    if all(name and separator for name, separator, _ in parts):
        return {name.strip(): content.strip() for name, _, content in parts}
    return {"X-Mailin-custom": value} if value else {}


def _read_inbound(item: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    headers = inbound.header_map(item.get("Headers"))
    told = {"in-reply-to": item.get("InReplyTo"), "date": item.get("SentAtDate")}
    headers |= {name: text(value) for name, value in told.items() if value and name not in headers}
    author, ids = item.get("From"), item.get("Uuid")
    yield inbound.read_reply(
        headers,
        at_us=inbound.written_us(headers, received_at),
        sender=text(author.get("Address")) if isinstance(author, dict) else "",
        subject=item.get("Subject"),
        event_id=ids[0] if isinstance(ids, list) and ids else "",
    )


def _write(event: Event) -> dict[str, Any]:
    seconds, is_seen = event.at_us // 1_000_000, event.type in {EventType.OPENED, EventType.CLICKED}
    custom = dict(event.metadata) | {
        "campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox,
        "domain": event.domain,
    }  # fmt: skip
    told = {
        "event": "proxy_open"
        if event.is_machine and event.type is EventType.OPENED
        else WORDS[event.type, event.bounce],
        "email": event.recipient,
        "id": 731_204,
        "date": iso_of(event.at_us)[:19].replace("T", " "),
        "ts": seconds,
        "ts_event": seconds,
        "ts_epoch": event.at_us // 1_000,
        "message-id": f"<{bare_id(event.message_id)}>",
        "subject": event.subject,
        "X-Mailin-custom": orjson.dumps({key: value for key, value in custom.items() if value}).decode(),
        "sending_ip": "192.0.2.25",
        "contact_id": 8,
        "tags": list(event.tags),
        "tag": orjson.dumps(list(event.tags)).decode(),
    }
    if event.sender:
        told["sender_email"] = event.sender
    if event.text:
        told["reason"] = event.text
    if event.type is EventType.CLICKED:
        told["link"] = event.url
    return told | ({"user_agent": event.user_agent, "device_used": "DESKTOP"} if is_seen else {})
