"""Amazon SES, which tells its events through topics of Amazon SNS.

Sources: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html (eventType),
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html (notificationType), and for mail that comes in
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson

from dashboard.providers import rsa, ses_trial, sns
from dashboard.providers.base import (
    MAX_ADDRESS,
    MAX_ID,
    MAX_URL,
    BadSignature,
    Composed,
    Guide,
    Parsed,
    Secret,
    Subscription,
    TrialKeys,
    Unreadable,
    address_of,
    as_list,
    bare_id,
    iso_us,
    pairs,
    parse_each,
    resources,
    text,
)
from dashboard.providers.inbound import header_map, read_reply
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery


class Word(NamedTuple):
    """What an event's name stands for, the object that tells it, and where that object names its recipients."""

    kind: EventType
    part: str
    people: str = ""


WORDS = {
    "Send": Word(EventType.SENT, "send"),
    "Delivery": Word(EventType.DELIVERED, "delivery", "recipients"),
    "DeliveryDelay": Word(EventType.DEFERRED, "deliveryDelay", "delayedRecipients"),
    "Bounce": Word(EventType.BOUNCED, "bounce", "bouncedRecipients"),
    "Complaint": Word(EventType.COMPLAINED, "complaint", "complainedRecipients"),
    "Reject": Word(EventType.REJECTED, "reject"),
    "Rendering Failure": Word(EventType.FAILED, "failure"),
    "RenderingFailure": Word(EventType.FAILED, "failure"),
    "Open": Word(EventType.OPENED, "open"),
    "Click": Word(EventType.CLICKED, "click"),
    "Subscription": Word(EventType.UNSUBSCRIBED, "subscription"),
    "Received": Word(EventType.REPLIED, "receipt"),
}
KINDS = {EventType.SUBSCRIBED: EventType.UNSUBSCRIBED, EventType.AUTORESPONDED: EventType.REPLIED}  # told by one word
OF_ONE = {"Open", "Click", "Subscription"}  # done by one recipient, whom SES does not name
# Told without an instant of their own: the mail's is theirs.
UNDATED = {"Send", "Reject", "Rendering Failure", "RenderingFailure"}

name = "ses"
guide = Guide(
    title="Amazon SES",
    secret=Secret.NONE,
    steps=(
        "In the AWS console open Simple Notification Service, Topics, Create topic; choose Standard and a name.",
        "On the topic's page press Create subscription, choose HTTPS, and paste the address below as the endpoint.",
        "Leave raw message delivery off, for it is not signed, and press Create subscription.",
        "Reload until the subscription is Confirmed; Sendscope confirms it by itself.",
        "Open Simple Email Service, Configuration sets, your set, Event destinations, and press Add destination.",
        "Choose all event types, then Amazon SNS as the destination type, and the topic.",
        "Make the set the default of your sending identity, or name it in the header X-SES-CONFIGURATION-SET.",
    ),
    words=(
        ("Send", "sent"),
        ("Delivery", "delivered"),
        ("DeliveryDelay", "deferred"),
        ("Bounce, Permanent", "bounced, hard"),
        ("Bounce, Transient or Undetermined", "bounced, soft"),
        ("Complaint", "complained"),
        ("Complaint, not-spam", "ignored"),
        ("Complaint, OnAccountSuppressionList", "rejected"),
        ("Reject", "rejected"),
        ("Rendering Failure", "failed"),
        ("Open", "opened; by a machine if isBotEvent is Likely"),
        ("Click", "clicked; by a machine if isBotEvent is Likely"),
        ("Subscription", "unsubscribed or subscribed"),
        ("Received", "replied or autoresponded"),
    ),
    keys_hint="Send the message tags campaign_id and template_id (X-SES-MESSAGE-TAGS) with each mail; mailbox and "
    "domain are those of From.",
)
batch = 1

make_keys = rsa.make_keys


export_hint = "The records that SES writes through Amazon Data Firehose are understood, too."
wrap = sns.wrap


