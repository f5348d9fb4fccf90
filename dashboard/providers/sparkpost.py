"""SparkPost (Bird): a list of events, each in an envelope that names its class. Nothing is signed.

Sources: https://developers.sparkpost.com/api/webhooks/, https://developers.sparkpost.com/api/relay-webhooks/,
https://support.sparkpost.com/docs/deliverability/bounce-classification-codes.

`initial_open` is a second pixel, at the top of the same mail: it is ignored, so that an open counts once. A mail to one
recipient is its `message_id`; mail that could not be made has only the `transmission_id`, which all events carry.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson

from dashboard.providers import inbound
from dashboard.providers.base import (
    EARLIEST_US,
    LATEST_US,
    MAX_ADDRESS,
    MAX_ID,
    MAX_URL,
    Composed,
    Guide,
    Parsed,
    Secret,
    TrialKeys,
    Unreadable,
    address_of,
    as_list,
    basic_headers,
    check_basic,
    domain_of,
    iso_of,
    iso_us,
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
    "injection": EventType.QUEUED,
    "delivery": EventType.DELIVERED,
    "delay": EventType.DEFERRED,
    "bounce": EventType.BOUNCED,
    "out_of_band": EventType.BOUNCED,
    "generation_rejection": EventType.REJECTED,
    "policy_rejection": EventType.REJECTED,
    "generation_failure": EventType.FAILED,
    "open": EventType.OPENED,
    "amp_open": EventType.OPENED,
    "initial_open": EventType.IGNORED,
    "amp_initial_open": EventType.IGNORED,
    "click": EventType.CLICKED,
    "amp_click": EventType.CLICKED,
    "spam_complaint": EventType.COMPLAINED,
    "list_unsubscribe": EventType.UNSUBSCRIBED,
    "link_unsubscribe": EventType.UNSUBSCRIBED,
}
OTHER_CLASSES = {  # bounces that are none: somebody's program or wish answered
    60: EventType.AUTORESPONDED, 80: EventType.SUBSCRIBED, 90: EventType.UNSUBSCRIBED, 100: EventType.AUTORESPONDED,
}  # fmt: skip
WORDS: dict[EventType, str] = {kind: word for word, kind in reversed(TYPES.items()) if kind is not EventType.IGNORED}
ENVELOPES: dict[EventType, str] = {
    EventType.OPENED: "track_event", EventType.CLICKED: "track_event", EventType.FAILED: "gen_event",
    EventType.REJECTED: "gen_event", EventType.UNSUBSCRIBED: "unsubscribe_event",
}  # fmt: skip

name = "sparkpost"
guide = Guide(
    title="SparkPost",
    secret=Secret.BASIC,
    steps=(
        "In SparkPost open Configuration, then Webhooks, and press Create Webhook.",
        "Paste the address below as the target.",
        "Select all events; of Open and Initial Open only Open is counted, so Open must be among them.",
        "As authentication choose Basic Auth, with a user and a password of your choice.",
        "Paste both here as user:password, and then press Create Webhook in SparkPost.",
    ),
    words=(
        *((word, kind.value) for word, kind in TYPES.items() if kind is not EventType.BOUNCED),
        ("bounce or out_of_band, class 10 or 30", "bounced, hard"),
        ("bounce or out_of_band, other classes", "bounced, soft"),
        *((f"bounce or out_of_band, class {number}", kind.value) for number, kind in OTHER_CLASSES.items()),
        ("relay_message", "replied or autoresponded"),
        ("sms_status, relay_* and others", "ignored"),
    ),
    secret_hint="A user and a password of your choice, as user:password; the same as in SparkPost.",
    keys_hint="campaign_id and template_id of the transmission, mailbox_id and domain in its metadata.",
)
batch = 1_000  # SparkPost batches up to 10,000, which would be more than the 5 MB of a body


export_hint = "The events of SparkPost's Events API are understood, too, as JSON or as CSV."


def wrap(element: dict[str, Any]) -> bytes:
    """Return the body of an event, which the Events API gives without an envelope."""
    return orjson.dumps(element if "msys" in element else {"msys": {"event": element}})


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check Basic or bearer credentials; relay webhooks have no Basic, and send a token in a header of their own."""
    token = delivery.headers.get("x-messagesystems-webhook-token")
    if token and "authorization" not in delivery.headers:
        delivery = replace(delivery, headers={**delivery.headers, "authorization": f"Bearer {token}"})
    check_basic(delivery, connection, now)


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the list of envelopes; an empty envelope is a ping."""
    elements = as_list(read_json(delivery.body))
    return parse_each(elements, partial(_read, received_at=delivery.received_at))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as SparkPost would; what it never tells is left out."""
    body = orjson.dumps([_write(event) for event in events if event.type in {*WORDS, *_EXTRAS}])
    headers = {"content-type": "application/json", "x-messagesystems-batch-id": secrets.token_hex(16)}
    return Composed(body, headers | basic_headers(keys))


