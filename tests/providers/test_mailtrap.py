"""Mailtrap's signature: hex HMAC-SHA256 of the raw body; older webhooks have HTTP Basic instead."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.providers import mailtrap
from dashboard.providers.base import BadSignature
from dashboard.vocabulary.events import Bounce, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery
from tests.providers.test_compose import make_event

SECRET = "s3cret-key"
BODY = b'{"events":[]}'
# printf '%s' "$BODY" | openssl dgst -sha256 -hmac s3cret-key -hex
SIGNATURE = "31bc2bc8d17a9d3365eb2b27083fed4a6c9a23862a43e0e16a1c4b3380b1e0b5"


def sign(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def basic(pair):
    return "Basic " + base64.b64encode(pair.encode()).decode()


def check(body=BODY, signature=SIGNATURE, connection=None, now=NOW, **headers):
    signed = {} if signature is None else {"mailtrap-signature": signature}
    mailtrap.verify(make_delivery(body, signed | headers), connection or connect(SECRET), now)


def refuses(*args, **changed):
    with pytest.raises(BadSignature):
        check(*args, **changed)
    return True


def test_signature_made_by_openssl_is_taken():
    check()


@pytest.mark.parametrize("signature", [
    None, "", "0", SIGNATURE[:-1], SIGNATURE[:-2], SIGNATURE + "00", "z" * 64, "é\x80ÿ", sign(BODY, ""),
    sign(BODY, "another"),
])  # fmt: skip
def test_other_signatures_are_refused(signature):
    assert refuses(signature=signature)


@pytest.mark.parametrize("body", [BODY + b"\n", b'{"events": []}', BODY[:-1], b""])
def test_other_bytes_are_refused(body):
    assert refuses(body)


def test_without_a_secret_nothing_is_taken():
    assert refuses(connection=connect())
    assert refuses(connection=connect(), signature=sign(BODY, ""))


def test_both_secrets_are_taken_while_they_rotate():
    rotating = {"old_secret": SECRET, "old_until": NOW + timedelta(hours=1)}

    check(connection=connect("new", **rotating))
    assert refuses(connection=connect("new", **rotating), now=NOW + timedelta(hours=2))


def test_older_webhook_may_come_with_basic_credentials():
    check(signature=None, connection=connect("trap:s3cret"), authorization=basic("trap:s3cret"))


@pytest.mark.parametrize(
    "given", ["", "Basic", "Basic ====", "Basic é", basic("trap:other"), basic("trap"), basic(":"), "trap:s3cret"]
)
def test_other_credentials_are_refused(given):
    assert refuses(signature=None, connection=connect("trap:s3cret"), authorization=given)


@pytest.mark.parametrize("given", ["", "Basic ", basic(""), basic(":"), basic("trap:s3cret"), "Bearer "])
def test_credentials_prove_nothing_without_a_secret(given):
    assert refuses(signature=None, connection=connect(), authorization=given)


def test_credentials_do_not_mend_a_wrong_signature():
    for signature in ("", "0" * 64, "é"):
        assert refuses(signature=signature, connection=connect("trap:s3cret"), authorization=basic("trap:s3cret"))


def test_other_credentials_do_not_spoil_a_right_signature():
    check(authorization=basic("proxy:password"))


def test_old_credentials_are_taken_while_they_rotate():
    connection = connect("new", old_secret="trap:s3cret", old_until=NOW + timedelta(hours=1))

    check(signature=None, connection=connection, authorization=basic("trap:s3cret"))


def test_soft_bounce_of_a_simulation_is_a_bounce():
    soft = replace(make_event(EventType.BOUNCED), bounce=Bounce.SOFT)

    composed = mailtrap.compose([soft], mailtrap.TrialKeys(SECRET), URL, NOW)

    assert [event.type for event in mailtrap.parse(make_delivery(composed.body)).events] == [EventType.BOUNCED]


def test_many_lines_are_refused():
    with pytest.raises(mailtrap.Unreadable, match="at most 10,000"):
        mailtrap.parse(make_delivery(b'{"event":"open"}\n' * 10_001))
