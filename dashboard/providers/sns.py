"""Topics that speak to us: the envelopes of Amazon SNS, which Scaleway's Topics and Events imitates.

Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html.
Envelopes are JSON sent as text/plain, so that only the bytes are looked at, never the content type.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dashboard.providers import rsa
from dashboard.providers.base import (
    EARLIEST_US,
    LATEST_US,
    BadSignature,
    Subscription,
    Unreadable,
    iso_us,
    read_json,
    tag_list,
    text,
)
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
FAREWELL = "UnsubscribeConfirmation"
TRIAL_TOPIC = "arn:aws:sns:us-east-1:000000000000:trial"  # speaks in simulated traffic, and belongs to nobody

_CONFIRMING = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED_FIELDS = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: _CONFIRMING,
    FAREWELL: _CONFIRMING,
}
ALGORITHMS: Mapping[str, hashes.HashAlgorithm] = {"1": rsa.SHA1, "2": rsa.SHA256}
AMAZON = r"https://sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?"
CERTIFICATE_URL = re.compile(AMAZON + r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\.pem")
CONFIRM_URL = re.compile(AMAZON + r"/\?[!-~]+")
MAX_URL = 2_000
OWN_HEADERS = {
    "x-campaign-id": "campaign_id",
    "x-template-id": "template_id",
    "x-mailbox-id": "mailbox_id",
    "x-domain": "domain",
}


def read_envelope(body: bytes) -> dict[str, Any]:
    """Return the envelope; raises Unreadable when the body is none."""
    envelope = read_json(body)
    if not isinstance(envelope, dict) or not isinstance(envelope.get("Type"), str):
        raise Unreadable("The body is not a message of a topic.")
    return envelope


def wrap(element: dict[str, Any]) -> bytes:
    """Return the envelope of an event that came without one, as from Amazon Data Firehose."""
    if isinstance(element.get("Type"), str) and "Message" in element:
        return orjson.dumps(element)
    return orjson.dumps({"Type": NOTIFICATION, "Message": orjson.dumps(element).decode()})


def read_message(envelope: Mapping[str, Any]) -> Any:
    """Return the JSON within the envelope, or None for the text by which a topic greets; raises Unreadable."""
    message = envelope.get("Message")
    if not isinstance(message, str):
        raise Unreadable("The envelope holds no message.")
    if message.startswith("Successfully validated SNS topic"):
        return None
    return read_json(message.encode())


def check_amazon(envelope: Mapping[str, Any], connection: Connection, now: datetime) -> None:
    """Return if Amazon signed the envelope for one of the source's topics; raises BadSignature, or NoCertificate.

    A signature by a key of the source is enough by itself: somebody pasted it, or it signs simulated traffic. Else
    the certificate behind the envelope's address counts; it proves Amazon but not whose topic it is.
    """
    algorithm = ALGORITHMS.get(field(envelope, "SignatureVersion"))
    if algorithm is None:
        raise BadSignature("The signature's version is neither 1 nor 2.")
    signed, signature = signed_bytes(envelope), field(envelope, "Signature")
    ours = [key for pasted in connection.secrets.public_keys(now) for key in rsa.read_public_keys(pasted)]
    if rsa.is_signed(ours, signature, signed, algorithm):
        return
    url = field(envelope, "SigningCertURL")
    if len(url) > MAX_URL or not CERTIFICATE_URL.fullmatch(url):
        raise BadSignature("The certificate's address is not Amazon's.")
    theirs = _certified_keys(connection.certificate_of(url), now)
    if not rsa.is_signed(theirs, signature, signed, algorithm):
        raise BadSignature("The signature is wrong.")
    if connection.topics and envelope["TopicArn"] not in connection.topics:
        raise BadSignature("The topic is not one of this source's.")


def _certified_keys(pem: bytes, now: datetime) -> tuple[RSAPublicKey, ...]:
    """Return the key of a certificate that is valid now; raises BadSignature."""
    certificate = _read_certificate(pem)
    if certificate is None:
        raise BadSignature("The certificate cannot be read.")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BadSignature("The certificate is not valid now.")
    return rsa.read_public_keys(pem.decode("ascii", "replace"))


@lru_cache(maxsize=64)
def _read_certificate(pem: bytes) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem)
    except rsa.MALFORMED:
        return None


def field(envelope: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text; raises BadSignature."""
    value = envelope.get(name)
    if not isinstance(value, str):
        raise BadSignature(f"The envelope has no {name}.")
    return value