def verify(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Check the envelope's signature, and that the headers say what it says."""
    if delivery.headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
        raise BadSignature("Raw message delivery is not signed; turn it off for the subscription.")
    try:
        envelope = sns.read_envelope(delivery.body)
    except Unreadable as error:
        raise BadSignature(str(error)) from error
    sns.check_amazon(envelope, connection, now)
    for header, field in (("x-amz-sns-message-type", "Type"), ("x-amz-sns-message-id", "MessageId")):
        if delivery.headers.get(header, envelope[field]) != envelope[field]:
            raise BadSignature(f"The header {header} is not what the body says.")


def parse(delivery: ReceivedDelivery) -> Parsed:
    """Read the one notification of the envelope, for each recipient that it names."""
    envelope = sns.read_envelope(delivery.body)
    message = sns.read_message(envelope) if envelope["Type"] == sns.NOTIFICATION else None
    if message is None:
        return Parsed([Event(type=EventType.IGNORED, at_us=0, message_id="")])
    return parse_each(as_list(message), partial(_read, envelope=envelope))


def subscription(delivery: ReceivedDelivery) -> Subscription | None:
    """Return the topic that speaks, and the address that confirms a new one if it is Amazon's."""
    return sns.subscription_of(delivery, sns.CONFIRM_URL)


def compose(events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:  # noqa: ARG001
    """Write one event as SES would through a topic; what SES never tells becomes an empty message."""
    kind = KINDS.get(events[0].type, events[0].type)
    words = [(word, meant.part) for word, meant in WORDS.items() if meant.kind is kind]
    message = ses_trial.write(*words[0], events[0]) if words else []
    envelope = sns.notify(message, now, subject="Amazon SES Email Event Notification", host=ses_trial.HOST)
    envelope = ses_trial.sign(envelope, keys, sns.signed_bytes(envelope))
    return Composed(orjson.dumps(envelope), sns.headers_of(envelope) | {"user-agent": ses_trial.AGENT})


def _read(element: dict[str, Any], envelope: Mapping[str, Any]) -> Iterator[Event]:
    word = text(element.get("eventType") or element.get("notificationType"), 40)
    meant = WORDS.get(word)
    part = element.get(meant.part) if meant else None
    part = part if isinstance(part, dict) else {}
    kind = _kind(meant.kind, part) if meant else EventType.IGNORED
    if meant is None or kind is EventType.IGNORED:
        yield Event(type=EventType.IGNORED, at_us=0, message_id="")
        return
    mail, event_id = element["mail"], text(envelope.get("MessageId"), MAX_ID)
    at_us = _instant(part, mail if word in UNDATED | {"Received"} else {}, envelope)
    if kind is EventType.REPLIED:
        headers = header_map(mail.get("headers"))
        yield read_reply(headers, at_us=at_us, subject=headers.get("subject"), event_id=event_id)
        return
    shared = _shared(mail, part) | {"type": kind, "at_us": at_us, "provider_event_id": event_id}
    if kind is EventType.BOUNCED:
        shared["bounce"] = Bounce.HARD if part.get("bounceType") == "Permanent" else Bounce.SOFT
    for recipient, told in _people(word, part.get(meant.people), mail):
        yield Event(recipient=recipient, text=_reason(told, part), **shared)


def _kind(kind: EventType, part: Mapping[str, Any]) -> EventType:
    """Return what an event means beyond its name: how a complaint was meant, and what became of topics."""
    if kind is EventType.COMPLAINED and part.get("complaintFeedbackType") == "not-spam":
        return EventType.IGNORED
    if kind is EventType.COMPLAINED and part.get("complaintSubType") == "OnAccountSuppressionList":
        return EventType.REJECTED  # never sent: the address is on the account's own list
    if kind is not EventType.UNSUBSCRIBED:
        return kind
    new, old = part.get("newTopicPreferences") or {}, part.get("oldTopicPreferences") or {}
    before, after = _topics(old), _topics(new)
    changed = {status for topic, status in after.items() if before.get(topic) != status}
    if new.get("unsubscribeAll") is True or "OptOut" in changed:
        return EventType.UNSUBSCRIBED
    return EventType.SUBSCRIBED if changed or old.get("unsubscribeAll") is True else EventType.IGNORED


def _topics(preferences: Mapping[str, Any]) -> dict[str, str]:
    listed = preferences.get("topicSubscriptionStatus") or []
    return {text(one.get("topicName")): text(one.get("subscriptionStatus")) for one in listed}


def _instant(part: Mapping[str, Any], mail: Mapping[str, Any], envelope: Mapping[str, Any]) -> int:
    """Return when it happened: the event's own instant, else the mail's, else when the topic told it."""
    return iso_us(part.get("timestamp") or mail.get("timestamp") or envelope.get("Timestamp"))


def _people(word: str, named: Any, mail: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return each recipient concerned with what is told of it alone; of several who may have, the first sorted."""
    people = named if isinstance(named, list) and named else mail.get("destination") or []
    told = [one if isinstance(one, dict) else {"emailAddress": one} for one in people]
    found = [(_address(one.get("emailAddress")), one) for one in told] or [("", {})]
    return sorted(found, key=lambda one: one[0])[:1] if word in OF_ONE else found


def _address(value: Any) -> str:
    shown = text(value, MAX_ADDRESS).strip()
    return address_of(shown) if "<" in shown else shown


def _reason(told: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    bounced = ": ".join(text(part[name]) for name in ("bounceType", "bounceSubType") if part.get(name))
    named = ("smtpResponse", "errorMessage", "reason", "complaintFeedbackType", "delayType")
    return text(told.get("diagnosticCode") or bounced or next((part[name] for name in named if part.get(name)), ""))


def _shared(mail: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all recipients of a notification have in common, as an event's fields."""
    headers, common = header_map(mail.get("headers")), mail.get("commonHeaders") or {}
    metadata, tags = sns.own_words(mail.get("headers"))
    for tag, values in (mail.get("tags") or {}).items():
        metadata[tag] = next(iter(values), None) if isinstance(values, list) else values
    sender = address_of((common.get("from") or [""])[0]) or address_of(headers.get("from") or mail.get("source"))
    found = resources(
        metadata, tags, template=part.get("templateName"), sender=sender, domain=metadata.get("ses:from-domain")
    )
    return {
        **found,
        "message_id": text(mail["messageId"], MAX_ID).strip(),
        "sent_at_us": sns.moment(mail.get("timestamp")),
        "tags": tags,
        "metadata": pairs(metadata),
        "is_machine": part.get("isBotEvent") == "Likely",
        "url": text(part.get("link"), MAX_URL),
        "user_agent": text(part.get("userAgent")),
        "ip": text(part.get("ipAddress"), 60),
        "subject": text(common.get("subject")),
        "sender": sender[:MAX_ADDRESS],
        "aliases": _aliases(mail, common.get("messageId"), headers.get("message-id")),
    }


def _aliases(mail: Mapping[str, Any], *told: Any) -> tuple[str, ...]:
    """Return the mail's other ids: those of its sender, and the Message-ID by which SES replaces them."""
    message_id = text(mail["messageId"], MAX_ID).strip()
    region = re.match(r"arn:aws[a-z-]*:ses:([a-z0-9-]+):", text(mail.get("sourceArn")))
    host = region and ("email" if region[1] == "us-east-1" else region[1])
    given = f"{message_id}@{host}.amazonses.com" if host and "@" not in message_id else ""
    ids = dict.fromkeys([*map(bare_id, told), given])
    return tuple(one for one in ids if one not in {"", message_id})