def _read(element: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    for envelope, told in element["msys"].items():
        yield _read_relay(told, received_at) if envelope == "relay_message" else _read_event(told)


def _read_event(told: dict[str, Any]) -> Event:
    kind, bounce = _kind(told)
    if kind is EventType.IGNORED:
        return Event(type=kind, at_us=0, message_id="", provider_event_id=text(told.get("event_id"), MAX_ID))
    ids = [one for one in (text(told.get(key), MAX_ID) for key in ("message_id", "transmission_id")) if one]
    tags, metadata, template = tag_list(told.get("rcpt_tags")), told.get("rcpt_meta"), text(told.get("template_id"))
    is_template = template not in {f"{prefix}_{told.get('transmission_id')}" for prefix in ("smtp", "template")}
    found = resources(
        metadata, tags,
        campaign=told.get("campaign_id"), template=template if is_template else None,  # else made from the id
        sender=text(told.get("friendly_from")), domain=told.get("sending_domain"),
    )  # fmt: skip
    is_seen = kind in {EventType.OPENED, EventType.CLICKED}
    return Event(
        type=kind, at_us=_instant(told["timestamp"]), sent_at_us=_sent_at(told.get("injection_time")), bounce=bounce,
        message_id=ids[0] if ids else "", aliases=tuple(ids[1:]),
        provider_event_id=text(told.get("event_id"), MAX_ID),
        recipient=text(told.get("raw_rcpt_to") or told.get("rcpt_to"), MAX_ADDRESS),
        sender=address_of(text(told.get("friendly_from")))[:MAX_ADDRESS], subject=text(told.get("subject")),
        tags=tags, metadata=pairs(metadata),
        campaign=found["campaign"], template=found["template"], mailbox=found["mailbox"], domain=found["domain"],
        text=text(told.get("raw_reason") or told.get("reason") or told.get("fbtype")),
        is_machine=is_seen and _is_machine(told.get("user_agent_parsed"), kind),
        url=text(told.get("target_link_url"), MAX_URL), user_agent=text(told.get("user_agent")),
        ip=text(told.get("ip_address"), 60) if is_seen else "",  # elsewhere it is a mail server's
    )  # fmt: skip


def _kind(told: dict[str, Any]) -> tuple[EventType, Bounce | None]:
    """Return the type, and how final a bounce is: a class that is missing or unknown is soft."""
    kind = TYPES.get(told["type"], EventType.IGNORED)
    if kind is not EventType.BOUNCED:
        return kind, None
    number = text(told.get("bounce_class"), 5)
    bounce_class = int(number) if number.isdecimal() else 1
    if bounce_class in OTHER_CLASSES:
        return OTHER_CLASSES[bounce_class], None
    return kind, Bounce.HARD if bounce_class in {10, 30} else Bounce.SOFT


def _instant(value: Any) -> int:
    """Return microseconds: the text of seconds, or in generation failures an ISO instant."""
    return iso_us(value) if isinstance(value, str) and ":" in value else seconds_us(value)


def _sent_at(value: Any) -> int | None:
    try:
        sent_at_us = iso_us(value, zone_missing_is_utc=True)
    except (Unreadable, ValueError, OverflowError):
        return None
    return sent_at_us if EARLIEST_US <= sent_at_us <= LATEST_US else None


def _is_machine(agent: Any, kind: EventType) -> bool:
    flags = agent if isinstance(agent, dict) else {}
    return flags.get("is_prefetched") is True or (kind is EventType.OPENED and flags.get("is_proxy") is True)


def _read_relay(told: dict[str, Any], received_at: datetime) -> Event:
    content = told["content"]
    listed = content.get("headers")  # objects of one name each
    if isinstance(listed, list):
        headers = inbound.header_map([[*pair] for one in listed for pair in one.items()])
    else:
        headers = inbound.mail_headers(_raw_mail(content))
    at_us, sender = inbound.written_us(headers, received_at), text(told.get("friendly_from"))
    return inbound.read_reply(headers, at_us=at_us, sender=sender, subject=content.get("subject"))


def _raw_mail(content: dict[str, Any]) -> str:
    raw = content["email_rfc822"]
    is_encoded = content.get("email_rfc822_is_base64") is True
    return base64.b64decode(raw).decode("utf-8", "replace") if is_encoded else str(raw)


_EXTRAS: dict[EventType, dict[str, str]] = {
    EventType.AUTORESPONDED: {"type": "bounce", "bounce_class": "60", "error_code": "550"},
    EventType.DEFERRED: {"bounce_class": "24", "error_code": "451", "num_retries": "1"},
    EventType.REJECTED: {"error_code": "554"}, EventType.FAILED: {"error_code": "554"},
    EventType.COMPLAINED: {"fbtype": "abuse", "report_by": "fbl.example.net", "report_to": "abuse.example.com"},
}  # fmt: skip


def _write(event: Event) -> dict[str, Any]:
    told = _write_common(event) | _EXTRAS.get(event.type, {})
    if event.type is EventType.BOUNCED:
        told |= {"bounce_class": "22" if event.bounce is Bounce.SOFT else "10", "error_code": "550"}
    if event.type in {EventType.OPENED, EventType.CLICKED}:
        agent = {"is_mobile": False, "is_proxy": False, "is_prefetched": event.is_machine}
        told |= {"user_agent": event.user_agent, "user_agent_parsed": agent, "ip_address": event.ip}
    sent = "" if event.sent_at_us is None else iso_of(event.sent_at_us)[:-4] + "Z"
    told |= {"raw_reason": event.text, "target_link_url": event.url, "injection_time": sent}
    told = {key: value for key, value in told.items() if value != ""}
    return {"msys": {ENVELOPES.get(event.type, "message_event"): told}}


def _write_common(event: Event) -> dict[str, Any]:
    sender, receiving = event.sender or event.mailbox or "news@mail.example.com", domain_of(event.recipient)
    given = {"mailbox_id": (event.mailbox, address_of(sender)), "domain": (event.domain, domain_of(sender))}
    metadata = {key: value for key, (value, implied) in given.items() if value and value != implied}
    return {
        "type": WORDS.get(event.type), "timestamp": str(event.at_us // 1_000_000),
        "event_id": event.provider_event_id or _number(secrets.token_hex(8)),
        "message_id": event.message_id, "transmission_id": (*event.aliases, _number(event.message_id))[0],
        "rcpt_to": event.recipient.lower(), "raw_rcpt_to": event.recipient, "rcpt_type": "to",
        "recipient_domain": receiving, "routing_domain": receiving, "rcpt_tags": list(event.tags),
        "rcpt_meta": dict(event.metadata) | metadata, "subject": event.subject, "friendly_from": sender,
        "msg_from": f"msprvs1=bounces-1@{domain_of(sender)}", "sending_domain": domain_of(sender),
        "campaign_id": event.campaign or "", "template_id": event.template or "", "template_version": "0",
        "customer_id": "1", "subaccount_id": "0", "delv_method": "esmtp", "ip_pool": "shared", "msg_size": "1337",
        "sending_ip": "192.0.2.25", "ip_address": "198.51.100.7", "queue_time": "12", "num_retries": "0",
        "open_tracking": True, "click_tracking": True, "initial_pixel": True,
    }  # fmt: skip


def _number(seed: str) -> str:
    """Return 17 digits that are the same for the same seed."""
    return str(int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big") % 10**17).zfill(17)
