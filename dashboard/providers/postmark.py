"""Postmark: one JSON object at a time, told apart by RecordType. Nothing is signed.

Sources, under https://postmarkapp.com/developer/webhooks/: bounce-webhook, delivery-webhook, open-tracking-webhook,
click-webhook, spam-complaint-webhook, subscription-change-webhook, smtp-api-error, inbound-webhook.

Mail leaves Postmark with the Message-ID `<MessageID@mtasv.net>`, which is what replies name.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
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
    bare_id,
    basic_headers,
    check_basic,
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
from dashboard.vocabulary.sources import ReceivedDelivery

name = "postmark"
batch = 1
verify = check_basic

# A RecordType, or the Type of a bounce; a changed subscription is read as Unsubscribe or Subscribe.
WORDS: dict[str, tuple[EventType, Bounce | None]] = {
    "Delivery": (EventType.DELIVERED, None),
    "Open": (EventType.OPENED, None),
    "Click": (EventType.CLICKED, None),
    "SpamComplaint": (EventType.COMPLAINED, None),
    "SpamNotification": (EventType.COMPLAINED, None),
    "HardBounce": (EventType.BOUNCED, Bounce.HARD),
    "BadEmailAddress": (EventType.BOUNCED, Bounce.HARD),
    "SoftBounce": (EventType.BOUNCED, Bounce.SOFT),
    "VirusNotification": (EventType.BOUNCED, Bounce.SOFT),
    "Unknown": (EventType.BOUNCED, Bounce.SOFT),
    "Transient": (EventType.DEFERRED, None),
    "DnsError": (EventType.DEFERRED, None),
    "OpenRelayTest": (EventType.DEFERRED, None),
    "Blocked": (EventType.REJECTED, None),
    "DMARCPolicy": (EventType.REJECTED, None),
    "ManuallyDeactivated": (EventType.REJECTED, None),
    "Unconfirmed": (EventType.REJECTED, None),
    "SMTPApiError": (EventType.FAILED, None),
    "TemplateRenderingFailed": (EventType.FAILED, None),
    "AutoResponder": (EventType.AUTORESPONDED, None),
    "AddressChange": (EventType.AUTORESPONDED, None),
    "ChallengeVerification": (EventType.AUTORESPONDED, None),
    "Unsubscribe": (EventType.UNSUBSCRIBED, None),
    "Subscribe": (EventType.SUBSCRIBED, None),
}
_WORD_OF = {meaning: word for word, meaning in reversed(WORDS.items())}
_INSTANTS = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")
_ECHOES = frozenset({"HardBounce", "SpamComplaint"})  # why sending stopped: told before by an event of its own
HOST = "mtasv.net"

guide = Guide(
    title="Postmark",
    secret=Secret.BASIC,
    steps=(
        "In Postmark open your server, then the message stream, then Webhooks, and click Add webhook.",
        "Paste the address below, and under Basic auth credentials enter a username and a password.",
        "Tick all events, and click Save changes. Do so for each message stream.",
        "Paste username:password here.",
        "For replies open the inbound stream, then Settings, and enter the address as https://username:password@...",
    ),
    words=(
        *((word, f"{kind}, {bounce}" if bounce else kind.value) for word, (kind, bounce) in WORDS.items()),
        ("Inbound", "replied or autoresponded"),
    ),
    secret_hint="Choose them yourself: username:password, as entered under Basic auth credentials.",
    keys_hint="Send campaign_id, template_id, mailbox_id and domain as Metadata (X-PM-Metadata-campaign_id by SMTP).",
)


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read one event, or one inbound mail."""
    return parse_each(as_list(read_json(delivery.body)), partial(_read, received_at=delivery.received_at))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write the first event as Postmark does; of a kind that it does not know, one that is ignored."""
    event = events[0]
    is_mail = event.type in {EventType.REPLIED, EventType.AUTORESPONDED}
    body = orjson.dumps(_write_mail(event) if is_mail else _write(event))
    return Composed(body, {"content-type": "application/json", "user-agent": "Postmark", **basic_headers(keys)})


def _read(element: dict[str, Any], received_at: datetime) -> Iterator[Event]:
    if element.get("RecordType", "Inbound") == "Inbound":
        yield _read_mail(element, received_at)
        return
    kind, bounce = WORDS.get(_word(element), (EventType.IGNORED, None))
    if kind is EventType.IGNORED:
        yield Event(type=kind, at_us=0, message_id="")
        return
    message_id = text(element["MessageID"], MAX_ID).strip()
    sender = text(element.get("From"), MAX_ADDRESS)
    tags, metadata = tag_list(element.get("Tag")), element.get("Metadata")
    found = resources(metadata, tags, sender=sender)
    place = element.get("Geo")
    yield Event(
        type=kind,
        at_us=iso_us(next((element[name] for name in _INSTANTS if element.get(name)), None)),
        message_id=message_id,
        recipient=text(element.get("Recipient") or element.get("Email"), MAX_ADDRESS).strip(),
        provider_event_id=text(element.get("ID"), MAX_ID),
        tags=tags,
        metadata=pairs(metadata),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        text=text(element.get("Details") or element.get("Description")),
        url=text(element.get("OriginalLink"), MAX_URL),
        user_agent=text(element.get("UserAgent")),
        ip=text(place.get("IP"), 60) if isinstance(place, dict) else "",
        subject=text(element.get("Subject")),
        sender=sender,
        aliases=(f"{message_id}@{HOST}",) if message_id else (),
    )


def _word(element: dict[str, Any]) -> Any:
    """Return the word of the table that an event stands for; none for what was told before, or names no message."""
    record = element["RecordType"]
    if record == "Bounce":
        return element.get("Type")
    if record != "SubscriptionChange":
        return record
    if not element.get("MessageID") or element.get("SuppressionReason") in _ECHOES:
        return None
    return "Unsubscribe" if element.get("SuppressSending") else "Subscribe"


def _read_mail(element: dict[str, Any], received_at: datetime) -> Event:
    """Read an inbound mail; its author, date and subject stand beside the other headers."""
    headers = inbound.header_map({"date": element.get("Date")}) | inbound.header_map(element.get("Headers"))
    author = element.get("FromFull")
    return inbound.read_reply(
        headers,
        at_us=inbound.written_us(headers, received_at),
        sender=author.get("Email") if isinstance(author, dict) else element.get("From"),
        subject=element.get("Subject"),
        event_id=element.get("MessageID"),
    )


def _write(event: Event) -> dict[str, Any]:
    word = _WORD_OF.get((event.type, event.bounce), "Ping")
    instant = f"{iso_of(event.at_us)[:-1]}0Z"  # with seven digits
    keys = {"campaign_id": event.campaign, "template_id": event.template, "mailbox_id": event.mailbox}
    common = {
        "MessageID": _uuid(event.message_id),
        "ServerID": 23,
        "MessageStream": "outbound",
        "Tag": event.tags[0] if event.tags else "",
        "Metadata": {name: key for name, key in (*keys.items(), ("domain", event.domain)) if key is not None},
    }
    reader = {
        "ReceivedAt": instant, "Recipient": event.recipient, "UserAgent": event.user_agent, "Platform": "Desktop",
        "Client": {"Name": "Chrome 139", "Company": "Google", "Family": "Chrome"},
        "OS": {"Name": "Windows 10", "Company": "Microsoft Corporation", "Family": "Windows"},
        "Geo": {"CountryISOCode": "US", "Country": "United States", "IP": event.ip or "192.0.2.10"},
    }  # fmt: skip
    changed = {
        "ChangedAt": instant, "Recipient": event.recipient, "Origin": "Recipient",
        "SuppressSending": word == "Unsubscribe", "SuppressionReason": "ManualSuppression",
    }  # fmt: skip
    by_word: dict[str, dict[str, Any]] = {
        "Delivery": {"DeliveredAt": instant, "Recipient": event.recipient, "Details": "smtp;250 2.0.0 OK"},
        "Open": {"FirstOpen": True, **reader},
        "Click": {"ClickLocation": "HTML", "OriginalLink": event.url, **reader},
        "Unsubscribe": {"RecordType": "SubscriptionChange", **changed},
        "Subscribe": {"RecordType": "SubscriptionChange", **changed},
    }
    bounced = {
        "RecordType": "SpamComplaint" if word == "SpamComplaint" else "Bounce", "ID": event.at_us, "Type": word,
        "Name": word, "Email": event.recipient, "From": event.sender, "BouncedAt": instant, "Subject": event.subject,
        "Details": event.text or "smtp;550 5.1.1 user unknown", "Description": "", "DumpAvailable": False,
        "Inactive": word == "HardBounce", "CanActivate": True,
    }  # fmt: skip
    return {"RecordType": word, **common, **by_word.get(word, bounced if word in WORDS else {})}


def _write_mail(event: Event) -> dict[str, Any]:
    answered = event.in_reply_to[0] if event.in_reply_to else f"{_uuid(event.message_id)}@{HOST}"
    headers = {
        "Message-ID": f"<{uuid.uuid4()}@mail.example>",
        "In-Reply-To": f"<{bare_id(answered)}>",
        "Auto-Submitted": "auto-replied" if event.type is EventType.AUTORESPONDED else "no",
    }
    return {
        "From": event.recipient, "FromFull": {"Email": event.recipient, "Name": "", "MailboxHash": ""},
        "To": event.sender, "ToFull": [{"Email": event.sender, "Name": "", "MailboxHash": ""}],
        "MessageStream": "inbound", "MessageID": str(uuid.uuid4()), "Subject": f"Re: {event.subject}",
        "Date": format_datetime(datetime.fromtimestamp(event.at_us // 1_000_000, UTC)), "Attachments": [],
        "TextBody": "Thank you.", "StrippedTextReply": "Thank you.",
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }  # fmt: skip


def _uuid(message_id: str) -> str:
    """Return the UUID that Postmark would give a message, the same for the same id."""
    try:
        return str(uuid.UUID(message_id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, message_id))
