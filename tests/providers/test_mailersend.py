"""MailerSend's signature: hex HMAC-SHA256 of the raw body; its ping has a published secret."""

import hashlib
import hmac
from datetime import timedelta

import orjson
import pytest

from dashboard.providers import mailersend
from dashboard.providers.base import BadSignature
from dashboard.vocabulary.events import Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery
from tests.providers.test_compose import make_event

SECRET = "s3cret-key"
BODY = b'{"type":"activity.survey_opened","data":{"url":"https:\\/\\/example.com"}}'
# printf '%s' "$BODY" | openssl dgst -sha256 -hmac s3cret-key -hex
SIGNATURE = "0adc15ddf9b81e62066b1acb46afdc480ee06721977a05ea04bd3a3add64b91d"
PING = b'{"type":"webhook.test","message":"This is a ping test message","created_at":"2026-03-14T09:20:00.577080Z"}'
PING_SECRET = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G"
PING_SIGNATURE = "10e93f0976a338d54f6f2017110ae81b0655d4b75215b46e0d1fc751d5c5acaa"  # with PING_SECRET, likewise


def sign(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def check(body=BODY, signature=SIGNATURE, connection=None, now=NOW):
    headers = {} if signature is None else {"signature": signature}
    mailersend.verify(make_delivery(body, headers), connection or connect(SECRET), now)


def refuses(*args, **changed):
    with pytest.raises(BadSignature):
        check(*args, **changed)
    return True


def test_signature_made_by_openssl_is_taken():
    check()


def test_capitals_do_not_matter():
    check(signature=SIGNATURE.upper())


@pytest.mark.parametrize("signature", [
    None, "", "0", SIGNATURE[:-1], SIGNATURE[:-2], SIGNATURE + "00", "z" * 64, "é\x80ÿ", "\0", sign(BODY, ""),
    sign(BODY, "another"),
])  # fmt: skip
def test_other_signatures_are_refused(signature):
    assert refuses(signature=signature)


@pytest.mark.parametrize("body", [BODY + b"\n", BODY.replace(b"\\/", b"/"), BODY[:-1], b""])
def test_other_bytes_are_refused(body):
    assert refuses(body)


def test_without_a_secret_no_event_is_taken():
    assert refuses(connection=connect())
    assert refuses(connection=connect(), signature=sign(BODY, ""))


def test_both_secrets_are_taken_while_they_rotate():
    rotating = {"old_secret": SECRET, "old_until": NOW + timedelta(hours=1)}

    check(connection=connect("new", **rotating))
    assert refuses(connection=connect("new", **rotating), now=NOW + timedelta(hours=2))


def test_ping_is_taken_before_and_after_there_is_a_secret():
    check(PING, PING_SIGNATURE, connect())
    check(PING, PING_SIGNATURE)
    check(PING, sign(PING))


def test_unsigned_ping_is_refused():
    assert refuses(PING, None, connect())
    assert refuses(PING, sign(PING, "another"))


@pytest.mark.parametrize("body", [
    BODY, b"", b"webhook.test", b"[]", b'["webhook.test"]', b'[{"type":"webhook.test"}]', b'{"type":["webhook.test"]}',
    b'{"type":"webhook.test","type":"activity.sent"}', b'{"data":{"type":"webhook.test"}}', b'{"type":"webhook.test"',
])  # fmt: skip
def test_published_secret_signs_nothing_but_a_ping(body):
    assert refuses(body, sign(body, PING_SECRET))


def test_ping_tells_nothing_even_with_an_event_inside():
    event = orjson.loads(mailersend.compose([make_event(EventType.OPENED)], mailersend.TrialKeys("x"), URL, NOW).body)

    parsed = mailersend.parse(make_delivery(orjson.dumps(event | {"type": "webhook.test"})))

    assert [event.type for event in parsed.events] == [EventType.IGNORED]


def test_reply_to_a_composed_mail_names_it():
    composed = mailersend.compose([make_event(EventType.DELIVERED)], mailersend.TrialKeys("x"), URL, NOW)
    sent = mailersend.parse(make_delivery(composed.body)).events[0]
    data = {"created_at": "2026-03-14T09:20:00Z", "from": {"email": sent.recipient}}
    reply = {"type": "inbound.message", "data": data | {"headers": {"In-Reply-To": f"<{sent.aliases[0]}>"}}}

    replied = mailersend.parse(make_delivery(orjson.dumps(reply))).events[0]

    assert (replied.type, replied.in_reply_to, replied.recipient) == (EventType.REPLIED, sent.aliases, sent.recipient)


def test_kind_that_it_does_not_know_is_composed_as_a_ping():
    event = Event(type=EventType.SUBSCRIBED, at_us=1_773_480_000_000_000, message_id="m-1")

    composed = mailersend.compose([event], mailersend.TrialKeys(SECRET), URL, NOW)

    assert orjson.loads(composed.body)["type"] == "webhook.test"
    check(composed.body, composed.headers["signature"])