def signed_bytes(envelope: Mapping[str, Any]) -> bytes:
    """Return what is signed: names and values of the type's fields, a line each; raises BadSignature."""
    names = SIGNED_FIELDS.get(field(envelope, "Type"))
    if names is None:
        raise BadSignature("The envelope is of an unknown type.")
    there = [name for name in names if name != "Subject" or envelope.get("Subject") is not None]
    return "".join(f"{name}\n{field(envelope, name)}\n" for name in there).encode()


def subscription_of(delivery: ReceivedDelivery, confirm_url: re.Pattern[str]) -> Subscription | None:
    """Return the topic that speaks; for a new subscription with the address that confirms it, if the pattern fits.

    Nothing for a farewell, whose address would subscribe again, for simulated traffic, and for what is no envelope.
    """
    try:
        envelope = read_envelope(delivery.body)
    except Unreadable:
        return None
    topic, kind, url = (envelope.get(name) for name in ("TopicArn", "Type", "SubscribeURL"))
    if not isinstance(topic, str) or topic in {"", TRIAL_TOPIC} or kind not in {NOTIFICATION, CONFIRMATION}:
        return None
    asked = url if kind == CONFIRMATION and isinstance(url, str) and len(url) <= MAX_URL else ""
    return Subscription(topic, asked if confirm_url.fullmatch(asked) else "")


def own_words(headers: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return metadata and tags from a mail's own X- headers, a list of objects with name (or key) and value.

    X-Metadata and X-Tags may be JSON, as some programs write them; other text there is passed over, or one tag.
    """
    metadata: dict[str, Any] = {}
    tags: list[str] = []
    for name, value in _entries(headers):
        if name in OWN_HEADERS:
            metadata[OWN_HEADERS[name]] = value.strip()
        elif name == "x-metadata":
            found = _json_or(value, {})
            metadata |= found if isinstance(found, dict) else {}
        elif name in {"x-tag", "x-tags"}:
            found = _json_or(value, value)
            tags.extend(tag_list(found if isinstance(found, list) else value))
    return metadata, tuple(tags)


def moment(value: Any) -> int | None:
    """Return microseconds of an instant that may be missing, malformed or impossible without harm."""
    try:
        found = iso_us(value)
    except (Unreadable, ValueError):
        return None
    return found if EARLIEST_US <= found <= LATEST_US else None


def notify(message: Any, now: datetime, *, subject: str, host: str) -> dict[str, Any]:
    """Return the envelope of a simulated notification, not yet signed."""
    unsubscribe = f"https://{host}/?Action=Unsubscribe&SubscriptionArn={TRIAL_TOPIC}:{uuid.uuid4()}"
    return {
        "Type": NOTIFICATION,
        "MessageId": str(uuid.uuid4()),
        "TopicArn": TRIAL_TOPIC,
        "Subject": subject,
        "Message": orjson.dumps(message).decode() + "\n",
        "Timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "UnsubscribeURL": unsubscribe,
    }


def headers_of(envelope: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that go with an envelope."""
    return {
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": envelope["Type"],
        "x-amz-sns-message-id": envelope["MessageId"],
        "x-amz-sns-topic-arn": envelope["TopicArn"],
        "x-amz-sns-subscription-arn": envelope["UnsubscribeURL"].partition("SubscriptionArn=")[2],
    }


def _entries(headers: Any) -> Iterator[tuple[str, str]]:
    for one in headers if isinstance(headers, list) else []:
        if isinstance(one, dict):
            yield text(one.get("name", one.get("key")), 100).strip().lower(), text(one.get("value"), 5_000)


def _json_or(value: str, otherwise: Any) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return otherwise
