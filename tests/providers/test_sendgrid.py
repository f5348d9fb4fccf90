"""SendGrid's signature: ECDSA over the timestamp's text and the body to its last line end, and its ids."""

from __future__ import annotations

import base64
import textwrap
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from dashboard.providers import sendgrid
from dashboard.providers.base import BadSignature
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery

# openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -outform DER | base64
KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5xHpV7Vwo97S/wQm9aWuRglYLYGf1y37DO8smJgWvYhT/pcz/Dwy4n/oX17J+AGk"
    "OQlq2p9lCMClQkVvtFTIJQ=="
)
TIMESTAMP = "1773480600"
BODY = (
    b'[{"email":"ada@receiver.example","timestamp":1773480000,"event":"open","sg_event_id":"e-1",'
    b'"sg_message_id":"m-1.recvd-1"}]\r\n'
)
# printf '%s' "$TIMESTAMP$BODY" | openssl dgst -sha256 -sign key.pem | base64
SIGNATURE = "MEUCIQCEMGcvsRrqAlsj+K8sTqwkfiyp7P0wN+SZBrjk3xVZ3AIgELzT8xnV4/Qff2HxosQjKGWokXlGZ7zY9cIMEpvbLpc="
PEM = "\n".join(["-----BEGIN PUBLIC KEY-----", *textwrap.wrap(KEY, 64), "-----END PUBLIC KEY-----", ""])
OTHER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm6nP0SBuO7zE60i1yd72PjzLWb+bbp6UrVpbgt9L3YbgPCF0h2w7no0KZ9nHCaIy"
    "lK3XjeZQHkqz0Ov6dLHlTQ=="
)


def public_text(private_key) -> str:
    der = private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def check(body=BODY, timestamp=TIMESTAMP, signature=SIGNATURE, now=NOW, public_key=KEY, **more) -> None:
    headers = {
        "x-twilio-email-event-webhook-timestamp": timestamp,
        "x-twilio-email-event-webhook-signature": signature,
    }
    present = {name: value for name, value in headers.items() if value is not None}
    sendgrid.verify(make_delivery(body, present), connect(public_key=public_key, **more), now)


@pytest.mark.parametrize("key", [KEY, f" {KEY}\r\n", "\n".join(textwrap.wrap(KEY, 40)), PEM, PEM.replace("\n", "\r\n"), PEM.replace("\n", " ")])  # fmt: skip
def test_signature_made_by_openssl_passes_however_the_key_is_pasted(key):
    check(public_key=key)


def test_signature_of_any_age_passes():
    check(now=NOW + timedelta(days=365))


@pytest.mark.parametrize("body", [BODY.strip(), BODY + b"\n", BODY.replace(b"open", b"opex"), b"", b"[]", BODY.replace(b"\r\n", b"\n")])  # fmt: skip
def test_other_bytes_are_refused(body):
    with pytest.raises(BadSignature):
        check(body)


@pytest.mark.parametrize("timestamp", [None, "", "1773480601", " 1773480600", "é\x80ÿ", "€", "9" * 400])
def test_other_timestamp_is_refused(timestamp):
    with pytest.raises(BadSignature):
        check(timestamp=timestamp)


@pytest.mark.parametrize(
    "signature",
    [
        None, "", "====", "AAAA", "é\x80ÿ", SIGNATURE[:-4], SIGNATURE[4:], SIGNATURE.swapcase(), "A" * 4_000,
        base64.b64decode(SIGNATURE).hex(), base64.b64encode(base64.b64decode(SIGNATURE) + b"\0").decode(),
        base64.b64encode(bytes.fromhex("3006020100020100")).decode(), TIMESTAMP,
    ],
)  # fmt: skip
def test_missing_or_malformed_signature_is_refused(signature):
    with pytest.raises(BadSignature):
        check(signature=signature)


def test_without_a_key_nothing_passes():
    with pytest.raises(BadSignature):
        check(public_key="")


@pytest.mark.parametrize(
    "key",
    [
        OTHER_KEY, "abc", "é", "====", KEY[:-8], PEM.replace("PUBLIC", "PRIVATE")[:60], "AAAA", "-----BEGIN PUBLIC KEY-----",
    ],
)  # fmt: skip
def test_other_or_malformed_key_is_refused(key):
    with pytest.raises(BadSignature):
        check(public_key=key)


def test_key_of_another_kind_is_refused():
    private_key = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)

    with pytest.raises(BadSignature):
        check(public_key=public_text(private_key))


