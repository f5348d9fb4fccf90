"""Mailgun's proof: HMAC over a timestamp and a token that stand in the body, which itself is not signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from dashboard.providers import mailgun
from dashboard.providers.base import BadSignature, TrialKeys
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery

KEY = "a webhook signing key"
TIMESTAMP, TOKEN = "1773480600", "e0b5477167110d68991efc6b9f89f0a11066af27834600e123"
# printf '%s' "$TIMESTAMP$TOKEN" | openssl dgst -sha256 -hmac "$KEY"
SIGNATURE = "f29b1a2822e59bedcfbdd515bd324e45368e57de6c33660153f37022d90e0ce8"
PARENT_KEY = "a key of the parent account"
PARENT_SIGNATURE = "b033c4f7306e9c286d7c6e03d1fecd7e8af03a0914524e4181f40fb3d19678f4"
PROOF = {"timestamp": TIMESTAMP, "token": TOKEN, "signature": SIGNATURE}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def body_of(**changed) -> bytes:
    proof = {name: value for name, value in (PROOF | changed).items() if value is not None}
    return json.dumps({"signature": proof, "event-data": {"event": "opened"}}).encode()


def check(body=None, key=KEY, now=NOW, headers=None, **more) -> None:
    delivery = make_delivery(body_of() if body is None else body, headers or {"content-type": "application/json"})
    mailgun.verify(delivery, connect(key, **more), now)


def refuses(body=None, **more) -> bool:
    with pytest.raises(BadSignature):
        check(body, **more)
    return True


def test_signature_made_by_openssl_passes():
    check()


def test_signature_of_any_age_passes():
    check(now=NOW + timedelta(days=365))


def test_signature_in_capitals_and_a_number_as_timestamp_pass():
    check(body_of(signature=SIGNATURE.upper()))
    check(body_of(timestamp=int(TIMESTAMP)))


@pytest.mark.parametrize("key", ["another key", KEY[:-1], f"{KEY} ", "é", ""])
def test_other_key_is_refused(key):
    assert refuses(key=key)


@pytest.mark.parametrize("changed", [
    {"signature": None}, {"token": None}, {"timestamp": None}, {"signature": ""}, {"signature": SIGNATURE[:-2]}, {"signature": SIGNATURE + "00"},
    {"signature": "zz" * 32}, {"signature": "é\x80ÿ"}, {"signature": [SIGNATURE]}, {"signature": {"a": SIGNATURE}}, {"signature": 7},
    {"timestamp": "1773480601"}, {"token": TOKEN[:-1]}, {"token": TOKEN.upper()}, {"token": [TOKEN]}, {"token": None, "timestamp": TOKEN},
    {"timestamp": TOKEN, "token": TIMESTAMP}, {"token": "€"}, {"parent-signature": SIGNATURE, "signature": None, "token": "x"},
])  # fmt: skip
def test_other_or_malformed_proof_is_refused(changed):
    assert refuses(body_of(**changed))


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[]", b"null", b"7", b'"text"', b'{"signature":', b'{"signature":null}', b'{"signature":"%s"}' % SIGNATURE.encode(), b"\xff\xfe",
    json.dumps([{"signature": PROOF}]).encode(), json.dumps(PROOF).encode(), urlencode(PROOF).encode(), b"[" * 5_000,
])  # fmt: skip
def test_body_without_a_proof_in_its_place_is_refused(body):
    assert refuses(body)


def test_empty_key_matches_no_empty_proof():
    empty = hmac.new(b"", b"", hashlib.sha256).hexdigest()

    assert refuses(body_of(timestamp="", token="", signature=empty), key="")
    assert refuses(body_of(signature=hmac.new(b"", (TIMESTAMP + TOKEN).encode(), hashlib.sha256).hexdigest()), key="")
    assert refuses(body_of(timestamp="", token="", signature=hmac.new(KEY.encode(), b"", hashlib.sha256).hexdigest()))


def test_old_key_passes_until_the_change_is_over():
    change = {"key": "new", "old_secret": KEY, "old_until": NOW + timedelta(minutes=1)}

    check(**change)
    assert refuses(now=NOW + timedelta(minutes=1), **change)


def test_event_of_a_subaccount_passes_under_its_parents_key():
    twice = body_of(**{"parent-signature": PARENT_SIGNATURE})

    check(twice)
    check(twice, key=PARENT_KEY)
    assert refuses(key=PARENT_KEY)


@pytest.mark.parametrize("fields", [
    [("event", "opened"), *PROOF.items()],
    [("signature", "mine"), ("token", "mine"), ("timestamp", "mine"), ("event", "opened"), *PROOF.items()],
])  # fmt: skip
def test_last_proof_of_a_form_counts(fields):
    check(urlencode(fields).encode(), headers=FORM)


@pytest.mark.parametrize("fields", [
    [("event", "opened")], [*PROOF.items(), ("token", "later")], [*PROOF.items(), ("signature", "later")], [(f"f{n}", "") for n in range(5_000)],
])  # fmt: skip
def test_form_without_a_right_proof_is_refused(fields):
    assert refuses(urlencode(fields).encode(), headers=FORM)


def test_proof_in_the_parts_of_a_form_passes():
    parts = "".join(
        f'--b1\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in PROOF.items()
    )
    headers = {"content-type": 'multipart/form-data; boundary="b1"'}

    check((parts + "--b1--\r\n").encode(), headers=headers)
    assert refuses(parts.replace(TOKEN, TOKEN[::-1]).encode(), headers=headers)
    assert refuses(parts.replace("name=", "filename=").encode(), headers=headers)
    assert refuses((parts * 500).encode(), headers=headers)


def make_event(kind: EventType, **more) -> Event:
    given = {
        "at_us": 1_773_480_000_123_456,
        "message_id": "m-1@mail.example.com",
        "recipient": "ada@receiver.example",
        "sender": "news@mail.example.com",
    }
    return Event(type=kind, **(given | more))


def read_back(event: Event) -> Event:
    composed = mailgun.compose([event], TrialKeys(secret=KEY), URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)
    mailgun.verify(delivery, connect(KEY), NOW)
    parsed = mailgun.parse(delivery)
    assert parsed.unreadable == []
    [read] = parsed.events
    return read


@pytest.mark.parametrize(("kind", "bounce"), sorted(set(mailgun.WORDS.values()), key=str))
def test_every_kind_that_mailgun_tells_is_composed_and_read_back(kind, bounce):
    event = make_event(kind, bounce=bounce, tags=("a", "b"), is_machine=kind is EventType.CLICKED)

    read = read_back(event)

    assert (read.type, read.bounce, read.at_us, read.message_id, read.recipient, read.tags, read.is_machine) == (
        kind, bounce, event.at_us, event.message_id, event.recipient, event.tags, event.is_machine,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [EventType.SENT, EventType.FAILED, EventType.SUBSCRIBED, EventType.IGNORED])
def test_kinds_that_mailgun_does_not_tell_are_ignored_when_they_are_read_back(kind):
    assert read_back(make_event(kind)).type is EventType.IGNORED


@pytest.mark.parametrize("kind", [EventType.REPLIED, EventType.AUTORESPONDED])
def test_reply_is_composed_as_the_mail_that_answers(kind):
    read = read_back(make_event(kind, message_id="<m-1@mail.example.com>", subject="Hello"))

    assert (read.type, read.message_id, read.recipient, read.subject) == (kind, "", "ada@receiver.example", "Re: Hello")
    assert read.in_reply_to == ("m-1@mail.example.com",)
    assert read.at_us == int(NOW.timestamp()) * 1_000_000


def test_temporary_failure_is_no_bounce_whatever_its_reason():
    for reason in ("bounce", "old", "suppress-bounce", None):
        event = {
            "event": "failed",
            "severity": "temporary",
            "reason": reason,
            "timestamp": 1,
            "message": {"headers": {}},
        }
        body = json.dumps(
            {"event-data": event | {"timestamp": 1_773_480_000, "message": {"headers": {"message-id": "m"}}}}
        )
        [read] = mailgun.parse(make_delivery(body.encode())).events
        assert (read.type, read.bounce) == (EventType.DEFERRED, None)


def test_permanent_failure_without_details_is_hard():
    event = {
        "event": "failed",
        "severity": "permanent",
        "timestamp": 1_773_480_000,
        "message": {"headers": {"message-id": "m"}},
    }

    [read] = mailgun.parse(make_delivery(json.dumps({"event-data": event}).encode())).events

    assert (read.type, read.bounce) == (EventType.BOUNCED, Bounce.HARD)


@pytest.mark.parametrize(
    "part",
    [
        "message",
        "delivery-status",
        "client-info",
        "flags",
        "envelope",
        "domain",
        "template",
        "tags",
        "user-variables",
        "reject",
    ],
)
@pytest.mark.parametrize("value", [None, [], {}, "text", 7, [{}], True])
def test_parts_of_other_forms_are_never_an_error(part, value):
    event = {
        "event": "delivered",
        "timestamp": 1_773_480_000,
        "message": {"headers": {"message-id": "m-1"}},
        part: value,
    }

    parsed = mailgun.parse(make_delivery(json.dumps({"event-data": event}).encode()))

    assert len(parsed.events) + len(parsed.unreadable) == 1
    assert bool(parsed.unreadable) == (part == "message")
