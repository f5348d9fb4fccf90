"""Uploading files by dropping them and by the plain form, finding them in the list, and taking them out again."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from dashboard.vocabulary.roles import Role
from tests.journeys.checks import SIZES, Watch, find_faults, overhang

pytestmark = pytest.mark.browser

DROP = """([files]) => {
  const data = new DataTransfer();
  for (const [name, bytes, type] of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const form = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    form.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width=64, height=48):
    """Return a PNG of one blue."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = (b"\0" + b"\x30\x47\xc9" * width) * height
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.fixture(scope="module")
def people(house):
    """A user, and a guest of the same company."""
    house.person("una", "shelf", role=Role.USER)
    house.person("gus", "shelf", role=Role.GUEST)


@pytest.fixture
def page(open_page, people):
    """The files of a company, as a user sees them."""
    page = open_page("una@journeys.test")
    page.goto("/c/shelf/files")
    return page


def drop(page, *files):
    """Drop files onto the page; each is (name, bytes), or (name, number of zeros)."""
    page.evaluate(DROP, [[(n, list(what) if isinstance(what, bytes) else what, "") for n, what in files]])


def row(page, name):
    return page.locator(".files tbody tr", has_text=name)


def test_dropped_files_are_uploaded_listed_and_downloaded(page):
    watch = Watch(page)
    page.reload()

    drop(page, ("Frühling.png", picture()), ("prices.csv", b"item,price\nstamp,1\n"))
    page.get_by_role("status").get_by_text("2 files are uploaded.").wait_for()
    with page.expect_download() as started:
        row(page, "Frühling.png").get_by_label("Download").click()

    assert started.value.suggested_filename == "Frühling.png"
    assert Path(started.value.path()).read_bytes() == picture()
    assert row(page, "prices.csv").locator(".mark").inner_text() == "CSV"
    assert watch.complaints == []


def test_refused_file_is_told_and_the_others_go_on(page):
    drop(page, ("run.exe", b"MZ\x90\0"), ("empty.txt", b""), ("notes.txt", b"hello"))
    page.get_by_role("status").get_by_text("1 file is uploaded. 2 were not taken.").wait_for()

    told = page.locator(".sending li").all_inner_texts()
    assert ["Programs and scripts are not taken." in told[0], "The file is empty." in told[1]] == [True, True]
    assert "uploaded" in told[2]
    assert row(page, "notes.txt").count() == 1
    assert find_faults(page) == []


def test_file_that_is_too_large_is_not_sent(page):
    asked = []
    page.on("request", lambda request: asked.append(request.method))

    drop(page, ("large.png", 26 * 1024 * 1024))
    page.locator(".sending li.bad").wait_for()

    assert "It is larger than 25 MB." in page.locator(".sending li").inner_text()
    assert "POST" not in asked


def test_chosen_files_are_sent_at_once(page):
    page.locator("#file").set_input_files({"name": "chosen.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.get_by_role("status").get_by_text("1 file is uploaded.").wait_for()

    assert row(page, "chosen.txt").count() == 1


def test_link_is_copied(page, house):
    drop(page, ("link.png", picture()))
    page.get_by_role("status").get_by_text("uploaded").wait_for()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    row(page, "link.png").get_by_role("button", name="Copy link").click()
    row(page, "link.png").get_by_text("Copied").wait_for()

    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{house.server.url}/c/shelf/files/")
    row(page, "link.png").get_by_text("Copy link").wait_for()


def test_everything_works_without_script(open_page, people):
    page = open_page("una@journeys.test", java_script_enabled=False)
    page.goto("/c/shelf/files")

    page.locator("#file").set_input_files({"name": "plain.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_text("plain.png is uploaded.").wait_for()
    row(page, "plain.png").get_by_label("Delete").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("plain.png is deleted.").wait_for()

    assert row(page, "plain.png").count() == 0


def test_picture_is_shown_on_its_page(page):
    drop(page, ("shown.png", picture()))
    page.get_by_role("status").get_by_text("uploaded").wait_for()
    watch = Watch(page)

    row(page, "shown.png").get_by_role("link", name="shown.png", exact=True).click()
    page.get_by_role("heading", name="shown.png").wait_for()
    page.wait_for_function("document.querySelector('.shown img').complete")

    assert page.evaluate("document.querySelector('.shown img').naturalWidth") == 64
    assert watch.complaints == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_faults_and_nothing_hangs_over(page, size, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])
    drop(page, (f"a-very-long-name-{'without-an-end-' * 12}.png", picture()), ("x.exe", b"MZ"))
    page.get_by_role("status").get_by_text("uploaded").wait_for()

    for place in ("", "details", "delete"):
        if place:
            page.goto("/c/shelf/files")
            row(page, "a-very-long-name").first.locator(".name a, a[href$=delete]").nth(int(place == "delete")).click()
            page.wait_for_url(f"**/{place}")
        assert find_faults(page) == []
        assert overhang(page) <= 0


def test_axe_finds_no_faults_where_there_is_nothing(open_page, fresh):
    for who in ("fay@fresh.test", "flo@fresh.test"):
        page = open_page(who)
        page.goto("/c/fresh/files")
        assert find_faults(page) == []
