"""Our own documented events, for senders without an adapter; see docs/providers/generic.md.

`{"events": [{"type", "at", "message_id", "recipient", ...}]}`, signed like reported numbers: Standard Webhooks, or
`x-webhook-signature` with the hex HMAC-SHA256 of the raw body.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from dashboard.providers import signatures
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
    pairs,
    parse_each,
    read_json,
    resources,
    tag_list,
    text,
)
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

name = "generic"

guide = Guide(
    title="Generic",
    secret=Secret.OURS,
    steps=(
        "Post events as JSON to the address below.",
        "Sign each request with the secret, by Standard Webhooks or with the header x-webhook-signature.",
    ),
    words=tuple((kind.value, kind.value) for kind in EventType if kind is not EventType.IGNORED),
    keys_hint="Send campaign_id, template_id, mailbox and domain with each event.",
)
batch = 1_000

TYPES = {kind.value: kind for kind in EventType if kind is not EventType.IGNORED}


export_hint = "In CSV the columns are named like the fields: type, at, message_id, recipient, campaign_id, ..."


def wrap(element: dict[str, Any]) -> bytes:
    """Return the body of one event."""
    return orjson.dumps(element if "events" in element else {"events": [element]})


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the signature; when `webhook-id` is there, only Standard Webhooks counts."""
    valid = connection.secrets.valid(now)
    if "webhook-id" in delivery.headers:
        is_right = signatures.is_standard_webhook(delivery.headers, delivery.body, valid, now)
    else:
        is_right = signatures.is_hex_hmac(delivery.headers.get("x-webhook-signature", ""), delivery.body, valid)
    if not is_right:
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the list `events` of the body."""
    body = read_json(delivery.body)
    if not isinstance(body, dict) or "events" not in body:
        raise Unreadable('The body is not an object with a list "events".')
    return parse_each(as_list(body["events"]), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as a sender would, signed by Standard Webhooks."""
    body = orjson.dumps({"events": [_write(event) for event in events]})
    webhook_id, timestamp = f"msg_{secrets.token_hex(8)}", int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures.sign_standard(webhook_id, timestamp, body, keys.secret),
    }
    return Composed(body, headers)


def _write(event: Event) -> dict[str, Any]:
    element = {
        "type": event.type, "at": iso_of(event.at_us), "message_id": event.message_id, "recipient": event.recipient,
        "campaign_id": event.campaign, "template_id": event.template, "mailbox": event.mailbox, "domain": event.domain,
        "url": event.url, "bounce": event.bounce, "machine": event.is_machine, "id": event.provider_event_id,
        "user_agent": event.user_agent, "ip": event.ip, "reason": event.text,
    }  # fmt: skip
    return {name: value for name, value in element.items() if value not in (None, "", False)}


def _read(element: dict[str, Any]) -> Iterator[Event]:
    kind = TYPES.get(element["type"])
    if kind is None:
        raise Unreadable(f"{text(element['type'], 40)!r} is not a type of event.")
    bounce = element.get("bounce")
    if bounce not in {None, "hard", "soft"}:
        raise Unreadable('"bounce" must be hard or soft.')
    mailbox = text(element.get("mailbox"), 320).strip()
    tags = tag_list(element.get("tags"))
    metadata = element.get("metadata")
    found = resources(
        metadata, tags,
        campaign=element.get("campaign_id"), template=element.get("template_id"), sender=mailbox,
        domain=element.get("domain"),
    )  # fmt: skip
    yield Event(
        type=kind,
        at_us=iso_us(element["at"]),
        message_id=text(element["message_id"], MAX_ID).strip(),
        recipient=text(element.get("recipient"), MAX_ADDRESS).strip(),
        provider_event_id=text(element.get("id"), MAX_ID),
        tags=tags,
        metadata=pairs(metadata),
        campaign=text(element.get("campaign_id")).strip() or found["campaign"],
        template=text(element.get("template_id")).strip() or found["template"],
        mailbox=mailbox or found["mailbox"],
        domain=text(element.get("domain")).strip() or found["domain"],
        bounce=Bounce(bounce or "hard") if kind is EventType.BOUNCED else None,
        is_machine=text(element.get("machine")).lower() == "true",  # a table has only text
        text=text(element.get("reason")),
        url=text(element.get("url"), MAX_URL),
        user_agent=text(element.get("user_agent")),
        ip=text(element.get("ip"), 60),
        sender=mailbox,
        subject=text(element.get("subject")),
    )
