"""Mailgun: one event at a time, with the proof of who sends inside the body; routes post inbound mail as forms.

Sources, under https://documentation.mailgun.com/docs/mailgun/user-manual/: webhooks/webhook-payloads,
webhooks/securing-webhooks, receive-forward-store/receive-http, tracking-messages/open-click-bot-detect.

Only the instant and the random token are signed, not the event itself, so a proof that somebody has seen can be used
again with another event: the address must stay secret, too. Its age is not looked at, for Mailgun tries for hours.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from dashboard.providers import inbound, mailgun_trial, signatures
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
    address_of,
    as_list,
    bare_id,
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

name = "mailgun"
batch = 1

# "failed" stands for four of these, by its severity and reason; "bounced" and "dropped" are older words.
WORDS: dict[str, tuple[EventType, Bounce | None]] = {
    "accepted": (EventType.QUEUED, None),
    "delivered": (EventType.DELIVERED, None),
    "failed, temporary": (EventType.DEFERRED, None),
    "failed, permanent": (EventType.BOUNCED, Bounce.HARD),
    "failed, permanent, given up or blocked": (EventType.BOUNCED, Bounce.SOFT),
    "failed, suppressed": (EventType.REJECTED, None),
    "rejected": (EventType.REJECTED, None),
    "opened": (EventType.OPENED, None),
    "clicked": (EventType.CLICKED, None),
    "unsubscribed": (EventType.UNSUBSCRIBED, None),
    "complained": (EventType.COMPLAINED, None),
    "bounced": (EventType.BOUNCED, Bounce.HARD),
    "dropped": (EventType.REJECTED, None),
}
_WORD_OF = {meaning: word for word, meaning in reversed(WORDS.items())}
_SOFT = frozenset({"old", "espblock"})  # reasons to give up that say nothing against the address
_KEYS = ("campaign_id", "template_id", "mailbox_id")  # of the sender's variables, among the fields of a form

guide = Guide(
    title="Mailgun",
    secret=Secret.SIGNING,
    steps=(
        "In Mailgun open Send, then Sending, then Webhooks, and choose the domain.",
        "Click Add webhook, choose an event type, paste the address below and save; do so for every event type.",
        "Copy the HTTP webhook signing key from the same page and paste it here.",
        "For replies open Receiving, create a route and let it forward to the same address.",
    ),
    words=(
        *((word, f"{kind}, {bounce}" if bounce else kind.value) for word, (kind, bounce) in WORDS.items()),
        ("mail of a route", "replied or autoresponded"),
    ),
    secret_hint="Sending > Webhooks > HTTP webhook signing key. It is not an API key.",
    keys_hint="Send v:campaign_id, v:template_id, v:mailbox_id and v:domain (X-Mailgun-Variables by SMTP).",
)


export_hint = "The events of Mailgun's Events API are understood, too, one on each line or a page on each line."


def wrap(element: dict[str, Any]) -> bytes:
    """Return the body of an event of the Events API, or of a page of them."""
    if "event-data" in element:
        return orjson.dumps(element)
    page = element.get("items")
    return orjson.dumps([{"event-data": event} for event in (page if isinstance(page, list) else [element])])


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the hex HMAC of the timestamp and token in the body; of a subaccount also that of its parent's key."""
    try:
        proof = _proof(delivery)
    except Unreadable:
        raise BadSignature("The body holds no signature.") from None
    signed = (text(proof.get("timestamp")) + text(proof.get("token"))).encode()
    valid = connection.secrets.valid(now)
    given = [text(proof.get(key)) for key in ("signature", "parent-signature")]
    if not signed or not any(signatures.is_hex_hmac(one, signed, valid) for one in given):
        raise BadSignature("The signature is missing or wrong.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read one event, or the form of a route; older webhooks were forms, too."""
    fields = inbound.form_fields(delivery)
    if fields:
        return parse_each([fields], _read_form if "event" in fields else _read_mail)
    return parse_each(as_list(read_json(delivery.body)), lambda element: _read(element["event-data"]))


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write the first event as Mailgun does; of a kind that it does not know, one that is ignored."""
    timestamp, token = str(int(now.timestamp())), secrets.token_hex(25)
    proof = {
        "token": token,
        "timestamp": timestamp,
        "signature": signatures.sign_hex((timestamp + token).encode(), keys.secret),
    }
    if events[0].type in {EventType.REPLIED, EventType.AUTORESPONDED}:
        form = urlencode(mailgun_trial.write_mail(events[0]) | proof)
        return Composed(form.encode(), {"content-type": "application/x-www-form-urlencoded"})
    word = _WORD_OF.get((events[0].type, events[0].bounce), "stored")
    body = {"signature": proof, "event-data": mailgun_trial.write_event(events[0], word)}
    return Composed(orjson.dumps(body), {"content-type": "application/json", "user-agent": "mailgun/treq-20.4.1"})


def _proof(delivery: ReceivedDelivery) -> dict[str, Any]:
    """Return timestamp, token and signature; a form may hold the sender's own variables before fields of that name."""
    fields = inbound.form_fields(delivery)
    if fields:
        return {name: values[-1] for name, values in fields.items()}
    body = read_json(delivery.body)
    return _object(body.get("signature")) if isinstance(body, dict) else {}


def _read(event: dict[str, Any]) -> Iterator[Event]:
    status, client = _object(event.get("delivery-status")), _object(event.get("client-info"))
    word = _word(event["event"], event.get("severity"), event.get("reason"), status.get("bounce-type"))
    kind, bounce = WORDS.get(word, (EventType.IGNORED, None))
    if kind is EventType.IGNORED or _object(event.get("flags")).get("is-routed") is True:
        yield Event(type=EventType.IGNORED, at_us=0, message_id="")  # a route's mail is not one that was sent
        return
    headers = event["message"]["headers"]
    tags, variables = tag_list(event.get("tags")), event.get("user-variables")
    sender = headers.get("from") or _object(event.get("envelope")).get("sender")
    found = resources(
        variables, tags, template=_object(event.get("template")).get("name"), sender=sender,
        domain=_object(event.get("domain")).get("name"),
    )  # fmt: skip
    why = status.get("message") or status.get("description") or _object(event.get("reject")).get("reason")
    yield Event(
        type=kind,
        at_us=seconds_us(event["timestamp"]),
        message_id=bare_id(headers["message-id"]),
        recipient=text(event.get("recipient") or address_of(headers.get("to")), MAX_ADDRESS).strip(),
        provider_event_id=text(event.get("id"), MAX_ID),
        tags=tags,
        metadata=pairs(variables),
        campaign=found["campaign"],
        template=found["template"],
        mailbox=found["mailbox"],
        domain=found["domain"],
        bounce=bounce,
        is_machine=bool(client.get("bot")),
        text=text(why or event.get("reason")),
        url=text(event.get("url"), MAX_URL),
        user_agent=text(client.get("user-agent")),
        ip=text(event.get("ip"), 60),
        subject=text(headers.get("subject")),
        sender=text(sender, MAX_ADDRESS),
    )


def _word(event: str, severity: Any, reason: Any, bounce_type: Any) -> str:
    """Return the word of the table that an event stands for."""
    if event == "dropped" and reason == "old":
        return "failed, permanent, given up or blocked"
    if event != "failed":
        return event
    if severity == "temporary":
        return "failed, temporary"
    if text(reason).startswith("suppress-"):
        return "failed, suppressed"
    is_soft = bounce_type == "soft" or reason in _SOFT
    return "failed, permanent, given up or blocked" if is_soft else "failed, permanent"


def _read_form(fields: dict[str, list[str]]) -> Iterator[Event]:
    """Read an event of the older webhooks: of two values the first is Mailgun's, but the last of what is signed."""
    first = {name: values[0] for name, values in fields.items()}
    return _read({
        "event": first["event"],
        "id": fields.get("token", [""])[-1],
        "timestamp": fields.get("timestamp", [""])[-1],
        "message": {"headers": {"message-id": first.get("Message-Id") or first.get("message-id")}},
        "delivery-status": {"message": first.get("error") or first.get("description")},
        "domain": {"name": first.get("domain")},
        "tags": fields.get("tag") or fields.get("X-Mailgun-Tag"),
        "user-variables": {name: first[name] for name in _KEYS if name in first},
        "client-info": {"user-agent": first.get("user-agent")},
        **{name: first.get(name) for name in ("recipient", "reason", "url", "ip")},
    })  # fmt: skip


def _read_mail(fields: dict[str, list[str]]) -> Iterator[Event]:
    """Read a mail that a route forwards or stores: its headers are fields, or stand in a list or in the whole mail."""
    listed = fields.get("message-headers", [""])[0]
    headers = inbound.header_map(fields) | inbound.mail_headers(fields.get("body-mime", [""])[0])
    headers |= inbound.header_map(read_json(listed.encode())) if listed else {}
    yield inbound.read_reply(
        headers, at_us=seconds_us(fields["timestamp"][-1]), sender=fields.get("from", [""])[0],
        subject=fields["subject"][0] if "subject" in fields else headers.get("subject"),
        event_id=bare_id(headers.get("message-id")),
    )  # fmt: skip


def _object(value: Any) -> dict[str, Any]:
    """Return an object as it is, and none for null, or for the empty list that Mailgun writes instead."""
    return value if isinstance(value, dict) else {}
