"""Postal: which signatures and which pasted keys are believed, and how its simulation is signed."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from dashboard.providers import postal
from dashboard.providers.base import BadSignature
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers import vectors
from tests.providers.harness import NOW, URL, connect, make_delivery

BODY = vectors.POSTAL_BODY
NEW, OLD = "x-postal-signature-256", "x-postal-signature"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
PEM = "-----BEGIN PUBLIC KEY-----\n" + vectors.PUBLIC_DER + "\n-----END PUBLIC KEY-----"
JWKS = json.dumps({"keys": [{"kty": "RSA", "n": vectors.JWK_N, "e": "AQAB", "kid": "a", "use": "sig", "alg": "RS256"}]})
OURS = connect(public_key=vectors.PUBLIC_DER)


def public_pem(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def sign(body: bytes = BODY, key=KEY, algorithm=None) -> str:
    return base64.b64encode(key.sign(body, padding.PKCS1v15(), algorithm or hashes.SHA256())).decode()


def is_refused(headers: dict[str, str], connection=OURS, body: bytes = BODY) -> bool:
    with pytest.raises(BadSignature):
        postal.verify(make_delivery(body, headers), connection, NOW)
    return True


# --- signatures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [NEW, OLD])
def test_signature_by_openssl_is_accepted(header):
    postal.verify(make_delivery(BODY, {header: vectors.POSTAL[header]}), OURS, NOW)


def test_both_signatures_together_are_accepted():
    postal.verify(make_delivery(BODY, vectors.POSTAL | {"x-postal-signature-kid": "unknown"}), OURS, NOW)


@pytest.mark.parametrize("value", ["", "garbage", "AAAA", vectors.POSTAL[OLD]])
def test_the_old_signature_does_not_help_beside_a_wrong_new_one(value):
    assert is_refused(vectors.POSTAL | {NEW: value})


def test_the_new_signature_counts_whatever_the_old_one_is():
    postal.verify(make_delivery(BODY, vectors.POSTAL | {OLD: "garbage"}), OURS, NOW)


@pytest.mark.parametrize("header", [NEW, OLD])
@pytest.mark.parametrize("value", ["", "A", "====", "é", "ÿ\x80", "not base64!", "AAAA", "A" * 5000])
def test_malformed_signatures_are_refused(header, value):
    assert is_refused({header: value})


@pytest.mark.parametrize("header", [NEW, OLD])
def test_truncated_and_swapped_signatures_are_refused(header):
    other = NEW if header == OLD else OLD

    assert is_refused({header: vectors.POSTAL[header][:-4]})
    assert is_refused({header: vectors.POSTAL[other]})


@pytest.mark.parametrize("body", [BODY + b"\n", BODY[:-1], BODY.replace(b"Sent", b"Held"), b""])
def test_other_bytes_are_refused(body):
    assert is_refused(vectors.POSTAL, body=body)


def test_a_missing_signature_is_refused():
    assert is_refused({})
    assert is_refused({"x-postal-signature-kid": "a"})


def test_a_signature_by_another_installation_is_refused():
    assert is_refused({NEW: sign()})


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA512()])
def test_another_hash_is_refused(algorithm):
    assert is_refused({NEW: sign(algorithm=algorithm)}, connect(public_key=public_pem(KEY)))


def test_without_a_key_nothing_is_accepted():
    assert is_refused(vectors.POSTAL, connect())
    assert is_refused(vectors.POSTAL, connect(vectors.PUBLIC_DER))


def test_both_keys_are_valid_during_a_rotation():
    connection = connect(public_key=public_pem(KEY), old_public_key=PEM, old_until=NOW + timedelta(hours=1))

    postal.verify(make_delivery(BODY, vectors.POSTAL), connection, NOW)
    postal.verify(make_delivery(BODY, {NEW: sign()}), connection, NOW)
    with pytest.raises(BadSignature):
        postal.verify(make_delivery(BODY, vectors.POSTAL), connection, NOW + timedelta(hours=1))


# --- keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        vectors.PUBLIC_DER,
        f"  {vectors.PUBLIC_DER[:64]}\n{vectors.PUBLIC_DER[64:]}\r\n",
        PEM,
        f"\n{PEM}\n\n",
        vectors.CERTIFICATE.decode(),
        f"v=DKIM1; t=s; h=sha256; p={vectors.PUBLIC_DER};",
        f'"v=DKIM1; k=rsa; p={vectors.PUBLIC_DER[:100]}" "{vectors.PUBLIC_DER[100:]}"',
        f"p={vectors.PUBLIC_DER}",
        JWKS,
        JWKS.replace('"keys": [', '"keys": [{"kty": "RSA", "n": "' + vectors.JWK_N[:-4] + '", "e": "AQAB"}, '),
    ],
)
def test_keys_are_read_as_people_paste_them(pasted):
    postal.verify(make_delivery(BODY, vectors.POSTAL), connect(public_key=pasted), NOW)


PRIVATE = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize(
    "pasted",
    [
        " ", "p=", "é", "====", "AAAA", "{", "{}", "[]", '{"keys": 7}', '{"keys": [{}]}', '{"keys": ["x"]}',
        '{"keys": [{"n": "", "e": ""}]}', '{"keys": [{"n": 7, "e": 7}]}', PEM[:-40], vectors.PUBLIC_DER[:-8],
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", PRIVATE.decode(),
        public_pem(ec.generate_private_key(ec.SECP256R1())),
    ],
)  # fmt: skip
def test_keys_that_cannot_be_read_match_nothing(pasted):
    assert is_refused(vectors.POSTAL, connect(public_key=pasted))
    postal.verify(make_delivery(BODY, vectors.POSTAL), connect(public_key=PEM, old_public_key=pasted, old_until=NOW + timedelta(1)), NOW)  # fmt: skip


# --- simulation -------------------------------------------------------------------------------------


def make_event(kind: EventType, **more) -> Event:
    return Event(
        type=kind, at_us=1_773_480_000_123_456, message_id="0102-1@mail.example.com", recipient="ada@receiver.example",
        campaign="spring", template="welcome", mailbox="shop", domain="shop.example.com", sent_at_us=1_773_479_998_000_001, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        make_event(EventType.QUEUED),
        make_event(EventType.DELIVERED, text="250 OK"),
        make_event(EventType.DEFERRED),
        make_event(EventType.BOUNCED, bounce=Bounce.HARD),
        make_event(EventType.OPENED, user_agent="Mozilla/5.0", ip="192.0.2.4"),
        make_event(EventType.CLICKED, url="https://example.com/?a=b;c=d"),
    ],
    ids=lambda event: event.type,
)
def test_composed_event_is_read_back(event):
    keys = postal.make_keys()
    composed = postal.compose([event], keys, URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)

    postal.verify(delivery, connect(public_key=keys.public_key), NOW)
    [read] = postal.parse(delivery).events

    for field in ("type", "at_us", "sent_at_us", "message_id", "recipient", "bounce", "campaign", "template", "mailbox", "domain", "url", "user_agent"):  # fmt: skip
        assert getattr(read, field) == getattr(event, field), field


def test_composed_request_is_refused_by_other_keys():
    composed = postal.compose([make_event(EventType.DELIVERED)], postal.make_keys(), URL, NOW)

    assert is_refused(composed.headers, connect(public_key=postal.make_keys().public_key), composed.body)
    assert is_refused({OLD: composed.headers[OLD]}, OURS, composed.body)


@pytest.mark.parametrize("event", [make_event(EventType.COMPLAINED), make_event(EventType.BOUNCED, bounce=Bounce.SOFT)])
def test_what_postal_never_tells_is_left_out(event):
    composed = postal.compose([event], postal.make_keys(), URL, NOW)
    parsed = postal.parse(make_delivery(composed.body, composed.headers))

    assert (parsed.events, parsed.unreadable) == ([], [])
