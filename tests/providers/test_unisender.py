"""Unisender's proof: `auth` is the MD5 of the body with the API key in its place."""

import gzip
import hashlib
import zlib
from datetime import timedelta

import pytest

from dashboard.providers import unisender
from dashboard.providers.base import BadSignature, Unreadable
from tests.providers.harness import NOW, connect, make_delivery

KEY = "s3cret-key"
# printf '%s' '{"auth":"s3cret-key","events_by_user":[]}' | openssl dgst -md5 -hex
AUTH = "7c726af05180c8c78a8d43e429b113fb"
BODY = f'{{"auth":"{AUTH}","events_by_user":[]}}'.encode()
STATUS = b'{"job_id":"1sn15Z","email":"ada@receiver.example","status":"sent","event_time":"2026-03-14 09:20:00"}'
EVENTS = b'[{"events":[{"event_name":"transactional_email_status","event_data":' + STATUS + b"}]}]"


def sign(template, key=KEY):
    """Return the body with its proof; the template's first @ stands for it."""
    return template.replace(b"@", hashlib.md5(template.replace(b"@", key.encode(), 1)).hexdigest().encode(), 1)


def check(body=BODY, connection=None, now=NOW):
    unisender.verify(make_delivery(body), connection or connect(KEY), now)


def refuses(*args, **changed):
    with pytest.raises(BadSignature):
        check(*args, **changed)
    return True


def test_proof_made_by_openssl_is_taken():
    check()


@pytest.mark.parametrize("template", [
    b'{"auth":"@","events_by_user":[]}',
    b'{"auth" : "@", "events_by_user": []}',
    b'{\n    "auth": "@",\n    "events_by_user": []\n}\n',
    b'{"events_by_user":[],"auth":"@"}',
    '{"auth":"@","events_by_user":[{"metadata":{"key":"Метаданные \\u00e9 https:\\/\\/example.com"}}]}'.encode(),
])  # fmt: skip
def test_form_of_the_json_does_not_matter(template):
    check(sign(template))


def test_capitals_of_the_proof_do_not_matter():
    check(BODY.replace(AUTH.encode(), AUTH.upper().encode()))


@pytest.mark.parametrize("auth", [
    b'""', b'" "', b'":"', b'"{"', b'"\\""', b"0", b"null", b"[]", b"{}", b'"' + b"0" * 32 + b'"', b'"' + b"g" * 32 + b'"',
    b'"' + AUTH.encode()[:-1] + b'"', b'"' + AUTH.encode() + b'0"', b'"' + AUTH.encode() + b'\\n"', '"é"'.encode(),
    '"\N{FULLWIDTH DIGIT ONE}"'.encode() * 32, b'"s3cret-key"',
])  # fmt: skip
def test_other_proofs_are_refused(auth):
    assert refuses(b'{"auth":' + auth + b',"events_by_user":[]}')


@pytest.mark.parametrize("body", [
    b"", b"[]", b"null", b'"' + AUTH.encode() + b'"', b"{}", b'{"events_by_user":[]}', BODY[:-1], BODY + b"x",
    BODY + b" ", BODY.replace(b"[]", b"[1]"), BODY.replace(b":[", b": ["), b"\xff\xfe" + BODY,
])  # fmt: skip
def test_other_bodies_are_refused(body):
    assert refuses(body)


def test_proof_made_with_another_key_is_refused():
    assert refuses(sign(b'{"auth":"@","events_by_user":[]}', "another"))


def test_without_a_key_nothing_is_taken():
    assert refuses(connection=connect())
    assert refuses(sign(b'{"auth":"@","events_by_user":[]}', ""), connect())


def test_both_keys_are_taken_while_they_rotate():
    rotating = {"old_secret": KEY, "old_until": NOW + timedelta(hours=1)}

    check(connection=connect("new", **rotating))
    assert refuses(connection=connect("new", **rotating), now=NOW + timedelta(hours=2))


def test_field_of_the_same_name_inside_metadata_is_left_alone():
    template = b'{"events_by_user":[{"metadata":{"auth":"00000000000000000000000000000000"}}],"auth":"@"}'

    check(sign(template))


def test_escaped_proof_is_refused():
    assert refuses(BODY.replace(AUTH.encode(), b"\\u00" + AUTH[0].encode().hex().encode() + AUTH[1:].encode()))


def test_body_made_longer_by_what_md5_allows_is_refused():
    signed = BODY.replace(AUTH.encode(), KEY.encode())
    padding = b"\x80" + b"\0" * (-(len(signed) + 9) % 64) + (len(signed) * 8).to_bytes(8, "little")
    longer = hashlib.md5(signed + padding + b" ").hexdigest()

    assert refuses(BODY.replace(AUTH.encode(), longer.encode()) + padding + b" ")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_compressed_body_is_checked_and_read_unpacked(pack):
    body = pack(sign(b'{"auth":"@","events_by_user":' + EVENTS + b"}"))

    check(body)
    assert [event.message_id for event in unisender.parse(make_delivery(body)).events] == ["1sn15Z"]


@pytest.mark.parametrize(("body", "reason"), [
    (gzip.compress(BODY)[:-9], "cut"),
    (gzip.compress(BODY)[:10] + b"\xff" * 20, "damaged"),
    (gzip.compress(b" " * 5_000_001), "larger than 5,000,000 bytes"),
], ids=["cut", "damaged", "large"])  # fmt: skip
def test_compressed_body_that_cannot_be_unpacked_is_refused(body, reason):
    assert refuses(body)
    with pytest.raises(Unreadable, match=reason):
        unisender.parse(make_delivery(body))
