"""Downloading files: who may, with which headers, whole and in parts."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from dashboard.models import Membership
from dashboard.models.users import User
from tests.files import HTML, PNG, SVG

SIZE = len(PNG)  # 208


@pytest.fixture
def place(put):
    """The address of a picture."""
    return f"/c/acme/files/{put().id}"


@pytest.mark.parametrize("who", ["gil", "uma", "ada"])
def test_every_member_may_download(place, browser, who):
    answer = browser(who).get(place)

    assert (answer.status_code, answer.data) == (200, PNG)


def test_strangers_find_nothing(place, put, cast, browser):
    theirs = put(cast.rival, who="rex").id

    asked = [
        browser("rex").get(place),
        browser("ada").get(f"/c/acme/files/{theirs}"),  # of another company, at one's own address
        browser("ada").get(f"/c/rival/files/{theirs}"),
        browser("ada").get(f"/c/acme/files/{uuid4()}"),
    ]

    assert [one.status_code for one in asked] == [404] * 4


def test_signed_out_visitor_is_led_to_sign_in(place, browser):
    answer = browser(None).get(place)

    assert (answer.status_code, answer.data.startswith(b"\x89PNG")) == (303, False)


def test_membership_is_checked_with_each_download(place, browser, seed, cast, clock):
    gil = browser("gil")
    tag = gil.get(place).headers["ETag"]
    with seed(cast.acme) as session:
        user_id = session.scalar(sa.select(User.id).where(User.email == "gil@acme.test"))
        session.scalars(sa.select(Membership).where(Membership.user_id == user_id)).one().removed_at = clock()

    answer = gil.get(place, headers={"If-None-Match": tag})

    assert answer.status_code == 404


def test_headers_let_nothing_run(place, browser):
    headers = browser("gil").get(place).headers

    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == "attachment; filename=\"logo.png\"; filename*=UTF-8''logo.png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Length"] == str(SIZE)
    assert "Content-Encoding" not in headers


INLINE = {
    "png": (PNG, "inline", "image/png"),
    "gif": (b"GIF89a" + bytes(9), "inline", "image/gif"),
    "svg": (SVG, "attachment", "application/octet-stream"),
    "html": (HTML, "attachment", "application/octet-stream"),
    "pdf": (b"%PDF-1.7", "attachment", "application/pdf"),
    "txt": (b"hello", "attachment", "text/plain; charset=utf-8"),
}


@pytest.mark.parametrize("case", INLINE)
def test_only_pictures_of_dots_are_ever_shown_inline(put, browser, case):
    content, word, media_type = INLINE[case]
    row = put(content=content, name=f"x.{case}")

    headers = browser("gil").get(f"/c/acme/files/{row.id}?inline=1").headers

    assert headers["Content-Disposition"].partition(";")[0] == word
    assert headers["Content-Type"] == media_type


NAMES = {
    "Überblick.png": "attachment; filename=\"Uberblick.png\"; filename*=UTF-8''%C3%9Cberblick.png",
    '50% "off";.png': "attachment; filename=\"50_ _off_;.png\"; filename*=UTF-8''50%25%20%22off%22%3B.png",
    "概要.png": "attachment; filename=\".png\"; filename*=UTF-8''%E6%A6%82%E8%A6%81.png",
    "it's (1)*.png": "attachment; filename=\"it's (1)*.png\"; filename*=UTF-8''it%27s%20%281%29%2A.png",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_name_is_told_in_both_ways(put, browser, name, expected):
    row = put(name=name)

    assert browser("gil").get(f"/c/acme/files/{row.id}").headers["Content-Disposition"] == expected


# --- once more -------------------------------------------------------------------------------------


def test_browser_that_has_it_gets_304(place, browser):
    gil = browser("gil")
    tag = gil.get(place).headers["ETag"]

    for asked in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = gil.get(place, headers={"If-None-Match": asked})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_other_tag_gets_all_of_it(place, browser):
    assert browser("gil").get(place, headers={"If-None-Match": '"x"'}).status_code == 200


def test_head_tells_the_same_without_the_bytes(place, browser, storage):
    gil = browser("gil")
    whole = gil.get(place)

    answer = gil.client.head(place, headers={"Range": "bytes=0-1"})

    assert (answer.status_code, answer.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Content-Disposition"):
        assert answer.headers[name] == whole.headers[name]


PARTS = {
    "bytes=0-0": (0, 1),
    "bytes=1-3": (1, 4),
    "bytes=200-": (200, SIZE),
    "bytes=200-999": (200, SIZE),
    "bytes=-8": (200, SIZE),
    "bytes=-999": (0, SIZE),
}


@pytest.mark.parametrize("asked", PARTS)
def test_part_is_sent(place, browser, asked):
    start, end = PARTS[asked]

    answer = browser("gil").get(place, headers={"Range": asked})

    assert (answer.status_code, answer.data) == (206, PNG[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=208-", "bytes=999-1000"])
def test_part_that_is_not_there_is_416(place, browser, asked):
    answer = browser("gil").get(place, headers={"Range": asked})

    assert (answer.status_code, answer.data, answer.headers["Content-Range"]) == (416, b"", f"bytes */{SIZE}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=3-1", "bytes=x", "bytes", "bytes=-0"])
def test_what_is_no_single_part_gets_all_of_it(place, browser, asked):
    answer = browser("gil").get(place, headers={"Range": asked})

    assert (answer.status_code, len(answer.data)) == (200, SIZE)


def test_part_is_sent_only_of_the_file_that_the_browser_began_with(place, browser):
    gil = browser("gil")
    tag = gil.get(place).headers["ETag"]

    sent = {
        if_range: gil.get(place, headers={"Range": "bytes=0-1", "If-Range": if_range}).status_code
        for if_range in (tag, f"W/{tag}", '"x"', "Sun, 22 Nov 2026 12:00:00 GMT")
    }

    assert list(sent.values()) == [206, 200, 200, 200]


def test_row_without_bytes_is_told_as_such(put, browser, storage):
    row = put()
    storage.delete(row.storage_key)

    answer = browser("gil").get(f"/c/acme/files/{row.id}")

    assert answer.status_code == 404
    assert "The bytes of this file are missing." in answer.text
    assert "Content-Disposition" not in answer.headers
