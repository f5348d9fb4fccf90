"""Uploading files by the form."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from dashboard.clients.buckets import open_storage
from dashboard.models import Company, File
from dashboard.vocabulary.files import MAX_FILE_BYTES
from tests.files import HTML, PNG, SVG, keys_in
from tests.helpers import page, text

PLACE = "/c/acme/files"


def names(seed, company):
    with seed(company) as session:
        return list(session.scalars(sa.select(File.name).order_by(File.id)))


def reason(answer):
    return text(page(answer).select_one("#error-summary li"))


def test_uploaded_file_stands_in_the_list(upload, browser):
    answer = upload()

    assert (answer.status_code, answer.headers["Location"]) == (303, PLACE)
    shown = page(browser("gil").get(PLACE))
    row = shown.select_one(".files tbody tr")
    assert text(row.select_one("th")) == "PNG logo.png"
    assert text(row.select_one("[data-l=Size]")) == "208 B"
    assert text(row.select_one("[data-l=Uploaded]")) == "22 Nov 2026, 13:00 Uma"
    assert text(shown.select_one("#quota")) == "1 file · 208 B of 1 GB"


def test_upload_is_told_on_the_next_page(upload, browser, app):
    person = browser("uma")
    token = person.token("/account")

    answer = person.client.post(
        PLACE, data={"csrf_token": token, "file": (io.BytesIO(PNG), "a.png")}, follow_redirects=True
    )

    assert "a.png is uploaded." in text(page(answer).select_one("main"))


@pytest.mark.parametrize(("who", "status"), [("gil", 403), ("uma", 303), ("ada", 303), ("rex", 404)])
def test_upload_is_for_users_and_admins(upload, storage, who, status):
    answer = upload(who=who)

    assert answer.status_code == status
    assert len(keys_in(storage)) == (1 if status == 303 else 0)


def test_guest_sees_no_form(storage, browser):
    shown = page(browser("gil").get(PLACE))

    assert shown.select("input[type=file]") == []
    assert "Members with the role user upload" in text(shown.select_one(".empty"))


def test_upload_without_the_token_is_refused(browser, storage):
    answer = browser("uma").client.post(PLACE, data={"file": (io.BytesIO(PNG), "a.png")})

    assert answer.status_code == 400
    assert keys_in(storage) == []


def test_form_without_a_file_asks_for_one(upload):
    answer = upload(name="")

    assert (answer.status_code, reason(answer)) == (422, "Choose a file.")


def test_empty_file_is_refused(upload, storage):
    answer = upload(b"")

    assert (answer.status_code, reason(answer)) == (422, "The file is empty.")
    assert keys_in(storage) == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\0", "holiday.png", "Programs and scripts are not taken. A ZIP file with them in it is."),
        (b"\0\1\2\3", "data.csv", "Files of this type are not taken."),
        ("größe".encode("latin-1"), "data.csv", "This is no text in UTF-8"),
    ],
)
def test_file_that_is_not_taken_is_refused_with_a_sentence(upload, storage, content, name, sentence):
    answer = upload(content, name)

    assert answer.status_code == 422
    assert reason(answer).startswith(sentence)
    assert keys_in(storage) == []


def test_largest_file_is_taken_and_one_byte_more_is_not(upload, cast, seed):
    assert upload(PNG + bytes(MAX_FILE_BYTES - len(PNG)), "most.png").status_code == 303
    answer = upload(PNG + bytes(MAX_FILE_BYTES - len(PNG) + 1), "more.png")

    assert (answer.status_code, reason(answer)) == (422, "The file has 25.0 MB. At most 25 MB are taken.")
    assert names(seed, cast.acme) == ["most.png"]


def test_body_far_beyond_the_limit_is_not_read(upload, storage):
    answer = upload(bytes(MAX_FILE_BYTES + 1_000_000), "huge.png")

    assert answer.status_code == 413
    assert "The body is larger than 25 MB." in answer.text


def test_other_addresses_keep_their_smaller_limit(browser, storage):
    uma = browser("uma")
    token = uma.token("/account")

    answer = uma.client.post("/account", data={"csrf_token": token, "name": "x" * 6_000_000})

    assert answer.status_code == 413


def test_full_company_is_told_what_is_left(upload, cast, seed, storage):
    with seed() as session:
        session.get(Company, cast.acme.id).file_quota_bytes = 1_000_000
    upload(PNG + bytes(700_000))

    answer = upload(PNG + bytes(400_000))

    # 1,000,000 less 700,208 leaves 299,792
    expected = (
        "The file has 0.4 MB, and of the company's 1 MB only 0.3 MB are left. Delete files that are no longer used."
    )
    assert (answer.status_code, reason(answer)) == (422, expected)
    assert len(keys_in(storage)) == 1


NAMES = {
    "unicode": ("Überblick 概要.png", "Überblick 概要.png"),
    "quotes, as browsers write them": ("say %22hi%22.png", 'say "hi".png'),
    "markup": ("<b>x</b>.png", "b>.png"),
    "script": ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    "folders": ("../../../etc/passwd.png", "passwd.png"),
    "turned": ("a\u202egnp.png", "agnp.png"),
    "long": ("ä" * 400 + ".png", "ä" * 251 + ".png"),
}


@pytest.mark.parametrize("case", NAMES)
def test_name_is_kept_safely_and_shown_as_text(upload, browser, storage, cast, seed, case):
    given, kept = NAMES[case]

    upload(name=given)

    assert names(seed, cast.acme) == [kept]
    link = page(browser("gil").get(PLACE)).select_one(".files .name a")
    assert link.get_text() == kept
    assert link.find() is None
    assert re.fullmatch(r"\d+/[0-9a-f]{32}", keys_in(storage)[0])


def test_lines_in_a_name_make_no_headers(put, browser, storage):
    row = put(name="a\r\nSet-Cookie: x=1\r\n.png")

    answer = browser("gil").get(f"{PLACE}/{row.id}")

    assert "x=1" not in (answer.headers.get("Set-Cookie") or "")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="aSet-Cookie: x=1.png"')


@pytest.mark.parametrize(("content", "label"), [(SVG, "SVG"), (HTML, "HTML")])
def test_type_is_that_of_the_bytes_whatever_the_name_says(upload, browser, content, label):
    upload(content, "picture.png")

    assert text(page(browser("gil").get(PLACE)).select_one(".mark")) == label


def test_storage_out_of_reach_is_503_and_leaves_no_row(app, upload, browser, seed, cast, storage):
    app.extensions["storage"] = open_storage(
        "s3://files?endpoint=http://127.0.0.1:9&region=us-east-1&access_key_id=a&secret_access_key=b", storage
    )

    answer = upload()

    assert answer.status_code == 503
    assert "The storage of files cannot be reached just now." in answer.text
    assert names(seed, cast.acme) == []


def test_upload_and_download_work_with_a_bucket(app, bucket_url, upload, browser, storage, seed, cast, tmp_path):
    app.extensions["storage"] = open_storage(bucket_url, tmp_path)

    upload()

    with seed(cast.acme) as session:
        (id_,) = session.scalars(sa.select(File.id))
    gil = browser("gil")
    assert gil.get(f"{PLACE}/{id_}").data == PNG
    assert gil.get(f"{PLACE}/{id_}", headers={"Range": "bytes=1-3"}).data == b"PNG"
