"""Mandrill's signature: HMAC-SHA1 over the address as it was entered and every field of the form."""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from dashboard.providers import mandrill
from dashboard.providers.base import BadSignature
from tests.providers.harness import NOW, URL, connect, make_delivery

KEY = "s3cret-key"
EVENTS = '[{"event":"send","ts":1773480000,"msg":{"_id":"m-1"}}]'
BODY = f"mandrill_events={quote_plus(EVENTS)}".encode()
# printf '%s' "$URL"mandrill_events"$EVENTS" | openssl dgst -sha1 -hmac s3cret-key -binary | base64
SIGNATURE = "B55JVBKdkzXEOrKAbfgvn+fbZvE="
PING = b"mandrill_events=%5B%5D"
PING_SIGNATURE = "fAIR2whrfXwdjtc3fwQdh8l7rNc="  # the same with [] and the key test-webhook


def sign(signed, key=KEY):
    return base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha1).digest()).decode()


def check(body=BODY, signature=SIGNATURE, connection=None, url=URL, now=NOW):
    headers = {} if signature is None else {"x-mandrill-signature": signature}
    mandrill.verify(make_delivery(body, headers, url), connection or connect(KEY), now)


def refuses(*args, **changed):
    with pytest.raises(BadSignature):
        check(*args, **changed)
    return True


def test_signature_made_by_openssl_is_taken():
    check()


def test_spaces_around_the_signature_do_not_matter():
    check(signature=f" {SIGNATURE} ")


@pytest.mark.parametrize("signature", [
    None, "", "AAAA", SIGNATURE[:-4], SIGNATURE.lower(), SIGNATURE + "AAAA", "====", "é\x80ÿ", "\0",
    base64.b64decode(SIGNATURE).hex(), sign(b"", ""),
])  # fmt: skip
def test_other_signatures_are_refused(signature):
    assert refuses(signature=signature)


def test_other_key_is_refused():
    assert refuses(connection=connect("another"))


def test_without_a_key_no_event_is_taken():
    assert refuses(connection=connect())
    assert refuses(connection=connect(), signature=sign(f"{URL}mandrill_events{EVENTS}".encode(), ""))


@pytest.mark.parametrize("body", [
    BODY + b"x", BODY.replace(b"send", b"open"), BODY + b"&more=1", BODY + b"&mandrill_events=", b"", b"x=1&" + BODY,
])  # fmt: skip
def test_changed_body_is_refused(body):
    assert refuses(body)


@pytest.mark.parametrize(
    "url", ["", URL + "/", URL + "?a=1", URL.replace("https", "http"), URL.upper(), URL.replace("hooks", "hook")]
)
def test_other_address_is_refused(url):
    assert refuses(url=url)


def test_query_of_the_address_is_signed():
    url = URL + "?source=mandrill&v=2"

    check(url=url, signature=sign(f"{url}mandrill_events{EVENTS}".encode()))


def test_empty_query_that_was_added_on_the_way_does_not_matter():
    check(url=URL + "?")


def test_fields_are_signed_in_the_order_of_their_names():
    body = b"zeta=%20&" + BODY + b"&alpha"

    check(body, sign(f"{URL}alphamandrill_events{EVENTS}zeta ".encode()))


@pytest.mark.parametrize(("value", "decoded"), [
    ("a+b%20c%2Bd", b"a b c+d"), ("%C3%A9%F0%9F%A6%80", "é\N{CRAB}".encode()), ("é", "é".encode()),
    ("%ff%fe", b"\xff\xfe"), ("%zz%", b"%zz%"),
])  # fmt: skip
def test_values_are_signed_as_decoded_bytes(value, decoded):
    check(f"mandrill_events={value}".encode(), sign(f"{URL}mandrill_events".encode() + decoded))


def test_raw_bytes_that_are_no_text_are_signed_as_they_are():
    check(b"mandrill_events=\xff\x00", sign(f"{URL}mandrill_events".encode() + b"\xff\x00"))


def test_both_keys_are_taken_while_they_rotate():
    rotating = {"old_secret": KEY, "old_until": NOW + timedelta(hours=1)}

    check(connection=connect("new", **rotating))
    assert refuses(connection=connect("new", **rotating), now=NOW + timedelta(hours=2))


def test_ping_is_taken_before_there_is_a_key():
    check(PING, PING_SIGNATURE, connect())
    check(PING, None, connect())


def test_ping_is_taken_beside_a_key():
    check(PING, PING_SIGNATURE)
    check(PING, sign(f"{URL}mandrill_events[]".encode()))


@pytest.mark.parametrize("signature", [None, "", "AAAA", "é", sign(f"{URL}mandrill_events[]".encode(), "another")])
def test_unsigned_ping_is_refused_once_there_is_a_key(signature):
    assert refuses(PING, signature)


def test_key_of_the_ping_signs_nothing_but_the_ping():
    for connection in (connect(), connect(KEY)):
        assert refuses(BODY, sign(f"{URL}mandrill_events{EVENTS}".encode(), "test-webhook"), connection)
        assert refuses(
            b"mandrill_events=%5B%7B%7D%5D", sign(f"{URL}mandrill_events[{{}}]".encode(), "test-webhook"), connection
        )
        assert refuses(PING + b"&more=1", sign(f"{URL}mandrill_events[]more1".encode(), "test-webhook"), connection)


def test_ping_to_another_address_is_refused_once_there_is_a_key():
    assert refuses(PING, PING_SIGNATURE, url=URL + "x")


def test_many_fields_are_refused_before_anything_is_computed():
    assert refuses(b"&".join(b"a" for _ in range(100_000)))
