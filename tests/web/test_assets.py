"""Static files."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

import dashboard

FOLDER = Path(dashboard.__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
    ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8",
}  # fmt: skip


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("name", FILES)
def test_file_is_sent_as_it_is(client, name):
    answer = client.get(f"/static/{name}")

    assert answer.status_code == 200
    assert answer.data == (FOLDER / name).read_bytes()
    assert answer.content_type == TYPES[Path(name).suffix]


def test_every_file_that_a_page_names_is_there_and_kept_for_ever(client, browser, cast):
    named = set(re.findall(r'"(/static/[^"#]+)', browser("ada").get("/c/acme/").text))

    answers = {name: client.get(name.replace("&amp;", "&")) for name in named}

    assert len(named) >= 8
    assert {name for name, answer in answers.items() if answer.status_code != 200} == set()
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {FOREVER}


@pytest.mark.parametrize("version", ["", "?v=", "?v=000000000000", "?x=1"])
def test_file_without_its_digest_is_asked_for_again(client, version):
    assert client.get(f"/static/css/app.css{version}").headers["Cache-Control"] == "public, no-cache"


def test_file_is_not_sent_again_when_the_browser_has_it(client):
    tag = client.get("/static/css/app.css").headers["ETag"]

    answer = client.get("/static/css/app.css", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_file_is_sent_when_the_browser_has_another(client):
    assert client.get("/static/css/app.css", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", ["css/app.css", "js/app.js", "icons.svg"])
def test_text_is_compressed_for_those_who_take_it(client, name):
    answer = client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert brotli.decompress(answer.data) == (FOLDER / name).read_bytes()
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0", "deflate"])
def test_text_is_sent_plain_to_those_who_do_not(client, accepted):
    answer = client.get("/static/css/app.css", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / "css/app.css").read_bytes()


def test_text_can_be_read_by_those_who_take_only_gzip(client):
    answer = client.get("/static/css/app.css", headers={"Accept-Encoding": "gzip"})

    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    body = gzip.decompress(answer.data) if is_packed else answer.data
    assert body == (FOLDER / "css/app.css").read_bytes()


def test_both_forms_of_a_file_have_tags_of_their_own(client):
    plain = client.get("/static/css/app.css")
    packed = client.get("/static/css/app.css", headers={"Accept-Encoding": "br"})

    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_fonts_are_not_compressed_again(client):
    name = next(name for name in FILES if name.endswith(".woff2"))

    assert "Content-Encoding" not in client.get(f"/static/{name}", headers={"Accept-Encoding": "br"}).headers


def test_head_sends_no_body(client):
    answer = client.head("/static/css/app.css")

    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == (FOLDER / "css/app.css").stat().st_size


OUTSIDE = [
    "../config.py", "..%2fconfig.py", "%2e%2e/config.py", "css/../../config.py", "css/%2e%2e/%2e%2e/config.py",
    "/etc/passwd", "%2fetc/passwd", "..\\config.py", "..%5cconfig.py", "....//config.py", "css", "css/", "", "%00",
    "css/app.css%00", "css/app.css/x", "nothing.css", "a" * 300, "a/" * 3000, "\u00e9.css", "%ff.css", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE, ids=lambda name: ascii(name)[:40])
def test_nothing_outside_of_the_folder_is_sent(client, name):
    answer = client.get(f"/static/{name}", follow_redirects=True)

    assert answer.status_code == 404
    assert "BaseSettings" not in answer.text
    assert "root:" not in answer.text
