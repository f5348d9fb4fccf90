"""The request of a delivery: bodies of every sort to look at, and the raw bytes as a file."""

import pytest

from dashboard.models.inbox import DeliveryState
from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import put

NESTED = b"[" * 5_000 + b"]" * 5_000


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def open_body(engines, cast, source, browser):
    """Return the parsed page of a delivery with this body, and the address of its bytes."""

    def opened(body):
        delivery = put(engines, cast.acme, source, body=body, state=DeliveryState.UNREADABLE)
        path = f"/c/acme/sources/{source}/deliveries/{delivery}"
        answer = browser("uma").get(path)
        assert answer.status_code == 200
        return page(answer), f"{path}/body"

    return opened


def test_json_is_arranged_and_headers_stand_beside_it(open_body):
    shown, _ = open_body('{"a":[1,{"ä":"✓"}],"big":123456789012345678901234567890}'.encode())

    assert shown.select_one("pre").get_text() == (
        '{\n  "a": [\n    1,\n    {\n      "ä": "✓"\n    }\n  ],\n  "big": 123456789012345678901234567890\n}'
    )
    assert text(shown.select_one("dl.headers")) == "content-type application/json"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"caf\xe9 \x00\xff", "caf� ␀�"),
        (b'{"name": "\\ud800"}', '{ "name": "\\ud800" }'),
        (b"", ""),
        (b"1", "1"),
        (NESTED, NESTED.decode()),
    ],
    ids=["markup", "no UTF-8", "lone surrogate", "empty", "a number", "deep"],
)
def test_body_of_any_sort_is_shown_as_text(open_body, body, seen):
    shown, _ = open_body(body)

    assert text(shown.select_one("pre")) == seen
    assert shown.select("pre script") == []


def test_long_body_is_cut(open_body):
    shown, _ = open_body(b"x" * 1_000_000)

    assert len(shown.select_one("pre").get_text()) == 64_000
    assert "Only the beginning is shown" in text(shown.select_one(".caption"))


@pytest.mark.parametrize("body", [b'{"events":  []}', b"\x00\xff<script>", b""])
def test_raw_bytes_are_a_file_that_no_browser_interprets(open_body, browser, body):
    _, path = open_body(body)

    answer = browser("uma").get(path)

    assert answer.data == body
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="delivery-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_body_of_a_rejected_delivery_is_not_there(engines, cast, source, browser):
    delivery = put(engines, cast.acme, source, body=b"forged", state=DeliveryState.REJECTED)
    path = f"/c/acme/sources/{source}/deliveries/{delivery}"

    assert "The body of a rejected delivery is not kept." in text(page(browser("uma").get(path)).select_one("main"))
    assert browser("uma").get(path + "/body").status_code == 404
