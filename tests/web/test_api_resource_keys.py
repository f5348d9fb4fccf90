"""Resource keys: which texts are taken, and under which spelling they are kept."""

import unicodedata
from urllib.parse import quote

import pytest

from tests.helpers import update
from tests.reported import everything, paths, rows

pytestmark = pytest.mark.usefixtures("sums_agree")

BAD = {
    "empty": "",
    "a blank": " ",
    "blanks of all kinds": "\u2003\u00a0\u3000",
    "201 characters": "x" * 201,
    "201 of two UTF-16 units": "\U0001f600" * 201,
    "5,000 characters": "x" * 5000,
    "NUL": "a\0b",
    "a line break": "a\nb",
    "a tab": "a\tb",
    "DEL": "a\x7fb",
    "a C1 control": "a\x85b",
    "another C1 control": "a\x9fb",
    "a lone high surrogate": "a\ud800b",
    "a lone low surrogate": "a\udfffb",
    # U+0958 is written as two characters in normal form C: 101 of them are 202
    "longer in normal form C": "\u0958" * 101,
}
FINE = {
    "__proto__": "__proto__",
    "constructor": "constructor",
    "toString": "toString",
    "one character": "x",
    "200 characters": "x" * 200,
    "200 of two UTF-16 units": "\U0001f600" * 200,
    # e and an acute accent are one character in normal form C, so that 400 become 200
    "200 in normal form C": "e\u0301" * 200,
    "the word for no resource": "(none)",
    "a number": "123",
    "blanks around": " spring ",
    "quotes": "\"'`",
    "a formula": "=1+1",
    "a path": "../../etc/passwd",
    "percents": "%00 %s %(sent)s",
    "a colon": ":sent ::text",
    "a statement": "'; DROP TABLE analytics; --",
    "mark-up": "<script>alert(1)</script>",
    "right to left": "\u202eabc",
    "a zero-width joiner": "a\u200db",
    "a noncharacter": "a\uffffb",
    "Arabic": "\u0631\u0628\u064a\u0639",
}
MAIL = [
    ("mailbox", "Ada@Example.COM", "ada@example.com"),
    ("mailbox", "ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
    ("mailbox", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
    ("mailbox", "JÜRGEN@example.com", "jürgen@example.com"),
    ("mailbox", '"a@b"@Example.com', '"a@b"@example.com'),
    ("mailbox", "no-at-sign", "no-at-sign"),
    ("domain", "Example.COM", "example.com"),
    ("domain", "BÜCHER.example", "xn--bcher-kva.example"),
    ("domain", "XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    ("domain", "例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ("domain", "-ü-.example", "-ü-.example"),  # no domain of the Internet, but a key
    ("campaign", "Spring", "Spring"),
    ("campaign", "BÜCHER.example", "BÜCHER.example"),
    ("campaign", "u\u0308", "ü"),
    ("template", "Ada@Example.COM", "Ada@Example.COM"),
]


@pytest.mark.parametrize("key", BAD.values(), ids=BAD)
def test_bad_keys_are_refused(program, engines, key):
    kinds = ("campaign", "template", "mailbox", "domain")
    before = everything(engines)

    response = program.post("/api/analytics/batch", {"updates": [update(kind=kind, key=key) for kind in kinds]})

    assert response.status_code == 422
    assert paths(response) == [f"updates[{n}].resourceId" for n in range(4)]
    assert everything(engines) == before


@pytest.mark.parametrize("key", [None, 7, 1.5, True, [], ["spring"], {}])
def test_keys_are_text(program, engines, key):
    before = everything(engines)

    response = program.post("/api/analytics", update() | {"resourceId": key})

    assert response.status_code == 422
    assert paths(response) == ["resourceId"]
    assert everything(engines) == before


@pytest.mark.parametrize("key", FINE.values(), ids=FINE)
def test_any_other_text_is_a_key(program, key):
    response = program.post("/api/analytics", update(key=key))

    read = program.get("/api/campaign-analytics").json
    assert response.status_code == 200
    assert [one["campaignId"] for one in read] == [unicodedata.normalize("NFC", key)]


@pytest.mark.parametrize("key", FINE.values(), ids=FINE)
def test_a_row_is_found_and_deleted_by_any_key(program, key):
    set_row = program.post("/api/analytics", update(key=key))

    found = program.get("/api/analytics", type="campaign", resourceId=key)
    gone = program.delete("/api/analytics", type="campaign", resourceId=key, date="2026-11-20")

    assert [row["id"] for row in found.json["details"]] == [set_row.json["id"]]
    assert gone.json == {"id": set_row.json["id"], "action": "deleted"}


@pytest.mark.parametrize(("kind", "given", "kept"), MAIL)
def test_keys_are_kept_in_one_spelling(program, engines, cast, kind, given, kept):
    first = program.post("/api/analytics", update(kind=kind, key=given))
    second = program.post("/api/analytics", update(kind=kind, key=kept))

    assert {row.resource_key for row in rows(engines, cast.acme)} == {kept}
    assert first.json["id"] == second.json["id"]
    assert second.json["action"] == "updated"


@pytest.mark.parametrize(("kind", "given", "kept"), MAIL)
def test_reads_and_deletes_take_any_spelling(program, kind, given, kept):
    program.post("/api/analytics", update(kind=kind, key=kept))

    found = program.get("/api/analytics", type=kind, resourceId=given)
    gone = program.delete("/api/analytics", type=kind, resourceId=given, date="2026-11-20")

    assert [row["resourceId"] for row in found.json["details"]] == [kept]
    assert gone.status_code == 200


def test_campaign_keys_are_told_apart_by_case(program):
    first = program.post("/api/analytics", update(key="Spring"))
    second = program.post("/api/analytics", update(key="spring"))

    assert second.json["action"] == "created"
    assert first.json["id"] != second.json["id"]


def test_key_and_day_cannot_be_shifted_into_each_other(program):
    first = program.post("/api/analytics", update(key="a-2026-11-20", day="2026-11-19"))
    second = program.post("/api/analytics", update(key="a", day="2026-11-20"))

    assert first.json["id"] != second.json["id"]


@pytest.mark.timeout(20)
def test_marks_that_take_long_to_put_in_order_are_refused_at_once(program):
    response = program.post("/api/analytics", update(key="a" + "\u0301\u0316" * 400_000))

    assert response.status_code == 422
    assert "800,001 characters" in response.json["detail"]


@pytest.mark.parametrize(
    "address",
    ["/api/analytics?resourceId={}", "/api/campaign-analytics?campaignId={}", "/api/export?format=csv&resourceId={}"],
)
def test_bad_keys_in_addresses_are_refused(program, address):
    for raw in ("%00", "%C2%85", "%0A", "%20", "x" * 201):
        response = program.client.get(address.format(raw), headers=program.headers)

        assert response.status_code == 422, raw
        assert len(paths(response)) == 1


@pytest.mark.parametrize("raw", ["%FF", "%ED%A0%80", quote("\U0001f600"), "%"])
def test_odd_bytes_in_addresses_find_nothing(program, raw):
    program.post("/api/analytics", update())

    response = program.client.get(f"/api/analytics?resourceId={raw}", headers=program.headers)

    assert response.status_code == 200
    assert response.json["details"] == []
    assert response.json["aggregated"]["sent"] == 0
