"""Uploading a provider's export, as an admin does it and as others may not."""

from __future__ import annotations

import io
import json

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Job, Source
from dashboard.models.sources import SourceStatus
from dashboard.services import uploads
from tests.factories import api_source_id, make_source
from tests.helpers import page, text
from tests.inbox import count
from tests.tables import read_everything
from tests.uploads import lines, row_of, run

# --- the page --------------------------------------------------------------------------------------


def test_page_says_what_is_taken_and_what_is_not_counted(browser, path):
    shown = page(browser("ada").get(path))

    told = text(shown.select_one("main form"))
    assert "CSV with a header, JSON lines or a JSON list; in UTF-8; at most 100 MB." in told
    assert "Events older than 90 days are kept as too late. They are not counted." in told
    assert "Signatures are not checked" in told
    assert shown.select_one("input[type=file]")["name"] == "file"
    assert shown.select_one("main form")["enctype"] == "multipart/form-data"
    assert "Nothing was uploaded" in text(shown.select_one("#imports"))


def test_page_leads_back_to_its_source(browser, path, source):
    shown = page(browser("ada").get(path))

    assert f"/c/acme/sources/{source}" in {link["href"] for link in shown.select("main a")}


def test_page_of_a_paused_source_says_that_uploads_are_held(browser, cast, seed, path, source):
    with seed(cast.acme) as session:
        session.get(Source, source).status = SourceStatus.PAUSED

    assert "What you upload is held" in browser("ada").get(path).text


def test_page_of_a_provider_names_the_export_that_is_understood(browser, engines, cast, vault):
    other, _ = make_source(engines, vault, cast.acme, kind="sendgrid", name="Mail")

    assert "Email Activity" in browser("ada").get(f"/c/acme/sources/{other}/history").text


@pytest.mark.parametrize("which", ["api", "rival", "none", "deleted"])
def test_there_is_no_page_for_what_is_no_source_of_a_provider(browser, engines, cast, seed, vault, source, which):
    if which == "deleted":
        with seed(cast.acme) as session:
            session.get(Source, source).status = SourceStatus.DELETED
    rivals, _ = make_source(engines, vault, cast.rival)
    ids = {"api": api_source_id(engines, cast.acme), "rival": rivals, "none": 999_999, "deleted": source}
    ada = browser("ada")
    token = {"X-CSRFToken": ada.token("/account")}

    asked = [ada.get(f"/c/acme/sources/{ids[which]}/history{end}") for end in ("", "/progress")]
    posted = ada.client.post(
        f"/c/acme/sources/{ids[which]}/history", data={"file": (io.BytesIO(lines(1)), "x")}, headers=token
    )

    assert [one.status_code for one in (*asked, posted)] == [404] * 3


# --- uploading -------------------------------------------------------------------------------------


def test_upload_is_stored_and_read_later(upload, kept, cast, seed, path, source):
    answer = upload(lines(3))

    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    (file,) = list(kept.glob("*"))
    assert file.read_bytes() == lines(3)
    with seed(cast.acme) as session:
        job = session.scalar(sa.select(Job))
        entry = session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "source.import"))
    assert (job.kind, job.payload["source_id"], job.payload["size_bytes"]) == ("import", source, len(lines(3)))
    assert (entry.actor, entry.details["file"]) == ("ada@acme.test", "march.jsonl")


def test_uploaded_file_is_shown_as_waiting_then_as_done(upload, kept, engines, cast, browser, path, clock):
    upload(lines(3))
    before = row_of(page(browser("ada").get(path)))
    run(engines, kept, now=clock())
    count(engines, cast.acme)
    after = row_of(page(browser("ada").get(path)))

    size = len(lines(3))
    assert before["File"].startswith(f"march.jsonl {size} B")
    assert (before["State"], before["Lines read"]) == ("waiting 0 %", "0")
    assert after["State"] == "done"
    names = ("Lines read", "Counted", "New", "Duplicate", "Too late", "Ignored", "Unreadable")
    assert [after[name] for name in names] == ["3", "3", "3", "0", "0", "0", "0"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("mail/march.csv", "march.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\x07\u202eb.csv", "ab.csv"),
        ("é" * 300, "é" * 120),
    ],
)
def test_name_of_the_file_is_only_shown(upload, kept, browser, path, given, shown):
    upload(name=given)

    assert row_of(page(browser("ada").get(path)))["File"].startswith(f"{shown} ")
    assert len(next(kept.glob("*")).name) == 32


def test_large_upload_is_taken_though_other_bodies_may_have_5_mb(upload, kept, browser):
    content = lines(50_000)  # about 11 MB

    answer = upload(content)
    elsewhere = browser("ada").client.post("/account", data=content, content_type="text/plain")

    assert len(content) > 10_000_000
    assert (answer.status_code, elsewhere.status_code) == (303, 413)
    assert next(kept.glob("*")).stat().st_size == len(content)
    assert "larger than 5 MB" in elsewhere.text


def test_upload_beyond_100_mb_is_refused_before_it_is_read(browser, kept, path, engines):
    ada = browser("ada")
    before = read_everything(engines)
    sent = {"CONTENT_LENGTH": str(100 * 1024 * 1024 + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    answer = ada.client.post(path, environ_overrides=sent)

    assert answer.status_code == 413
    assert "larger than 100 MB" in text(page(answer).select_one("main"))
    assert (list(kept.glob("*")), read_everything(engines)) == ([], before)


REFUSED = {
    "no file": (b"", "", "Choose a file."),
    "empty": (b"", "x.csv", "The file is empty."),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "x.png", "The file is not text."),
    "utf-16": ("type,at\n".encode("utf-16"), "x.csv", "The file is in UTF-16."),
    "other provider": (
        json.dumps([{"event": "open", "sg_message_id": "x"}]).encode(), "x.json",
        "The file does not begin with Generic events. Its first element: The field 'type' is missing.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "why"), REFUSED.values(), ids=REFUSED)
def test_refused_file_is_explained_at_its_field_and_leaves_nothing(upload, kept, engines, content, name, why):
    answer = upload(content, name)

    shown = page(answer)
    assert answer.status_code == 422
    assert why in text(shown.select_one("#file-error"))
    assert shown.select_one("#error-summary a")["href"] == "#file"
    assert shown.select_one("#file")["aria-invalid"] == "true"
    assert list(kept.glob("*")) == []
    assert read_everything(engines)["jobs"] == []


def test_sixth_upload_waits_for_the_others(upload, kept):
    answers = [upload().status_code for _ in range(uploads.MAX_UNFINISHED + 1)]

    assert answers == [303] * uploads.MAX_UNFINISHED + [409]
    assert len(list(kept.glob("*"))) == uploads.MAX_UNFINISHED


# --- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["uma", "gil"])
def test_others_than_admins_may_not(upload, browser, kept, path, who):
    answers = [browser(who).get(path), browser(who).get(f"{path}/progress"), upload(who=who)]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert list(kept.glob("*")) == []


def test_stranger_finds_nothing(upload, browser, kept, path):
    answers = [browser("rex").get(path), browser("rex").get(f"{path}/progress"), upload(who="rex")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert list(kept.glob("*")) == []


@pytest.mark.parametrize("token", [None, "wrong"])
def test_upload_without_its_token_is_refused(browser, engines, kept, path, token):
    ada = browser("ada")
    before = read_everything(engines)

    answer = ada.client.post(
        path, data={"file": (io.BytesIO(lines(1)), "x")} | ({"csrf_token": token} if token else {})
    )

    assert answer.status_code == 400
    assert (list(kept.glob("*")), read_everything(engines)) == ([], before)
