"""Mailtrap: batches of events as one JSON object or as JSON Lines, signed over the raw body.

Sources: https://docs.mailtrap.io/email-api-smtp/advanced/webhooks and https://docs.mailtrap.io/developers/webhooks
"""

from __future__ import annotations

import uuid
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

name = "mailtrap"
batch = 500

WORDS: dict[str, EventType] = {
    "delivery": EventType.DELIVERED,
    "soft bounce": EventType.DEFERRED,  # Mailtrap tries again, and says bounce when it gives up
    "suspension": EventType.DEFERRED,  # of an unverified domain, which it looks at again
    "bounce": EventType.BOUNCED,
    "reject": EventType.REJECTED,
    "open": EventType.OPENED,
    "click": EventType.CLICKED,
    "spam": EventType.COMPLAINED,
    "unsubscribe": EventType.UNSUBSCRIBED,
}
_WORD_OF = {kind: word for word, kind in WORDS.items() if word != "suspension"}

guide = Guide(
    title="Mailtrap",
    secret=Secret.SIGNING,
    steps=(
        "In Mailtrap open Settings, then Webhooks, and click Create New Webhook.",
        "Paste the address below as Webhook URL; either payload format will do.",
        "Choose Email Sending, the stream, the domain and the events, click Run Test, then Save.",
        "Copy the signing secret, which is shown once, and paste it here.",
    ),
    words=tuple((word, "bounced, hard" if kind is EventType.BOUNCED else kind.value) for word, kind in WORDS.items()),
    secret_hint="Shown once, when the webhook is created; an older webhook has username:password.",
    keys_hint="Send campaign_id, template_id, mailbox_id and domain as custom_variables.",
)


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the HMAC-SHA256 of the raw body, or HTTP Basic for older webhooks, which have no signature."""
    given = delivery.headers.get("mailtrap-signature")
    valid = connection.secrets.valid(now)
    if given is None and valid and "authorization" in delivery.headers:
        check_basic(delivery, connection, now)
    elif not signatures.is_hex_hmac(given or "", delivery.body, valid):
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read `{"events": [...]}`, or each line by itself."""
    try:
        body = read_json(delivery.body)
    except Unreadable:
        lines = [_split_line(line) for line in delivery.body.splitlines() if line.strip()]
        if not any("event" in line for line in lines):
            raise
        return parse_each(as_list(lines), _read_line)
    return parse_each(as_list(body["events"] if isinstance(body, dict) and "events" in body else body), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as Mailtrap does; kinds that it does not know are left out, and all its bounces are hard."""
    body = orjson.dumps({"events": [_write(event) for event in events if event.type in _WORD_OF]})
    signature = signatures.sign_hex(body, keys.secret)
    return Composed(body, {"content-type": "application/json", "mailtrap-signature": signature})


def _split_line(line: bytes) -> dict[str, Any]:
    """Return the object on a line, or nothing."""
    try:
        content = read_json(line)
    except Unreadable:
        return {}
    return content if isinstance(content, dict) else {}


def _read_line(element: dict[str, Any]) -> Iterator[Event]:
    if not element:
        raise Unreadable("The line is not a JSON object.")
    yield from _read(element)


def _read(element: dict[str, Any]) -> Iterator[Event]:
    kind = WORDS.get(text(element.get("event")), EventType.IGNORED)
    if kind is EventType.IGNORED:  # such as the audit log, or inbound mail, of which no header is told
        yield Event(type=kind, at_us=0, message_id="")
        return
    metadata, tags = element.get("custom_variables"), tag_list(element.get("category"))
    found = resources(metadata, tags, domain=element.get("sending_domain_name"))
    reasons = (element.get("response"), element.get("reason"), element.get("bounce_category"))
    yield Event(
        type=kind,
        at_us=seconds_us(element["timestamp"]),
        message_id=text(element["message_id"], MAX_ID).strip(),
        recipient=text(element.get("email"), MAX_ADDRESS).strip(),
        provider_event_id=text(element.get("event_id"), MAX_ID),
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=Bounce.HARD if kind is EventType.BOUNCED else None,
        text=next(filter(None, map(text, reasons)), ""),
        url=text(element.get("url"), MAX_URL),
        user_agent=text(element.get("user_agent")),
        ip=text(element.get("ip"), 60),
    )


def _write(event: Event) -> dict[str, Any]:
    word = _WORD_OF[event.type]
    variables = {
        "campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox,
        "domain": event.domain,
    }  # fmt: skip
    element: dict[str, Any] = {
        "event": word, "timestamp": event.at_us // 1_000_000, "sending_stream": "transactional",
        "sending_domain_name": event.domain, "category": event.tags[0] if event.tags else None,
        "custom_variables": {key: value for key, value in variables.items() if value},
        "message_id": event.message_id, "email": event.recipient,
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{event.message_id} {event.recipient} {word} {event.at_us}")),
    }  # fmt: skip
    if word in {"bounce", "soft bounce"}:
        is_final, answer = word == "bounce", event.text or "The mailbox cannot be reached"
        element |= {"response": answer, "response_code": 550 if is_final else 450}
        element |= {"bounce_category": "badrecipient" if event.bounce is Bounce.HARD else "overquota"}
    if word in {"open", "click"}:
        element |= {"ip": event.ip or "192.0.2.7", "user_agent": event.user_agent}
    return element | ({"url": event.url} if word == "click" else {})
