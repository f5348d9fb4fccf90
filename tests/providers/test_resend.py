"""Resend: its signature under both names of the headers, and what is its own in the payloads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.providers import resend
from dashboard.providers.base import BadSignature, TrialKeys
from dashboard.vocabulary.events import Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = b'{"type":"email.sent","created_at":"2026-03-14T09:20:00Z","data":{"email_id":"e-1"}}'
STAMP = str(int(NOW.timestamp()))


def sign(body: bytes = BODY, key: bytes = KEY, message: str = "msg_1", stamp: str = STAMP) -> str:
    signed = message.encode() + b"." + stamp.encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(family: str = "svix", **changed: str) -> dict[str, str]:
    parts = {"id": "msg_1", "timestamp": STAMP, "signature": sign()} | changed
    return {f"{family}-{part}": value for part, value in parts.items()}


def check(sent: dict[str, str], body: bytes = BODY, connection=None, now: datetime = NOW) -> None:
    resend.verify(make_delivery(body, sent), connection or connect(SECRET), now)


@pytest.mark.parametrize("family", ["svix", "webhook"])
def test_right_signature_passes_under_both_names(family):
    check(headers(family))


def test_published_vector_of_svix_passes():
    check(
        {
            "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "svix-timestamp": "1614265330",
            "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
        connect("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        datetime.fromtimestamp(1614265330, UTC),
    )


def test_both_names_pass_when_they_agree():
    check(headers("svix") | headers("webhook"))


@pytest.mark.parametrize("part", ["id", "timestamp", "signature"])
def test_both_names_are_refused_when_they_differ(part):
    with pytest.raises(BadSignature, match="differ"):
        check(headers("svix") | headers("webhook") | {f"webhook-{part}": "1"})


def test_empty_header_beside_a_right_one_is_refused():
    with pytest.raises(BadSignature):
        check(headers("webhook") | {"svix-signature": ""})


def test_one_right_signature_of_several_passes():
    check(headers(signature=f"v1,{'A' * 43}= v1a,abc v2,{sign()[3:]} {sign()}"))


def test_other_secret_is_refused():
    with pytest.raises(BadSignature):
        check(headers(signature=sign(key=b"another key of thirty-two bytes!")))


@pytest.mark.parametrize(
    "body", [BODY + b"\n", BODY[:-1], b"", BODY.replace(b"e-1", b"e-2"), json.dumps(json.loads(BODY)).encode()]
)
def test_other_bytes_are_refused(body):
    with pytest.raises(BadSignature):
        check(headers(), body)


@pytest.mark.parametrize("part", ["id", "timestamp", "signature"])
def test_missing_header_is_refused(part):
    sent = headers()
    del sent[f"svix-{part}"]

    with pytest.raises(BadSignature):
        check(sent)


@pytest.mark.parametrize("part", ["id", "timestamp", "signature"])
@pytest.mark.parametrize("value", ["", " ", "é\x80ÿ", "v1,", "v1,====", "v1,AAAA", "-1", "1e9", "9" * 400, "١٢٣"])
def test_malformed_header_is_refused(part, value):
    with pytest.raises(BadSignature):
        check(headers(**{part: value}))


@pytest.mark.parametrize(
    "signature", [sign()[3:], sign()[:-2], sign()[:20], sign().replace("v1,", "v2,"), sign() + "A"]
)
def test_signature_cut_or_of_another_version_is_refused(signature):
    with pytest.raises(BadSignature):
        check(headers(signature=signature))


def test_swapped_id_is_refused():
    with pytest.raises(BadSignature):
        check(headers(id="msg_2"))


def test_swapped_timestamp_is_refused():
    with pytest.raises(BadSignature):
        check(headers(timestamp=str(int(STAMP) + 1)))


@pytest.mark.parametrize("away", [timedelta(seconds=301), timedelta(days=1), timedelta(seconds=-301)])
def test_old_and_future_timestamps_are_refused(away):
    with pytest.raises(BadSignature):
        check(headers(), now=NOW + away)


@pytest.mark.parametrize("away", [timedelta(seconds=299), timedelta(seconds=-299)])
def test_five_minutes_either_way_pass(away):
    check(headers(), now=NOW + away)


def test_retry_is_signed_anew_and_passes():
    stamp = str(int(STAMP) + 36_000)

    check(headers(timestamp=stamp, signature=sign(stamp=stamp)), now=NOW + timedelta(hours=10))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!"])
def test_empty_secret_verifies_nothing(secret):
    with pytest.raises(BadSignature):
        check(headers(signature=sign(key=b"")), connection=connect(secret))


def test_old_secret_passes_until_the_rotation_ends():
    other = "whsec_" + base64.b64encode(b"another key of thirty-two bytes!").decode()
    rotating = connect(other, old_secret=SECRET, old_until=NOW + timedelta(seconds=60))

    check(headers(), connection=rotating)
    check(headers(signature=sign(key=b"another key of thirty-two bytes!")), connection=rotating)
    with pytest.raises(BadSignature):
        check(headers(), connection=rotating, now=NOW + timedelta(seconds=61))


def test_event_id_is_that_of_the_headers():
    parsed = resend.parse(make_delivery(BODY, headers()))

    assert parsed.events[0].provider_event_id == "msg_1"


def test_what_resend_never_tells_is_composed_as_something_ignored():
    event = Event(type=EventType.UNSUBSCRIBED, at_us=1_773_480_000_000_000, message_id="e-1")

    composed = resend.compose([event], TrialKeys(secret=SECRET), URL, NOW)
    parsed = resend.parse(make_delivery(composed.body, composed.headers))

    assert [one.type for one in parsed.events] == [EventType.IGNORED]


@pytest.mark.parametrize("kind", [kind for kind in resend.WORDS if kind is not EventType.IGNORED])
def test_every_type_that_resend_tells_is_composed_and_read_back(kind):
    event = Event(type=kind, at_us=1_773_480_000_123_000, message_id="e-1", recipient="ada@receiver.example",
        mailbox="7", domain="other.example", aliases=("m-1@mail.example.com",))  # fmt: skip

    composed = resend.compose([event], TrialKeys(secret=SECRET), URL, NOW)
    read = resend.parse(make_delivery(composed.body, composed.headers)).events[0]

    check(composed.headers, composed.body)
    assert (read.type, read.at_us, read.message_id, read.mailbox, read.domain, read.aliases) == (
        kind, 1_773_480_000_123_000, "e-1", "7", "other.example", ("m-1@mail.example.com",)
    )  # fmt: skip
