"""Twilio SendGrid: a list of events, signed with a key of its own for each webhook.

Sources, under https://www.twilio.com/docs/sendgrid/for-developers/: tracking-events/event,
tracking-events/getting-started-event-webhook-security-features, parsing-email/setting-up-the-inbound-parse-webhook.
The age of a signature is not looked at: events are told again for a day, and whether they are signed anew is not said.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from dashboard.providers import ecdsa, inbound
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
    as_list,
    bare_id,
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

name = "sendgrid"
batch = 1_000
make_keys = ecdsa.make_keys
is_public_key = ecdsa.is_public_key

# "blocked" is not an event of its own, but a bounce with that type.
WORDS: dict[str, tuple[EventType, Bounce | None]] = {
    "processed": (EventType.QUEUED, None),
    "delivered": (EventType.DELIVERED, None),
    "deferred": (EventType.DEFERRED, None),
    "bounce": (EventType.BOUNCED, Bounce.HARD),
    "blocked": (EventType.BOUNCED, Bounce.SOFT),
    "dropped": (EventType.REJECTED, None),
    "open": (EventType.OPENED, None),
    "click": (EventType.CLICKED, None),
    "spamreport": (EventType.COMPLAINED, None),
    "unsubscribe": (EventType.UNSUBSCRIBED, None),
    "group_unsubscribe": (EventType.UNSUBSCRIBED, None),
    "group_resubscribe": (EventType.SUBSCRIBED, None),
}
_WORD_OF = {meaning: word for word, meaning in reversed(WORDS.items())}

guide = Guide(
    title="SendGrid",
    secret=Secret.PUBLIC_KEY,
    steps=(
        "In SendGrid open Settings, then Mail Settings, then Event Webhooks, and click Create new webhook.",
        "Paste the address below as Post URL and tick all deliverability and engagement events.",
        "Under Security features switch on Enable Signed Event Webhook, and save.",
        "Open the webhook again, copy its Verification Key and paste it here.",
        "For replies add one more source, for Inbound Parse, with the public key of its security policy.",
    ),
    words=(
        *((word, f"{kind}, {bounce}" if bounce else kind.value) for word, (kind, bounce) in WORDS.items()),
        ("Inbound Parse", "replied or autoresponded"),
    ),
    secret_hint="Settings > Mail Settings > Event Webhooks > the webhook > Verification Key.",
    keys_hint="Send campaign_id, template_id, mailbox_id and domain as custom_args (unique_args by SMTP).",
)

# What SendGrid writes itself; whatever else stands in an event is a custom argument of the sender.
RESERVED = frozenset({
    "asm_group_id", "attempt", "bounce_classification", "category", "cert_err", "email", "event", "ip",
    "marketing_campaign_id", "marketing_campaign_name", "marketing_campaign_split_id", "marketing_campaign_version",
    "mc_auto_id", "mc_auto_name", "mc_auto_step_id", "mc_pod_id", "mc_stats", "newsletter", "nlvx_campaign_id",
    "nlvx_campaign_split_id", "nlvx_user_id", "phase_id", "pool", "post_type", "reason", "response", "send_at",
    "sg_content_type", "sg_event_id", "sg_machine_open", "sg_message_id", "sg_template_id", "sg_template_name",
    "sg_user_id", "singlesend_id", "singlesend_name", "smtp-id", "status", "template_hash", "template_version_id",
    "timestamp", "tls", "type", "url", "url_offset", "useragent",
})  # fmt: skip
# The columns of the CSV of Email Activity; https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/email-activity-feed
columns = {
    "processed": "timestamp", "message_id": "sg_message_id", "user_agent": "useragent", "categories": "category",
    "template_id": "sg_template_id",
} | dict.fromkeys((
    "api_key_id", "credential_id", "from", "is_unique", "mx", "originating_ip", "outbound_ip", "outbound_ip_type",
    "recv_message_id", "subject", "username",
), "")  # fmt: skip
export_hint = "Email Activity, Export CSV is understood, too."
_OF_ACTIVITY = {"bounced": "bounce", "clicked": "click", "opened": "open", "spam_report": "spamreport"}
_SENDER = frozenset({"domain", "from"})  # SendGrid's, too, where a deferral has both
# What SendGrid adds to an event of a kind, for composed ones.
_PARTICULARS: dict[str, dict[str, Any]] = {
    "delivered": {"response": "250 2.0.0 OK", "tls": 1},
    "deferred": {"response": "451 4.7.1 try again later", "attempt": "1", "tls": 0},
    "bounce": {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 user unknown", "tls": 1},
    "blocked": {"type": "blocked", "status": "5.7.1", "reason": "554 5.7.1 refused by policy", "tls": 1},
    "dropped": {"reason": "Bounced Address", "status": "5.0.0"},
    "open": {"sg_content_type": "html"},
    "click": {"url_offset": {"index": 0, "type": "html"}},
}
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the ECDSA signature over the timestamp's text and the body, to the last line end."""
    timestamp = delivery.headers.get(_TIMESTAMP, "")
    signed = timestamp.encode("latin-1", "replace") + delivery.body  # headers come as latin-1
    signature = delivery.headers.get(_SIGNATURE, "").strip()
    if not timestamp or not ecdsa.is_signed(connection.secrets.public_keys(now), signature, signed):
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read a list of events, or the form by which Inbound Parse hands over a mail."""
    fields = inbound.form_fields(delivery)
    if fields:
        return parse_each([fields], lambda form: _read_mail(form, delivery.received_at))
    return parse_each(as_list(read_json(delivery.body)), _read)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write events as SendGrid does; kinds that it does not know are left out."""
    told = [orjson.dumps(_write(event)) for event in events if (event.type, event.bounce) in _WORD_OF]
    body = b"[" + b",\r\n".join(told) + b"]\r\n"
    timestamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "SendGrid Event API",
        _SIGNATURE: ecdsa.sign(keys.private_key, timestamp.encode() + body),
        _TIMESTAMP: timestamp,
    }
    return Composed(body, headers)


