"""Bodies of a webhook: only who signed them hears what is wrong with them."""

import gzip
import io
import json

import pytest

from dashboard.config import MAX_BODY_BYTES
from dashboard.providers.signatures import sign_hex
from dashboard.services.reported import MAX_BATCH
from tests.helpers import update
from tests.reported import everything, paths, sent

pytestmark = pytest.mark.usefixtures("sums_agree")

REPORT = {"companyId": "acme"} | update()
RIGHT = json.dumps(REPORT)

UNREADABLE = {
    "nothing": b"",
    "a half": RIGHT[:60].encode(),
    "rubbish": b"\xff\xfe\x00",
    "a form": b"companyId=acme&type=campaign",
    "UTF-16": RIGHT.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + RIGHT.encode(),
    "invalid UTF-8": RIGHT.replace("spring", "\udcff").encode("utf-8", "surrogateescape"),
    "gzip": gzip.compress(RIGHT.encode()),
    "deep lists": b"[" * 60_000,
    "a number of 5,000 digits": RIGHT.replace("100", "9" * 5000).encode(),
    "NaN behind a second date": RIGHT.replace('"date": ', '"date": NaN, "date": ').encode(),
}
NO_OBJECT = ["[]", "7", '"text"', "null", "true", "NaN", '"\\ud800"']


def refuses(response):
    return (response.status_code, response.json["error"]["code"]) == (401, "bad_signature")


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_body_signed_rightly_is_400(sender, engines, body):
    before = everything(engines)

    response = sender.post(body)

    assert response.status_code == 400
    assert response.content_type == "application/json"
    assert response.json["error"]["code"] == "unreadable_json"
    assert everything(engines) == before


@pytest.mark.parametrize("body", [*UNREADABLE.values(), *(text.encode() for text in NO_OBJECT), b"{}"])
def test_any_body_signed_wrongly_is_401(sender, engines, body):
    before = everything(engines)

    assert refuses(sender.post(body, signature="00" * 32))
    assert refuses(sender.post(body, signature=""))
    assert refuses(sender.client.post("/webhook/analytics", data=body))
    assert everything(engines) == before


@pytest.mark.parametrize("body", NO_OBJECT)
def test_json_that_is_no_object_is_422_for_its_signer(sender, engines, body):
    before = everything(engines)

    response = sender.post(body.encode())

    assert response.status_code == 422
    assert paths(response) == [""]
    assert everything(engines) == before


def test_an_unreadable_body_signed_by_standard_webhooks_is_400(sender, clock):
    response = sender.post_standard(b"{", at=clock())

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "receiver"}, "type"), ({"type": 7}, "type"), ({"resourceId": ""}, "resourceId"),
        ({"resourceId": "a\0"}, "resourceId"), ({"resourceId": "\ud800"}, "resourceId"),
        ({"date": "2024-02-30"}, "date"), ({"date": "2026-11-24"}, "date"), ({"metrics": None}, "metrics"),
        ({"metrics": update(sent=-1)["metrics"]}, "metrics.sent"),
        ({"metrics": update(sent=2**53)["metrics"]}, "metrics.sent"),
        ({"metrics": update(sent=10**400)["metrics"]}, "metrics.sent"),
        ({"metrics": update(sent=float("nan"))["metrics"]}, "metrics.sent"),
        ({"metrics": update(sent=True)["metrics"]}, "metrics.sent"), ({"extra": 1}, "extra"),
    ],
)  # fmt: skip
def test_bad_fields_are_named(sender, engines, change, path):
    before = everything(engines)

    response = sender.post(REPORT | change)
    listed = sender.post({"companyId": "acme", "updates": [update(key="fine"), update() | change]})

    assert (response.status_code, listed.status_code) == (422, 422)
    assert paths(response) == [path]
    assert paths(listed) == [f"updates[1].{path}"]
    assert everything(engines) == before


def test_a_list_of_updates_is_set_as_a_whole(sender, engines, cast):
    response = sender.post({"companyId": "acme", "updates": [update(key=str(n), sent=n) for n in range(50)]})

    assert response.status_code == 200
    assert sum(sent(engines, cast.acme).values()) == 1225  # 0 + 1 + ... + 49


def test_a_body_is_one_update_or_a_list_but_not_both(sender):
    response = sender.post(REPORT | {"updates": [update()]})

    assert response.status_code == 422
    assert set(paths(response)) == {"type", "resourceId", "metrics", "date"}


def test_too_long_a_list_is_422(sender, engines):
    before = everything(engines)

    response = sender.post({"companyId": "acme", "updates": [{}] * (MAX_BATCH + 1)})

    assert response.status_code == 422
    assert paths(response) == ["updates"]
    assert everything(engines) == before


def test_a_sum_that_is_too_large_is_422(sender, engines):
    before = everything(engines)

    response = sender.post({"companyId": "acme", "updates": [update(key=key, sent=2**53 - 1) for key in "ab"]})

    assert response.status_code == 422
    assert response.json["error"]["code"] == "sum_too_large"
    assert everything(engines) == before


def test_a_query_string_is_passed_over(sender, engines):
    signature = sign_hex(RIGHT.encode(), sender.secret)

    response = sender.client.post("/webhook/analytics?x=1", data=RIGHT, headers={"x-webhook-signature": signature})

    assert response.status_code == 200  # people keep notes in addresses; only what is signed counts


def test_a_body_over_5_mb_is_413(sender, engines):
    before = everything(engines)

    response = sender.post(RIGHT.encode().ljust(MAX_BODY_BYTES + 1))

    assert response.status_code == 413
    assert response.json["error"]["code"] == "too_large"
    assert everything(engines) == before


def test_a_body_over_5_mb_in_chunks_is_413(sender, engines):
    body = RIGHT.encode().ljust(6_000_000)
    cut = body[:MAX_BODY_BYTES]  # what would be left of it must not be taken for the whole
    before = everything(engines)

    for signed in (body, cut):
        response = sender.client.post(
            "/webhook/analytics",
            input_stream=io.BytesIO(body),
            headers={"x-webhook-signature": sign_hex(signed, sender.secret)},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert response.status_code == 413
    assert everything(engines) == before


def test_a_body_of_5_mb_is_taken(sender):
    response = sender.post(RIGHT.encode().ljust(MAX_BODY_BYTES))

    assert response.status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_another_method_is_405_with_post_allowed(sender, method):
    response = sender.client.open("/webhook/analytics", method=method)

    assert response.status_code == 405
    assert "POST" in {name.strip() for name in response.headers["Allow"].split(",")}
    assert "GET" not in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/webhook/", "/webhook/nobody", "/webhook/analytics/x", "/webhook/generic/token"])
def test_other_addresses_are_404_without_detail(sender, path):
    response = sender.client.post(path, data=RIGHT)

    assert response.status_code == 404
    assert response.json["error"]["fields"] == []
