"""Unisender Go (and UniOne): batches of events, or single ones, with the proof of their sender inside the body.

Sources: https://godocs.unisender.ru/web-api-ref#callback-format and https://docs.unione.io/en/web-api-notifications
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

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
    same,
    text,
)
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

name = "unisender"
batch = 100

WORDS: dict[str, EventType] = {
    "accepted": EventType.QUEUED,
    "sent": EventType.SENT,
    "delivered": EventType.DELIVERED,
    "soft_bounced": EventType.DEFERRED,  # Unisender tries again, and says hard_bounced when it gives up
    "hard_bounced": EventType.BOUNCED,
    "opened": EventType.OPENED,
    "clicked": EventType.CLICKED,
    "spam": EventType.COMPLAINED,
    "unsubscribed": EventType.UNSUBSCRIBED,
    "subscribed": EventType.SUBSCRIBED,
}
_WORD_OF = {kind: word for word, kind in WORDS.items()}
_FAILURES = {"soft_bounced": "err_will_retry", "hard_bounced": "err_user_unknown", "spam": "err_spam_rejected"}

guide = Guide(
    title="Unisender Go",
    secret=Secret.SIGNING,
    steps=(
        "In Unisender Go open Settings, then Webhooks, or Settings, then Projects for the webhook of one project.",
        "Paste the address below as notification URL; choose the format json_post and the status active.",
        "Choose the events; say no to single events and yes to additional information about delivery. Save.",
        "Paste the API key here: the project's for the webhook of a project, else the account's.",
    ),
    words=tuple((word, "bounced, hard" if kind is EventType.BOUNCED else kind.value) for word, kind in WORDS.items()),
    secret_hint="The API key of the account or of the project.",
    keys_hint="Send campaign_id, template_id, mailbox_id and domain as global_metadata or a recipient's metadata.",
)

STATUS_EVENT = "transactional_email_status"
MAX_BODY = 5_000_000  # bytes of a body once it is unpacked
_AUTH = re.compile(r"[0-9a-fA-F]{32}")
_FIELD = re.compile(rb'"auth"\s*:\s*"([0-9a-fA-F]{32})"')
_UNSIGNED = "0" * 32


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check `auth`: the MD5 of the body with the API key in its place."""
    try:
        body = _unpack(delivery.body)
        content = read_json(body)
    except Unreadable:
        raise BadSignature("The body is not JSON.") from None
    auth = content.get("auth") if isinstance(content, dict) else None
    if not isinstance(auth, str) or not _AUTH.fullmatch(auth):
        raise BadSignature('The field "auth" is missing or malformed.')
    before, found, after = _cut(body, auth)
    expected = [_digest(before + secret.encode() + after) for secret in connection.secrets.valid(now)]
    matches = [same(auth.lower(), one) for one in expected]  # all are compared, for even time
    if not found or not any(matches):
        raise BadSignature('The field "auth" is wrong.')


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the events of each user in `events_by_user`, or one event in a flat body."""
    body = read_json(_unpack(delivery.body))
    if not isinstance(body, dict):
        raise Unreadable("The body is not an object.")
    if "events_by_user" not in body:
        return parse_each([body], _read)
    elements: list[Any] = []
    for user in as_list(body["events_by_user"]):
        elements += as_list(user.get("events") or []) if isinstance(user, dict) else [user]
    return parse_each(as_list(elements), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as Unisender does; kinds that it does not know are left out, and all its bounces are hard."""
    told = [{"event_name": STATUS_EVENT, "event_data": _write(event)} for event in events if event.type in _WORD_OF]
    content = {"auth": _UNSIGNED, "events_by_user": [{"user_id": 456, "events": told}]}
    before, _, after = _cut(orjson.dumps(content).replace(b"/", b"\\/"), _UNSIGNED)
    body = before + _digest(before + keys.secret.encode() + after).encode() + after
    return Composed(body, {"content-type": "application/json"})


def _unpack(body: bytes) -> bytes:
    """Return a body without its compression by gzip or zlib; raises Unreadable beyond MAX_BODY."""
    if not body.startswith((b"\x1f\x8b", b"\x78")):  # no JSON begins with an x
        return body
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: either header
    try:
        unpacked = packed.decompress(body, MAX_BODY)
    except zlib.error:
        raise Unreadable("The compressed body is damaged.") from None
    if not packed.eof:
        raise Unreadable(f"The compressed body is cut, or larger than {MAX_BODY:,} bytes.")
    return unpacked


def _cut(body: bytes, auth: str) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the value of `auth`, the value, and what stands behind it."""
    places = (place.span(1) for place in _FIELD.finditer(body) if place[1] == auth.encode())
    start, end = next(places, (len(body), len(body)))
    return body[:start], body[start:end], body[end:]


def _digest(signed: bytes) -> str:
    return hashlib.md5(signed, usedforsecurity=False).hexdigest()  # the provider's choice


def _read(element: dict[str, Any]) -> Iterator[Event]:
    data = element.get("event_data", element)  # a flat body holds both
    kind = EventType.IGNORED
    if element.get("event_name") == STATUS_EVENT:
        kind = WORDS.get(text(data["status"]), EventType.IGNORED)
    if kind is EventType.IGNORED:  # such as transactional_spam_block, which is about a receiver's domain
        yield Event(type=kind, at_us=0, message_id="")
        return
    metadata, delivery_info = data.get("metadata"), data.get("delivery_info") or {}
    found = resources(metadata)
    reasons = (delivery_info.get("destination_response"), delivery_info.get("delivery_status"), data.get("comment"))
    yield Event(
        type=kind,
        at_us=iso_us(data["event_time"], zone_missing_is_utc=True),
        message_id=text(data["job_id"], MAX_ID).strip(),
        recipient=text(data["email"], MAX_ADDRESS).strip(),
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=Bounce.HARD if kind is EventType.BOUNCED else None,
        text=next(filter(None, map(text, reasons)), ""),
        url=text(data.get("url"), MAX_URL) if kind is EventType.CLICKED else "",
        user_agent=text(delivery_info.get("user_agent")),
        ip=text(delivery_info.get("ip"), 60),
    )


def _write(event: Event) -> dict[str, Any]:
    word = _WORD_OF[event.type]
    metadata = {
        "campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox,
        "domain": event.domain,
    }  # fmt: skip
    data: dict[str, Any] = {
        "job_id": event.message_id, "metadata": {key: value for key, value in metadata.items() if value},
        "email": event.recipient, "status": word, "event_time": iso_of(event.at_us)[:19].replace("T", " "),
    }  # fmt: skip
    if word in _FAILURES:
        data["delivery_info"] = {
            "delivery_status": "err_mailbox_full" if event.bounce is Bounce.SOFT else _FAILURES[word],
            "destination_response": event.text or "550 Not accepted",
        }
    if word in {"opened", "clicked"}:
        data["delivery_info"] = {"user_agent": event.user_agent, "ip": event.ip or "192.0.2.7"}
    return data | ({"url": event.url} if word == "clicked" else {})
