"""Resend: one event in each request, signed by Svix, which is Standard Webhooks under other header names.

Sources: https://resend.com/docs/webhooks/event-types, https://docs.svix.com/receiving/verifying-payloads/how-manual.
`data.created_at` is when the mail was accepted, which for scheduled mail is not when it was sent: it is not read.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
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
    address_of,
    as_list,
    bare_id,
    domain_of,
    iso_of,
    iso_us,
    pairs,
    parse_each,
    read_json,
    resources,
    text,
)
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

TYPES = {
    "email.scheduled": EventType.QUEUED,
    "email.sent": EventType.SENT,
    "email.delivered": EventType.DELIVERED,
    "email.delivery_delayed": EventType.DEFERRED,
    "email.bounced": EventType.BOUNCED,
    "email.suppressed": EventType.REJECTED,
    "email.failed": EventType.FAILED,
    "email.opened": EventType.OPENED,
    "email.clicked": EventType.CLICKED,
    "email.complained": EventType.COMPLAINED,
    "email.received": EventType.IGNORED,  # says neither headers nor what is answered
}
WORDS = {kind: word for word, kind in TYPES.items()}
HARD = {"", "permanent", "hard"}  # "email.bounced" without a type is a final refusal, too

name = "resend"
guide = Guide(
    title="Resend",
    secret=Secret.SIGNING,
    steps=(
        "Open resend.com/webhooks and press Add Webhook.",
        "Paste the address below as the endpoint.",
        "Select all events that begin with email., and press Add.",
        "Open the new webhook and copy its signing secret, which begins with whsec_.",
        "Paste the signing secret here.",
    ),
    words=(
        *((word, kind.value) for word, kind in TYPES.items() if kind is not EventType.BOUNCED),
        ("email.bounced, Permanent", "bounced, hard"),
        ("email.bounced, Transient or Undetermined", "bounced, soft"),
        ("contact.*, domain.* and others", "ignored"),
    ),
    secret_hint="The signing secret on the webhook's own page; it begins with whsec_.",
    keys_hint="Send the tags campaign_id and template_id with each mail; mailbox and domain are those of From.",
)
batch = 1


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the signature; the headers may be named svix-* or webhook-*, and must agree where both are there."""
    headers = _signing_headers(delivery.headers)
    if not signatures.is_standard_webhook(headers, delivery.body, connection.secrets.valid(now), now):
        raise BadSignature("The signature is missing, wrong or too old.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the one event of the body; its id is in the headers and stays the same when it is told again."""
    event_id = delivery.headers.get("svix-id") or delivery.headers.get("webhook-id", "")
    return parse_each(as_list(read_json(delivery.body)), partial(_read, event_id=text(event_id, MAX_ID)))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write one event as Resend would; what Resend never tells becomes an event of a contact."""
    body = orjson.dumps(_write(events[0]))
    svix_id, timestamp = f"msg_{secrets.token_hex(14)}", int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "svix-id": svix_id,
        "svix-timestamp": str(timestamp),
        "svix-signature": signatures.sign_standard(svix_id, timestamp, body, keys.secret),
    }
    return Composed(body, headers)


def _signing_headers(headers: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for part in ("id", "timestamp", "signature"):
        told = {headers[name] for name in (f"svix-{part}", f"webhook-{part}") if name in headers}
        if len(told) > 1:
            raise BadSignature(f"The headers svix-{part} and webhook-{part} differ.")
        found[f"webhook-{part}"] = told.pop() if told else ""
    return found


def _read(element: dict[str, Any], event_id: str) -> Iterator[Event]:
    kind = TYPES.get(element["type"], EventType.IGNORED)
    if kind is EventType.IGNORED:
        yield Event(type=kind, at_us=0, message_id="", provider_event_id=event_id)
        return
    data = element["data"]
    detail, sender = _detail(data), text(data.get("from"))
    metadata = _metadata(data.get("tags"))
    found = resources(
        metadata,
        [f"{name}:{value}" for name, value in metadata.items()],
        campaign=data.get("broadcast_id"),
        template=data.get("template_id"),
        sender=sender,
    )
    yield Event(
        type=kind,
        at_us=iso_us(element["created_at"]),
        message_id=text(data["email_id"], MAX_ID).strip(),
        recipient=_recipient(data.get("to")),
        provider_event_id=event_id,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=_bounce(detail) if kind is EventType.BOUNCED else None,
        text=text(detail.get("message") or detail.get("reason")),
        url=text(detail.get("link"), MAX_URL),
        user_agent=text(detail.get("userAgent")),
        ip=text(detail.get("ipAddress"), 60),
        subject=text(data.get("subject")),
        sender=address_of(sender)[:MAX_ADDRESS],
        aliases=tuple(one for one in (bare_id(data.get("message_id")),) if one),
    )


def _detail(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the type of event adds to the mail."""
    held = (data.get(name) for name in ("bounce", "click", "open", "failed", "suppressed"))
    return next((one for one in held if isinstance(one, dict)), {})


def _metadata(tags: Any) -> dict[str, Any]:
    """Return tags as metadata: they are sent as a list of name and value, and come back as an object or that list."""
    if isinstance(tags, list):
        return {text(one.get("name"), 100): one.get("value") for one in tags if isinstance(one, dict)}
    return tags if isinstance(tags, dict) else {}


def _recipient(to: Any) -> str:
    """Return the first of the sorted addresses: an event names all of a mail's recipients, not the one concerned."""
    told = (address_of(text(one)) for one in (to if isinstance(to, list) else [to]))
    found = sorted(one for one in told if one)
    return found[0][:MAX_ADDRESS] if found else ""


def _bounce(detail: dict[str, Any]) -> Bounce:
    return Bounce.HARD if text(detail.get("type")).lower() in HARD else Bounce.SOFT


def _write(event: Event) -> dict[str, Any]:
    sender = event.sender or event.mailbox or "news@mail.example.com"
    tags = {"campaign_id": event.campaign, "template_id": event.template}
    if event.mailbox != address_of(sender):
        tags["mailbox_id"] = event.mailbox
    if event.domain != domain_of(sender):
        tags["domain"] = event.domain
    data = {
        "created_at": iso_of(event.sent_at_us or event.at_us).replace("Z", "+00:00"),
        "email_id": event.message_id,
        "message_id": f"<{event.aliases[0]}>" if event.aliases else "",
        "from": sender,
        "to": [event.recipient],
        "subject": event.subject,
        "tags": {name: value for name, value in tags.items() if value},
    }
    word = WORDS.get(event.type, "contact.updated")
    return {"type": word, "created_at": _milliseconds(event.at_us), "data": data | _write_detail(event)}


def _write_detail(event: Event) -> dict[str, Any]:
    match event.type:
        case EventType.BOUNCED:
            kind = "Transient" if event.bounce is Bounce.SOFT else "Permanent"
            return {"bounce": {"type": kind, "subType": "General", "message": event.text, "diagnosticCode": []}}
        case EventType.CLICKED:
            seen = {"timestamp": _milliseconds(event.at_us), "userAgent": event.user_agent, "ipAddress": event.ip}
            return {"click": seen | {"link": event.url}}
        case EventType.FAILED:
            return {"failed": {"reason": event.text}}
        case EventType.REJECTED:
            return {"suppressed": {"message": event.text, "type": "OnAccountSuppressionList"}}
    return {}


def _milliseconds(at_us: int) -> str:
    return iso_of(at_us)[:-4] + "Z"
