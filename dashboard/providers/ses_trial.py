"""What Amazon SES would write for an event: the messages of simulated traffic, in the format of event publishing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from dashboard.providers import rsa
from dashboard.providers.base import TrialKeys, address_of, domain_of, iso_of
from dashboard.vocabulary.events import Bounce, Event, EventType

HOST = "sns.us-east-1.amazonaws.com"
AGENT = "Amazon Simple Notification Service Agent"
ACCOUNT = "000000000000"
_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"
)


def write(word: str, part: str, event: Event) -> dict[str, Any]:
    """Return the message that tells an event by this word, its details in the object named `part`."""
    kind = "notificationType" if word == "Received" else "eventType"
    return {kind: word, "mail": _mail(event), part: _detail(event)}


def sign(envelope: Mapping[str, Any], keys: TrialKeys, signed: bytes) -> dict[str, Any]:
    """Return the envelope with a signature of version 2 by the simulation's own key."""
    return {
        **envelope,
        "SignatureVersion": "2",
        "Signature": rsa.sign(keys.private_key, signed, rsa.SHA256),
        "SigningCertURL": f"https://{HOST}/SimpleNotificationService-{'0' * 32}.pem",
    }


def _mail(event: Event) -> dict[str, Any]:
    is_inbound = event.type in {EventType.REPLIED, EventType.AUTORESPONDED}
    sender = event.recipient if is_inbound else event.sender or event.mailbox or "news@mail.example.com"
    receiver = event.mailbox or "news@mail.example.com" if is_inbound else event.recipient
    headers = {"From": sender, "To": receiver, "Subject": event.subject, "MIME-Version": "1.0"}
    if is_inbound:
        headers |= {"In-Reply-To": " ".join(f"<{one}>" for one in event.in_reply_to or (_written_id(event),))}
    if event.type is EventType.AUTORESPONDED:
        headers |= {"Auto-Submitted": "auto-replied"}
    if not is_inbound and event.mailbox and event.mailbox != address_of(sender):
        headers |= {"X-Mailbox-ID": event.mailbox}
    aliases = [f"<{one}>" for one in event.aliases[:1]]
    return {
        "timestamp": _milliseconds(event.sent_at_us or event.at_us),
        "source": sender,
        "sourceArn": f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/{domain_of(sender)}",
        "sendingAccountId": ACCOUNT,
        "messageId": event.message_id or uuid.uuid4().hex,
        "destination": [receiver],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {"from": [sender], "to": [receiver], "subject": event.subject}
        | dict(zip(["messageId"], aliases, strict=False)),
        "tags": _tags(event, sender),
    }


def _written_id(event: Event) -> str:
    """Return the Message-ID with which SES sends a mail, unless the id that we know is one already."""
    return event.message_id if "@" in event.message_id else f"{event.message_id}@email.amazonses.com"


def _tags(event: Event, sender: str) -> dict[str, list[str]]:
    tags = {
        "ses:operation": "SendEmail",
        "ses:configuration-set": "sendscope-trial",
        "ses:source-ip": "192.0.2.0",
        "ses:from-domain": event.domain or domain_of(sender),
        "ses:caller-identity": "trial",
        "campaign_id": event.campaign,
        "template_id": event.template,
    }
    return {tag: [value] for tag, value in tags.items() if value}


def _detail(event: Event) -> dict[str, Any]:
    """Return the event's own object."""
    at, person = _milliseconds(event.at_us), {"emailAddress": event.recipient}
    seen = {
        "ipAddress": event.ip or "192.0.2.1",
        "timestamp": at,
        "userAgent": event.user_agent or _BROWSER,
        "isBotEvent": "Likely" if event.is_machine else "Unlikely",
    }
    late = person | {"status": "4.4.1", "diagnosticCode": event.text or "smtp; 421 4.4.1 Unable to connect"}
    inbound = {"timestamp": at, "processingTimeMillis": 357, "recipients": [event.mailbox]}
    details: dict[EventType, dict[str, Any]] = {
        EventType.DELIVERED: {
            "timestamp": at,
            "processingTimeMillis": 546,
            "recipients": [event.recipient],
            "smtpResponse": event.text or "250 2.0.0 OK",
            "reportingMTA": "a8-70.smtp-out.amazonses.com",
        },
        EventType.BOUNCED: _bounce(event, at),
        EventType.DEFERRED: {
            "timestamp": at,
            "delayType": "TransientCommunicationFailure",
            "expirationTime": _milliseconds(event.at_us + 50_400_000_000),  # 14 hours later
            "delayedRecipients": [late],
        },
        EventType.COMPLAINED: _complaint(person, at),
        EventType.OPENED: seen,
        EventType.CLICKED: seen | {"link": event.url, "linkTags": None},
        EventType.UNSUBSCRIBED: _preferences(at, "OptIn", "OptOut"),
        EventType.SUBSCRIBED: _preferences(at, "OptOut", "OptIn"),
        EventType.REJECTED: {"reason": event.text or "Bad content"},
        EventType.FAILED: {"errorMessage": event.text or "Attribute 'name' is not present in the rendering data."},
        EventType.REPLIED: inbound,
        EventType.AUTORESPONDED: inbound,
    }
    return details.get(event.type, {})


def _bounce(event: Event, at: str) -> dict[str, Any]:
    is_soft = event.bounce is Bounce.SOFT
    status, told = ("4.2.2", "452 4.2.2 mailbox full") if is_soft else ("5.1.1", "550 5.1.1 user unknown")
    person = {"emailAddress": event.recipient, "action": "failed", "status": status}
    return {
        "bounceType": "Transient" if is_soft else "Permanent",
        "bounceSubType": "MailboxFull" if is_soft else "General",
        "bouncedRecipients": [person | {"diagnosticCode": event.text or f"smtp; {told}"}],
        "timestamp": at,
        "feedbackId": uuid.uuid4().hex,
        "reportingMTA": "dns; mail.example.com",
    }


def _complaint(person: dict[str, str], at: str) -> dict[str, Any]:
    return {
        "feedbackId": uuid.uuid4().hex,
        "complaintSubType": None,
        "complainedRecipients": [person],
        "timestamp": at,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": at,
    }


def _preferences(at: str, old: str, new: str) -> dict[str, Any]:
    """Return how a contact's preferences changed: from OptIn to OptOut, or back."""
    told = {"contactList": "Trial", "timestamp": at, "source": "UnsubscribeHeader"}
    return told | {"oldTopicPreferences": _topics(old), "newTopicPreferences": _topics(new)}


def _topics(status: str) -> dict[str, Any]:
    listed = [{"topicName": "News", "subscriptionStatus": status}]
    return {"unsubscribeAll": status == "OptOut", "topicSubscriptionStatus": listed}


def _milliseconds(at_us: int) -> str:
    return iso_of(at_us)[:-4] + "Z"
