"""What Mailgun posts for an event or a mail, for simulated traffic; mailgun.py reads it back."""

from __future__ import annotations

import secrets
from typing import Any

import orjson

from dashboard.providers.base import bare_id
from dashboard.vocabulary.events import Event, EventType

_PARTICULARS: dict[str, dict[str, Any]] = {
    "delivered": {"delivery-status": {"attempt-no": 1, "code": 250, "message": "OK", "tls": True}},
    "failed, temporary": {
        "severity": "temporary", "reason": "generic",
        "delivery-status": {"attempt-no": 1, "code": 421, "message": "4.2.1 Try again later", "retry-seconds": 600},
    },
    "failed, permanent": {
        "severity": "permanent", "reason": "bounce",
        "delivery-status": {"attempt-no": 1, "code": 550, "message": "5.1.1 User unknown", "bounce-type": "hard"},
    },
    "failed, permanent, given up or blocked": {
        "severity": "permanent", "reason": "old",
        "delivery-status": {"attempt-no": 9, "code": 602, "message": "Too old", "bounce-type": "soft"},
    },
    "failed, suppressed": {
        "severity": "permanent", "reason": "suppress-bounce",
        "delivery-status": {"code": 605, "message": "", "description": "Not delivering to previously bounced address"},
    },
}  # fmt: skip


_ENGAGED = frozenset({EventType.OPENED, EventType.CLICKED, EventType.UNSUBSCRIBED})


def write_event(event: Event, word: str) -> dict[str, Any]:
    """Return `event-data` of an event for which Mailgun has this word."""
    keys = {"campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox}
    variables = {name: key for name, key in (*keys.items(), ("domain", event.domain)) if key is not None}
    element: dict[str, Any] = {
        "event": word.partition(",")[0],
        "id": secrets.token_urlsafe(16),
        "timestamp": event.at_us / 1_000_000,
        "log-level": "error" if event.bounce else "info",
        "account": {"id": "5f0c1e6b8d2a4a7d9c3b1e02"},
        "domain": {"name": event.domain or "mail.example.com"},
        "message": {"headers": {"message-id": bare_id(event.message_id)}},
        "recipient": event.recipient,
        "recipient-domain": event.recipient.rpartition("@")[2],
        "tags": list(event.tags),
        "campaigns": [],
        "user-variables": variables or [],
        **_PARTICULARS.get(word, {}),
    }
    return element | (_reader(event) if event.type in _ENGAGED else _mail(event, element["message"]))


def write_mail(event: Event) -> dict[str, str]:
    """Return the fields by which a route forwards the mail that answers a message."""
    answered = event.in_reply_to[0] if event.in_reply_to else bare_id(event.message_id)
    headers = [
        ["From", event.recipient],
        ["To", event.sender],
        ["Subject", f"Re: {event.subject}"],
        ["Message-Id", f"<{secrets.token_hex(8)}@mail.example>"],
        ["In-Reply-To", f"<{answered}>"],
        ["Auto-Submitted", "auto-replied" if event.type is EventType.AUTORESPONDED else "no"],
    ]
    return {
        "recipient": event.sender,
        "sender": event.recipient,
        "from": event.recipient,
        "subject": f"Re: {event.subject}",
        "body-plain": "Thank you.",
        "message-headers": orjson.dumps(headers).decode(),
    }


def _reader(event: Event) -> dict[str, Any]:
    """Return who opened or clicked."""
    client = {
        "client-name": "Chrome",
        "client-os": "Windows",
        "client-type": "browser",
        "device-type": "desktop",
        "user-agent": event.user_agent,
        "bot": "generic" if event.is_machine else None,
    }
    place = {"country": "US", "region": "TX", "city": "San Antonio", "timezone": "America/Chicago"}
    reader = {"client-info": client, "geolocation": place, "ip": event.ip or "192.0.2.10"}
    return reader | ({"url": event.url} if event.url else {})


def _mail(event: Event, message: dict[str, Any]) -> dict[str, Any]:
    """Return what events of delivery tell of the mail itself."""
    headers = message["headers"] | {"from": event.sender, "to": event.recipient, "subject": event.subject}
    return {
        "message": {"headers": headers, "attachments": [], "size": 5_120},
        "envelope": {"sender": event.sender, "targets": event.recipient, "transport": "smtp"},
        "flags": {"is-authenticated": True, "is-routed": False, "is-system-test": False, "is-test-mode": False},
        "storage": {"key": "BAABAQcQSeSample", "url": "https://storage-us-west1.api.mailgun.net/v3/domains/sample"},
    }