def test_signature_by_another_curve_is_refused_under_its_own_key():
    private_key = ec.generate_private_key(ec.SECP384R1())
    signature = private_key.sign(TIMESTAMP.encode() + BODY, ec.ECDSA(hashes.SHA256()))

    with pytest.raises(BadSignature):
        check(signature=base64.b64encode(signature).decode(), public_key=public_text(private_key))


@pytest.mark.parametrize("new", [OTHER_KEY, "a key that cannot be read"])
def test_old_key_passes_until_the_change_is_over(new):
    change = {"public_key": new, "old_public_key": KEY, "old_until": NOW + timedelta(minutes=1)}

    check(**change)
    with pytest.raises(BadSignature):
        check(now=NOW + timedelta(minutes=2), **change)


def test_key_of_simulated_traffic_passes_while_it_runs():
    trial = {"public_key": OTHER_KEY, "trial_public_key": KEY, "trial_until": NOW + timedelta(minutes=1)}

    check(**trial)
    with pytest.raises(BadSignature):
        check(now=NOW + timedelta(minutes=1), **trial)


def test_each_pair_of_keys_is_new():
    one, other = sendgrid.make_keys(), sendgrid.make_keys()

    assert one.public_key != other.public_key
    assert one.private_key.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert one.secret == ""


def make_event(kind: EventType, n: int = 0, **more) -> Event:
    given = {"at_us": 1_773_480_000_000_000 + n, "message_id": f"m_{n}-x", "recipient": "ada@receiver.example"}
    return Event(type=kind, **(given | more))


def read_back(*events: Event) -> list[Event]:
    composed = sendgrid.compose(events, sendgrid.make_keys(), URL, NOW)
    parsed = sendgrid.parse(make_delivery(composed.body, composed.headers))
    assert parsed.unreadable == []
    return parsed.events


@pytest.mark.parametrize(("kind", "bounce"), sorted(set(sendgrid.WORDS.values()), key=str))
def test_every_kind_that_sendgrid_tells_is_composed_and_read_back(kind, bounce):
    event = make_event(
        kind, bounce=bounce, tags=("a", "b"), is_machine=kind is EventType.OPENED, url="https://e.example"
    )

    [read] = read_back(event)

    assert (read.type, read.bounce, read.at_us, read.message_id, read.recipient) == (
        kind, bounce, event.at_us, event.message_id, event.recipient,
    )  # fmt: skip
    assert (read.tags, read.is_machine, read.url, read.campaign) == (event.tags, event.is_machine, event.url, None)


def test_kinds_that_sendgrid_does_not_tell_are_left_out():
    silent = (EventType.SENT, EventType.FAILED, EventType.REPLIED, EventType.AUTORESPONDED, EventType.IGNORED)

    read = read_back(*[make_event(kind) for kind in silent], make_event(EventType.BOUNCED, bounce=Bounce.SOFT))

    assert [event.type for event in read] == [EventType.BOUNCED]


@pytest.mark.parametrize("message_id", ["a.b@mail.example.com", "a.c@mail.example.com", "filter me", "²", ""])
def test_ids_that_sendgrid_would_not_give_are_replaced_by_such_as_it_gives(message_id):
    events = [make_event(kind, message_id=message_id) for kind in (EventType.DELIVERED, EventType.OPENED)]

    [delivered, opened] = read_back(*events)

    assert delivered.message_id == opened.message_id
    assert len(delivered.message_id) == 22
    assert delivered.aliases == (f"{delivered.message_id}@geopod-ismtpd-4-1",)


def test_full_batch_stays_below_what_sendgrid_posts():
    events = [make_event(EventType.CLICKED, n, url="https://example.com/" + "a" * 100) for n in range(sendgrid.batch)]

    composed = sendgrid.compose(events, sendgrid.make_keys(), URL, NOW)

    assert len(composed.body) < 786_432
    assert composed.body.endswith(b"]\r\n")
    assert composed.body.count(b",\r\n") == sendgrid.batch - 1


def test_bounce_that_names_no_id_meets_its_message_by_the_smtp_id():
    [delivered] = read_back(make_event(EventType.DELIVERED))
    late = b'[{"email":"ada@receiver.example","timestamp":1773480000,"event":"bounce","smtp-id":"<%s>"}]'

    [bounced] = sendgrid.parse(make_delivery(late % delivered.aliases[0].encode())).events

    assert bounced.message_id == ""
    assert bounced.aliases == delivered.aliases
