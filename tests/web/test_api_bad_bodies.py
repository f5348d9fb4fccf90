"""Bodies that cannot be read, or hold no object: refused with a sentence, nothing written, never a 5xx."""

import gzip
import json

import pytest

from tests.helpers import update
from tests.reported import everything, paths

pytestmark = pytest.mark.usefixtures("sums_agree")

RIGHT = json.dumps(update())
ADDRESSES = ["/api/analytics", "/api/analytics/batch"]

UNREADABLE = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "a half": RIGHT[:40].encode(),
    "two": (RIGHT + RIGHT).encode(),
    "rubbish behind": (RIGHT + "x").encode(),
    "single quotes": b"{'type': 'campaign'}",
    "a trailing comma": b'{"type": "campaign",}',
    "a comment": b'{"type": "campaign" /* spring */}',
    "a form": b"type=campaign&resourceId=spring",
    "invalid UTF-8": RIGHT.replace("spring", "\udcff").encode("utf-8", "surrogateescape"),
    "surrogates in UTF-8": RIGHT.replace("spring", "\ud800").encode("utf-8", "surrogatepass"),
    "Latin-1": RIGHT.replace("spring", "ü").encode("latin-1"),
    "UTF-16": RIGHT.encode("utf-16"),
    "UTF-16 without a mark": RIGHT.encode("utf-16-le"),
    "UTF-32": RIGHT.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + RIGHT.encode(),
    "a byte order mark before bad fields": b"\xef\xbb\xbf{}",
    "a control character": RIGHT.replace("spring", "a\x01b").encode(),
    "NUL": b"\0",
    "NUL behind": RIGHT.encode() + b"\0",
    "gzip": gzip.compress(RIGHT.encode()),
    "open brackets": b"[" * 100_000,
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of 5,000 digits": RIGHT.replace("100", "9" * 5000).encode(),
    "a plus sign": RIGHT.replace("100", "+100").encode(),
    "a leading zero": RIGHT.replace("100", "0100").encode(),
    "hexadecimal": RIGHT.replace("100", "0x64").encode(),
}

NO_OBJECT = ["[]", "[1, 2]", "7", "-0.5", '"text"', '"\\ud800"', "null", "true", "false", "NaN", "-Infinity", "[NaN]"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_bodies_are_400(program, engines, address, body):
    before = everything(engines)

    response = program.post(address, body)

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json["code"] == "unreadable_json"
    assert everything(engines) == before


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("body", NO_OBJECT)
def test_json_that_is_no_object_is_422(program, engines, address, body):
    before = everything(engines)

    response = program.post(address, body)

    assert response.status_code == 422
    assert response.json["fields"] == [{"path": "", "message": "must be a JSON object"}]
    assert everything(engines) == before


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_object_lacks_every_field(program, address):
    response = program.post(address, {})

    expected = {"updates"} if address.endswith("batch") else {"type", "resourceId", "metrics", "date"}
    assert response.status_code == 422
    assert set(paths(response)) == expected


def test_a_compressed_body_is_not_unpacked(program):
    response = program.post("/api/analytics", gzip.compress(RIGHT.encode()), Content_Encoding="gzip")

    assert response.status_code == 400


def test_rubbish_that_calls_itself_gzip_is_still_read_as_it_is(program):
    response = program.post("/api/analytics", RIGHT, Content_Encoding="gzip")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
        "a/b; charset=utf-16",
    ],
)
def test_what_a_body_calls_itself_is_not_looked_at(program, media_type):
    response = program.post("/api/analytics", RIGHT, Content_Type=media_type)

    assert response.status_code == 200


def test_depth_within_reason_is_a_fault_of_its_field(program):
    response = program.post("/api/analytics", '{"metrics":' * 900 + "1" + "}" * 900)

    assert response.status_code == 422
    assert "metrics.metrics" in paths(response)


@pytest.mark.parametrize("name", ["\\ud800", "__proto__", "constructor", "", "a.b", "[0]", "\\u0000"])
def test_unknown_fields_of_any_name_are_refused(program, engines, name):
    before = everything(engines)

    response = program.post("/api/analytics", RIGHT[:-1] + f', "{name}": 1}}')

    assert response.status_code == 422
    assert len(response.json["fields"]) == 1
    assert everything(engines) == before


def test_nan_that_a_second_field_hides_is_unreadable(program, engines):
    before = everything(engines)

    response = program.post("/api/analytics", RIGHT.replace('"date": ', '"date": NaN, "date": '))

    assert response.status_code == 400
    assert everything(engines) == before


def test_the_last_of_two_equal_fields_counts(program):
    response = program.post("/api/analytics", RIGHT.replace('"date": ', '"date": "never", "date": '))

    assert response.status_code == 200


def test_very_many_unknown_fields_are_refused(program):
    response = program.post("/api/analytics", "{" + ",".join(f'"{n}":0' for n in range(50_000)) + "}")

    assert response.status_code == 422
    assert len(response.json["fields"]) == 1001
