"""`POST /webhook/analytics` by Standard Webhooks: id, timestamp and a list of signatures."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from dashboard.providers.signatures import MAX_ID, sign_hex, sign_standard
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.reported import everything, sent

pytestmark = pytest.mark.usefixtures("sums_agree")

REPORT = {"companyId": "acme"} | update()
BODY = json.dumps(REPORT).encode()


def refuses(response):
    return (response.status_code, response.json["error"]["code"]) == (401, "bad_signature")


def signed(sender, at, webhook_id="msg_1", body=BODY):
    """Return the three right headers."""
    stamp = int(at.timestamp())
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign_standard(webhook_id, stamp, body, sender.secret),
    }


def post(sender, headers, body=BODY):
    return sender.client.post("/webhook/analytics", data=body, headers=headers)


def test_a_signed_report_sets_its_numbers(sender, clock, engines, cast):
    response = sender.post_standard(REPORT, at=clock())

    assert (response.status_code, response.json) == (200, {"status": "accepted"})
    assert list(sent(engines, cast.acme).values()) == [100]


def test_signatures_are_those_of_other_implementations():
    # the worked example of https://docs.svix.com/receiving/verifying-payloads/how-manual
    signature = sign_standard(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("minutes", [-5, -4, 0, 4, 5])
def test_a_timestamp_may_be_five_minutes_away(sender, clock, minutes):
    response = sender.post_standard(REPORT, at=clock() + timedelta(minutes=minutes))

    assert response.status_code == 200


@pytest.mark.parametrize("seconds", [-360, -301, 301, 360, -86_400, 86_400, 10**9])
def test_a_timestamp_further_away_is_401(sender, clock, engines, seconds):
    before = everything(engines)

    response = sender.post_standard(REPORT, at=clock() + timedelta(seconds=seconds))

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize(
    "spelled",
    ["{} v1,AAAA", "v1,AAAA {}", "v1a,AAAA {} v2,BBBB", "v1 {}", "v1, {}", "v1,!!! {}", "v1,é {}", "  {}  ", "{} {}",
     "v0," + "A" * 44 + " {}", ", {}", "v1,,, {}"],
)  # fmt: skip
def test_one_good_signature_of_a_list_is_enough(sender, clock, spelled):
    headers = signed(sender, clock())
    headers["webhook-signature"] = spelled.replace("{}", headers["webhook-signature"])

    response = post(sender, headers)

    assert response.status_code == 200


def test_a_signature_without_padding_is_taken(sender, clock):
    headers = signed(sender, clock())
    headers["webhook-signature"] = headers["webhook-signature"].rstrip("=")

    response = post(sender, headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "respelled",
    [
        lambda good: good.replace("v1,", "v1a,"), lambda good: good.replace("v1,", "v2,"),
        lambda good: good.replace("v1,", "V1,"), lambda good: good.replace("v1,", ""), lambda good: good[:-10],
        lambda good: good.replace("v1,", "v1;"), lambda _: "", lambda _: " ", lambda _: "v1,", lambda _: "v1",
        lambda _: "v1,=", lambda _: "v1,AAAA", lambda _: "é", lambda _: "v1,\xff\xfe", lambda _: "v1," + "A" * 50_000,
        lambda _: " ".join(["v1,AAAA"] * 5000),
    ],
)  # fmt: skip
def test_other_signatures_are_401(sender, clock, engines, respelled):
    headers = signed(sender, clock())
    headers["webhook-signature"] = respelled(headers["webhook-signature"])
    before = everything(engines)

    response = post(sender, headers)

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize("missing", ["webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(sender, clock, missing):
    headers = signed(sender, clock())
    del headers[missing]

    response = post(sender, headers)

    assert refuses(response)


@pytest.mark.parametrize(
    "timestamp",
    ["", " ", "now", "-1", "+1795348800", "1795348800.0", "1e9", "0x10", "9" * 400, "1795348800000", "²", "é",
     "nan", "2026-11-22T12:00:00Z", "1795348800 "],
)  # fmt: skip
def test_timestamps_are_whole_seconds(sender, clock, timestamp):
    signed_text = f"msg_1.{timestamp}.".encode("latin-1") + BODY

    response = post(sender, signed(sender, clock()) | {
        "webhook-timestamp": timestamp, "webhook-signature": "v1," + _standard(sender, signed_text),
    })  # fmt: skip

    assert refuses(response)


def _standard(sender, signed_text):
    key = base64.b64decode(sender.secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, signed_text, hashlib.sha256)).decode()


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_a_changed_header_is_401(sender, clock, changed):
    headers = signed(sender, clock())
    headers[changed] = headers[changed][:-1] + ("8" if headers[changed][-1] != "8" else "9")

    response = post(sender, headers)

    assert refuses(response)


def test_a_changed_body_is_401(sender, clock):
    response = post(sender, signed(sender, clock()), body=BODY.replace(b"100", b"101"))

    assert refuses(response)


def test_the_border_of_id_and_timestamp_cannot_be_moved(sender, clock):
    stamp = str(int(clock().timestamp()))
    signature = "v1," + _standard(sender, f"a.{stamp}.{stamp}.".encode() + BODY)
    headers = {"webhook-id": "a", "webhook-timestamp": stamp, "webhook-signature": signature}

    response = post(sender, headers)

    assert refuses(response)


@pytest.mark.parametrize("webhook_id", ["msg_2", "", " ", "\xe9"])
def test_a_wrong_id_beside_a_right_plain_signature_is_401(sender, clock, engines, webhook_id):
    headers = signed(sender, clock()) | {"webhook-id": webhook_id, "x-webhook-signature": sign_hex(BODY, sender.secret)}
    before = everything(engines)

    response = post(sender, headers)

    assert refuses(response)
    assert everything(engines) == before


def test_an_id_alone_turns_the_plain_signature_off(sender):
    response = sender.post(REPORT, **{"webhook-id": "msg_1"})

    assert refuses(response)


def test_a_wrong_plain_signature_beside_the_right_three_is_not_looked_at(sender, clock):
    response = sender.post_standard(REPORT, at=clock(), **{"x-webhook-signature": "00"})

    assert response.status_code == 200


def test_timestamp_and_signature_without_an_id_are_401(sender, clock):
    headers = signed(sender, clock())
    del headers["webhook-id"]

    response = post(sender, headers)

    assert refuses(response)


@pytest.mark.parametrize("length", [1, MAX_ID])
def test_an_id_may_be_long(sender, clock, length):
    response = sender.post_standard(REPORT, at=clock(), webhook_id="x" * length)

    assert response.status_code == 200


@pytest.mark.parametrize("length", [MAX_ID + 1, 3000, 60_000])
def test_an_id_too_long_to_be_remembered_is_401(sender, clock, engines, length):
    before = everything(engines)

    response = sender.post_standard(REPORT, at=clock(), webhook_id="x" * length)

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize(
    "secret", ["whsec_not base64!", "whsec_", "plain words", "geheim-ü", "whsec_ü", "AAAA"], ids=ascii
)
def test_a_secret_that_is_no_base64_signs_as_its_text(app, engines, cast, vault, clock, secret):
    _, shared = make_source(engines, vault, cast.acme, secret=secret)

    response = Sender(app, shared.secret).post_standard(REPORT, at=clock())

    assert response.status_code == 200