def _read(element: dict[str, Any]) -> Iterator[Event]:
    word = _OF_ACTIVITY.get(element["event"], element["event"])
    if word == "bounce" and (element.get("type") or "bounce") not in {"bounce", "hard"}:
        word = "blocked"
    kind, bounce = WORDS.get(word, (EventType.IGNORED, None))
    if kind is EventType.IGNORED:
        yield Event(type=kind, at_us=0, message_id="")
        return
    own = RESERVED | _SENDER if word == "deferred" and "from" in element else RESERVED
    arguments = {key: value for key, value in element.items() if key not in own}
    unique = arguments.pop("unique_args", None)  # where an export keeps them together
    arguments |= unique if isinstance(unique, dict) else {}
    tags = tag_list(element.get("category"))
    smtp_id = bare_id(element.get("smtp-id"))
    found = resources(
        arguments, tags,
        campaign=element.get("marketing_campaign_id") or element.get("singlesend_id") or element.get("mc_auto_id"),
        template=element.get("sg_template_id"),
    )  # fmt: skip
    yield Event(
        type=kind,
        at_us=_instant(element["timestamp"]),
        message_id=_message_id(text(element.get("sg_message_id"), MAX_ID), smtp_id),
        recipient=text(element.get("email"), MAX_ADDRESS).strip(),
        provider_event_id=text(element.get("sg_event_id"), MAX_ID),
        tags=tags,
        metadata=pairs(arguments),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        is_machine=text(element.get("sg_machine_open")).lower() == "true",
        text=text(element.get("reason") or element.get("response")),
        url=text(element.get("url"), MAX_URL),
        user_agent=text(element.get("useragent")),
        ip=text(element.get("ip"), 60),
        aliases=(smtp_id,) if smtp_id else (),
    )


def _instant(value: Any) -> int:
    """Return microseconds: seconds since 1970, or in an export a day and a clock time in UTC."""
    is_written = isinstance(value, str) and ":" in value
    return iso_us(value, zone_missing_is_utc=True) if is_written else seconds_us(value)


def _message_id(sg_message_id: str, smtp_id: str) -> str:
    """Return what SendGrid answered at sending (X-Message-Id): the part before the first dot.

    Drops may have the name of a server there, which is no message's id; their smtp-id begins with it.
    """
    first = sg_message_id.partition(".")[0]
    if not first.startswith("filter"):
        return first
    local, _, host = smtp_id.partition("@")
    return local if "ismtpd" in host else sg_message_id


def _read_mail(form: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    mail = (form.get("headers") or form.get("email") or [""])[0]
    headers = inbound.mail_headers(mail)
    yield inbound.read_reply(
        headers, at_us=inbound.written_us(headers, received_at),
        subject=headers.get("subject"), event_id=bare_id(headers.get("message-id")),
    )  # fmt: skip


def _write(event: Event) -> dict[str, Any]:
    word = _WORD_OF[event.type, event.bounce]
    message_id = event.message_id if re.fullmatch(r"[\w-]+", event.message_id, re.ASCII) else _digest(event.message_id)
    element: dict[str, Any] = {
        "email": event.recipient,
        "timestamp": event.at_us // 1_000_000,
        "event": "bounce" if word == "blocked" else word,
        "category": list(event.tags) or None,
        "sg_event_id": _digest(f"{word} {event.message_id} {event.recipient} {event.at_us} {event.url}"),
        "sg_message_id": f"{message_id}.recvd-84b6d9bf5c-x7q2m-1-69B53AE0-11.0",
        "smtp-id": f"<{message_id}@geopod-ismtpd-4-1>" if word not in {"open", "click", "unsubscribe"} else None,
        "campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox,
        "domain": event.domain,
        "sg_machine_open": event.is_machine if word == "open" else None,
        "url": event.url or None, "useragent": event.user_agent or None, "ip": event.ip or None,
        **_PARTICULARS.get(word, {}),
    }  # fmt: skip
    return {key: value for key, value in element.items() if value is not None}


def _digest(name: str) -> str:
    """Return 22 characters that look like SendGrid's ids, the same for the same name."""
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
