"""Mandrill (Mailchimp Transactional): batches of events in one form field, signed together with the address.

Sources: https://mailchimp.com/developer/transactional/docs/webhooks/ and
https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from dashboard.providers import inbound
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
    as_list,
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

name = "mandrill"
batch = 1_000

WORDS: dict[str, tuple[EventType, Bounce | None]] = {
    "send": (EventType.SENT, None),
    "delivered": (EventType.DELIVERED, None),
    "deferral": (EventType.DEFERRED, None),
    "hard_bounce": (EventType.BOUNCED, Bounce.HARD),
    "soft_bounce": (EventType.BOUNCED, Bounce.SOFT),
    "reject": (EventType.REJECTED, None),
    "open": (EventType.OPENED, None),
    "click": (EventType.CLICKED, None),
    "spam": (EventType.COMPLAINED, None),
    "unsub": (EventType.UNSUBSCRIBED, None),
}
_WORD_OF = {meaning: word for word, meaning in WORDS.items()}

guide = Guide(
    title="Mandrill (Mailchimp Transactional)",
    secret=Secret.SIGNING,
    steps=(
        "In Mandrill open Settings, then Webhooks, and click Add a Webhook.",
        "Tick the events that you want counted.",
        "Paste the address below as Post To URL, exactly as it stands, and click Create Webhook.",
        "Copy the key of the new webhook from the list and paste it here.",
    ),
    words=(
        *((word, f"{kind}, {bounce}" if bounce else kind.value) for word, (kind, bounce) in WORDS.items()),
        ("inbound", "replied or autoresponded"),
    ),
    secret_hint="Settings > Webhooks, column Key.",
    keys_hint="Send campaign_id, template_id, mailbox_id and domain as metadata (X-MC-Metadata by SMTP).",
)

FIELD = "mandrill_events"
SET_UP_KEY = "test-webhook"  # signs the empty batch by which Mandrill tries an address, before a key exists
_MAX_FIELDS = 20


def wrap(element: dict[str, Any]) -> bytes:
    """Return the form of one event."""
    return urlencode({FIELD: orjson.dumps([element]).decode()}).encode()


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the HMAC-SHA1 of the address and all form fields; an empty batch may come before there is a key."""
    try:
        fields = _fields(delivery.body)
        given = base64.b64decode(delivery.headers.get("x-mandrill-signature", "").strip(), validate=True)
    except (Unreadable, ValueError):
        raise BadSignature("The signature is missing or malformed.") from None
    valid = connection.secrets.valid(now)
    is_empty = [(key, value.strip()) for key, value in fields] == [(FIELD, "[]")]
    if is_empty and not valid:
        return
    if not _is_signed(given, delivery.url, fields, (*valid, SET_UP_KEY) if is_empty else valid):
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the JSON list in the form field `mandrill_events`."""
    batches = [value for key, value in _fields(delivery.body) if key == FIELD]
    if len(batches) != 1:
        raise Unreadable(f"The body is not a form with one field {FIELD}.")
    return parse_each(as_list(read_json(batches[0].encode("utf-8", "surrogateescape"))), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as Mandrill does; kinds that it does not know are left out."""
    told = [_write(event) for event in events if (event.type, event.bounce) in _WORD_OF]
    fields = [(FIELD, orjson.dumps(told).decode())]
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "Mandrill-Webhook/1.0",
        "x-mandrill-signature": base64.b64encode(_sign(keys.secret, url, fields)).decode(),
    }
    return Composed(urlencode(fields).encode(), headers)


