"""`POST /webhook/analytics` with the plain signature: hex HMAC-SHA256 of the raw body."""

import base64
import hashlib
import hmac
import json

import pytest

from dashboard.providers.signatures import sign_hex
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.reported import everything, sent

pytestmark = pytest.mark.usefixtures("sums_agree")

REPORT = {"companyId": "acme"} | update()
BODY = json.dumps(REPORT).encode()


def refuses(response):
    """Say whether nothing but the refusal is told."""
    return (response.status_code, response.json) == (
        401,
        {"error": {"code": "bad_signature", "message": "The signature is missing or wrong.", "fields": []}},
    )


def test_a_signed_report_sets_its_numbers(sender, engines, cast):
    response = sender.post(REPORT)

    assert (response.status_code, response.json) == (200, {"status": "accepted"})
    assert response.content_type == "application/json"
    assert list(sent(engines, cast.acme).values()) == [100]


def test_the_signature_is_the_one_everybody_computes(app, website):
    signature = hmac.new(website[1].secret.encode(), BODY, hashlib.sha256).hexdigest()

    response = app.test_client().post("/webhook/analytics", data=BODY, headers={"X-Webhook-Signature": signature})

    assert response.status_code == 200


@pytest.mark.parametrize("spelled", [
    "{}", "sha256={}", " {} ", "sha256= {}",
    pytest.param(lambda hexed: hexed.upper(), id="upper case"),
    pytest.param(lambda hexed: "sha256=" + hexed.upper(), id="upper case with prefix"),
])  # fmt: skip
def test_spellings_of_the_signature_are_taken(sender, spelled):
    hexed = sign_hex(BODY, sender.secret)
    signature = spelled(hexed) if callable(spelled) else spelled.format(hexed)

    response = sender.post(BODY, signature=signature)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "signature",
    [
        "", " ", "sha256=", "sha256", "0", "zz", "00" * 32, "ff" * 32, "00" * 31, "é", "\xff" * 64, "00" * 5000,
        "v1,AAAA", "null", "valid-signature", "0x" + "00" * 32,
    ],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_other_texts_are_401(sender, engines, signature):
    before = everything(engines)

    response = sender.post(BODY, signature=signature)

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize("prefix", ["sha1=", "sha512=", "md5=", "sha256=sha256=", "sha256:"])
def test_other_prefixes_are_401(sender, prefix):
    response = sender.post(BODY, signature=prefix + sign_hex(BODY, sender.secret))

    assert refuses(response)


def test_half_a_signature_is_401(sender):
    response = sender.post(BODY, signature=sign_hex(BODY, sender.secret)[:32])

    assert refuses(response)


def test_no_signature_is_401(sender, engines):
    before = everything(engines)

    response = sender.client.post("/webhook/analytics", data=BODY)

    assert refuses(response)
    assert everything(engines) == before


def test_a_signature_of_a_sha1_or_another_key_is_401(sender):
    for signature in (
        hmac.new(sender.secret.encode(), BODY, hashlib.sha1).hexdigest(),
        sign_hex(BODY, sender.secret + " "),
        sign_hex(BODY, sender.secret.lower()),
        hashlib.sha256(BODY).hexdigest(),
        hmac.new(b"\0", BODY, hashlib.sha256).hexdigest(),
    ):
        assert refuses(sender.post(BODY, signature=signature))


@pytest.mark.parametrize("changed", [BODY + b" ", BODY.replace(b"100", b"101"), BODY.replace(b'": ', b'":'), b""])
def test_a_changed_body_is_401(sender, engines, changed):
    before = everything(engines)

    response = sender.post(changed, signature=sign_hex(BODY, sender.secret))

    assert refuses(response)
    assert everything(engines) == before


def test_the_signature_is_over_raw_bytes(sender, engines, cast):
    body = json.dumps(REPORT | {"resourceId": "ü"}, ensure_ascii=False, indent=3).encode() + b"\r\n"

    response = sender.post(body)

    assert response.status_code == 200
    assert [key for _, key, _ in sent(engines, cast.acme)] == ["ü"]


@pytest.mark.parametrize(
    "secret",
    ["s", "not base64!", "whsec_not base64!", "whsec_", "geheim-ü-\U0001f600", " blanks ", "x" * 1000, "AAAA", "%s{0}"],
    ids=lambda text: ascii(text)[:20],
)
def test_any_text_may_be_the_secret(app, engines, cast, vault, secret):
    _, shared = make_source(engines, vault, cast.acme, secret=secret)

    response = Sender(app, shared.secret).post(REPORT)

    assert shared.secret == secret
    assert response.status_code == 200


def test_a_generated_secret_signs_as_text_and_as_what_it_encodes(app, website):
    decoded = base64.b64decode(website[1].secret.removeprefix("whsec_"))
    signature = hmac.new(decoded, BODY, hashlib.sha256).hexdigest()

    response = app.test_client().post("/webhook/analytics", data=BODY, headers={"x-webhook-signature": signature})

    assert len(decoded) == 32
    assert response.status_code == 200


def test_a_source_without_a_secret_takes_nothing(app, engines, cast, vault, website):
    postmark, shared = make_source(engines, vault, cast.acme, kind="postmark", name="Postmark", secret=None)
    signature = hmac.new(b"", BODY, hashlib.sha256).hexdigest()

    response = app.test_client().post("/webhook/analytics", data=BODY, headers={"x-webhook-signature": signature})

    assert (postmark, shared.secret) != (None, None)
    assert refuses(response)


def test_the_secret_of_another_kind_of_source_signs_nothing_here(app, engines, cast, vault):
    _, shared = make_source(engines, vault, cast.acme, kind="postmark", name="Postmark", secret="a secret of Postmark")

    response = Sender(app, shared.secret).post(REPORT)

    assert refuses(response)


def test_an_api_key_signs_nothing_here(app, program, website):
    response = Sender(app, program.headers["X-Api-Key"]).post(REPORT)

    assert refuses(response)


def test_a_plain_signature_stays_good(sender, clock, engines, cast):
    first = sender.post(REPORT)
    clock.move(days=30)

    second = sender.post(REPORT)

    # setting is idempotent: the same report again changes nothing
    assert (first.status_code, second.status_code) == (200, 200)
    assert list(sent(engines, cast.acme).values()) == [100]
