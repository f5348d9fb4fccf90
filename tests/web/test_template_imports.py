"""HTML files that become templates: in whatever encoding they are written."""

import io

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from dashboard.models import Template, TemplateVersion
from tests.helpers import page, text

LIST = "/c/acme/templates"
ID = "01993b5e-0000-7000-8000-000000000002"


def send(member, data, name="Frühling.html", **fields):
    token = member.token(LIST + "/import")
    sent = {"id": ID, "csrf_token": token, "file": FileStorage(io.BytesIO(data), name)} | fields
    boundary, body = encode_multipart(sent)
    return member.client.post(f"{LIST}/import", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def test_file_becomes_a_template_that_is_not_active_and_twice_sent_it_is_one(browser, acme):
    uma = browser("uma")
    data = "<title>Für\r\nDich</title>\r\n<p>Hallo {{ who }}</p>".encode()

    answers = [send(uma, data) for _ in range(2)]

    assert [answer.location for answer in answers] == [f"{LIST}/{ID}/edit"] * 2
    with acme() as session:
        (row,) = session.scalars(sa.select(Template)).all()
        assert (row.name, row.key, row.subject, row.is_active) == ("Frühling", "fruhling", "Für Dich", False)
        assert row.content == "<title>Für\nDich</title>\n<p>Hallo {{ who }}</p>"
        assert session.scalars(sa.select(TemplateVersion.note)).all() == ["imported from Frühling.html"]


def test_name_that_is_there_already_gets_a_number(browser, acme):
    uma = browser("uma")
    send(uma, b"<p>1</p>", "a.html")

    send(uma, b"<p>2</p>", "a.html", id="01993b5e-0000-7000-8000-000000000003")

    with acme() as session:
        assert session.scalars(sa.select(Template.name).order_by(Template.name)).all() == ["a", "a (2)"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"x" * 1_000_001, "The file is larger than 1,000 kB."),
        (b"x" * 500_001, "The text may have 500,000 bytes."),
        (b"a\n\xff", "Line 2 is not written in utf-8, as it says nothing else. Save the file as UTF-8."),
    ],
    ids=["empty", "too large", "too long", "unreadable"],
)
def test_file_that_cannot_be_taken_is_refused_with_a_sentence(browser, acme, data, sentence):
    answer = send(browser("uma"), data)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#file-error")) == sentence
    with acme() as session:
        assert session.scalars(sa.select(Template)).all() == []


def test_no_file_is_told(browser):
    answer = browser("uma").post(f"{LIST}/import")

    assert answer.status_code == 422
    assert text(page(answer).select_one("#file-error")) == "Choose a file."


def test_more_than_the_limit_is_not_read(browser):
    assert send(browser("uma"), b"x" * 1_400_000).status_code == 413


def test_guest_imports_nothing(browser):
    gil = browser("gil")

    assert gil.get(f"{LIST}/import").status_code == 403
    assert gil.post(f"{LIST}/import", "/account").status_code == 403