def _fields(body: bytes) -> list[tuple[str, str]]:
    """Return the decoded fields of a form; bytes that are no UTF-8 survive as surrogates, to be signed as they came."""
    try:
        return parse_qsl(
            body.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise Unreadable(f"The body is not a form of at most {_MAX_FIELDS} fields.") from None


def _sign(secret: str, url: str, fields: Sequence[tuple[str, str]]) -> bytes:
    signed = url + "".join(key + value for key, value in sorted(fields, key=lambda field: field[0]))
    return hmac.digest(secret.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1)


def _is_signed(given: bytes, url: str, fields: list[tuple[str, str]], secrets: Iterable[str]) -> bool:
    """Compare with every secret, for even time; an address may have been given an empty query on its way."""
    urls = {url, url.removesuffix("?")}
    matches = [hmac.compare_digest(given, _sign(secret, one, fields)) for secret in secrets for one in urls]
    return any(matches)


def _read(element: dict[str, Any]) -> Iterator[Event]:
    if element.get("event") == "inbound":
        yield _read_inbound(element)
        return
    kind, bounce = WORDS.get(text(element.get("event")), (EventType.IGNORED, None))
    if kind is EventType.IGNORED:  # such as a change of the allowlist, which has a `type` and no message
        yield Event(type=kind, at_us=0, message_id="")
        return
    message = element["msg"]
    tags, metadata = tag_list(message.get("tags")), message.get("metadata")
    found = resources(metadata, tags, template=message.get("template"), sender=message.get("sender"))
    agent = element.get("user_agent_parsed") or {}
    sent_at_us = seconds_us(message.get("ts") or 0)
    yield Event(
        type=kind,
        at_us=seconds_us(element["ts"]),
        message_id=text(element.get("_id") or message["_id"], MAX_ID).strip(),
        recipient=text(message.get("email"), MAX_ADDRESS).strip(),
        sent_at_us=sent_at_us if EARLIEST_US <= sent_at_us <= LATEST_US else None,
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        is_machine=text(agent.get("type")).lower() == "robot",
        text=_reason(element, message),
        url=text(element.get("url"), MAX_URL),
        user_agent=text(element.get("user_agent") or ""),
        ip=text(element.get("ip"), 60),
        subject=text(message.get("subject")),
        sender=text(message.get("sender"), MAX_ADDRESS),
    )


def _read_inbound(element: dict[str, Any]) -> Event:
    message = element["msg"]
    headers = inbound.header_map(message.get("headers"))
    return inbound.read_reply(
        headers, at_us=seconds_us(element["ts"]), sender=message.get("from_email"), subject=message.get("subject")
    )


def _reason(element: dict[str, Any], message: dict[str, Any]) -> str:
    """Return why a mail did not arrive: the receiver's answer, or what Mandrill says of it."""
    attempts = message.get("smtp_events") if element["event"] == "deferral" else None
    reject = element.get("reject") or message.get("reject") or {}
    candidates = (
        message.get("diag"), element.get("diag"), (attempts or [{}])[-1].get("diag"),
        reject.get("detail"), reject.get("reason"), message.get("bounce_description"),
    )  # fmt: skip
    return next(filter(None, map(text, candidates)), "")


def _write(event: Event) -> dict[str, Any]:
    at = event.at_us // 1_000_000
    hit = {"ts": at, "ip": event.ip or "192.0.2.7", "ua": event.user_agent, "location": None}
    word = _WORD_OF[event.type, event.bounce]
    metadata = {
        "campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox,
        "domain": event.domain,
    }  # fmt: skip
    message = {
        "ts": at if event.sent_at_us is None else event.sent_at_us // 1_000_000, "_id": event.message_id,
        "_version": "trial", "state": "sent", "subject": event.subject, "email": event.recipient,
        "sender": event.sender, "tags": list(event.tags), "template": None, "smtp_events": [], "resends": [],
        "opens": [hit] if word == "open" else [], "clicks": [hit | {"url": event.url}] if word == "click" else [],
        "metadata": {key: value for key, value in metadata.items() if value} or [], "diag": event.text or None,
    }  # fmt: skip
    element: dict[str, Any] = {"event": word, "_id": event.message_id, "msg": message, "ts": at}
    if word in {"open", "click"}:
        agent = {"type": "Robot" if event.is_machine else "Browser", "mobile": False, "ua_family": "Chrome"}
        element |= {"ip": hit["ip"], "user_agent": event.user_agent, "user_agent_parsed": agent, "location": None}
    return element | ({"url": event.url} if word == "click" else {})
