"""Previews of templates: what stands beside the editor, and documents that can do nothing."""

import pytest
import sqlalchemy as sa

from dashboard.models import Template, TemplateDraft
from dashboard.services.template_drafts import DRAFTS
from tests.helpers import HTMX, page, text
from tests.templates import fields, make_template

LIST = "/c/acme/templates"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@pytest.fixture
def news(acme, cast):
    """Return the id of a template."""
    with acme() as session:
        return make_template(session, cast.acme).id


def preview(member, **changes):
    """Send the form as the editor does while somebody types."""
    sent = fields(**changes) | {"csrf_token": member.token(LIST + "/new")}
    return member.client.post(f"{LIST}/preview", data=sent, headers=HTMX)


def frame_of(answer):
    return page(answer).select_one("#outcome")["data-frame"]


def rows(answer):
    cells = ("th", "td:nth-of-type(1) .state", "input")
    found = [[one.select_one(cell) for cell in cells] for one in page(answer).select(".variables tbody tr")]
    return [(text(path), text(state), sample["value"]) for path, state, sample in found]


def test_what_is_typed_is_shown_and_nothing_of_it_is_saved(browser, acme):
    uma = browser("uma")

    answer = preview(uma)
    framed = uma.get(frame_of(answer))

    assert answer.status_code == 200
    assert not page(answer).select("html, main")
    assert text(page(answer).select_one(".subjectline")) == "Sun, Alex"
    assert "<p>Hello Alex</p>" in framed.text
    with acme() as session:
        assert session.scalars(sa.select(Template)).all() == []


def test_document_of_the_frame_has_its_own_policy(browser, news):
    uma = browser("uma")

    for answer in (uma.get(frame_of(preview(uma))), uma.get(f"{LIST}/{news}/preview")):
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.content_type == "text/html; charset=utf-8"


def test_frame_of_the_editor_is_sandboxed(browser, news):
    for path in (f"{LIST}/{news}/edit", f"{LIST}/{news}/content"):
        frame = page(browser("uma").get(path)).select_one("iframe")

        assert (frame["sandbox"], frame["src"]) == ([], f"{LIST}/{news}/preview")
    assert "frame-src 'self'" in browser("uma").get(LIST).headers["Content-Security-Policy"]


def test_variables_are_told_by_how_they_stand_and_samples_are_kept(browser, acme):
    uma = browser("uma")
    changes = {
        "content": "{{ contact.first_name }} {{ typo }}", "variables": "contact, spare",
        "sample:contact.first_name": "Zoë", "sample:typo": "[typo]",
    }  # fmt: skip

    shown = preview(uma, **changes)
    uma.post(LIST, LIST + "/new", **fields(**changes, is_active=""))

    assert rows(shown) == [
        ("typo", "not declared", "[typo]"), ("contact.first_name", "used", "Zoë"),
        ("spare", "declared, not used", "[spare]"),
    ]  # fmt: skip
    with acme() as session:
        row = session.scalars(sa.select(Template)).one()
        assert row.samples == {"contact.first_name": "Zoë"}  # the other one stands there by itself
    assert "Zoë" in uma.get(f"{LIST}/{row.id}/preview").text


def test_warnings_and_counts_stand_beside_it(browser):
    shown = page(preview(browser("uma"), content='<img src="http://a.test/b.png">', subject="x" * 80, text=""))

    told = [text(found) for found in shown.select(".findings li")]
    assert [one for one in told if "no link to unsubscribe" in one]
    assert [one for one in told if "alternative text" in one]
    assert [one for one in told if "begins with http" in one]
    assert [one for one in told if "no plain text" in one]
    assert "80 characters of subject" in text(shown.select_one(".counts"))


def test_what_cannot_be_read_is_told_with_its_line(browser):
    shown = preview(browser("uma"), content="<p>\n{% if %}</p>")

    assert frame_of(shown) == ""
    assert text(page(shown).select_one(".findings li")).startswith("HTML body Line 2:")


def test_plain_text_is_shown_or_made_of_the_html(browser):
    uma = browser("uma")

    made = page(preview(uma, content="<h1>Big</h1><p>a &amp; b</p>", text=""))
    written = page(preview(uma, text="Dear {{ contact.first_name }} & you"))

    assert made.select_one(".plaintext").string == "Big\n\na & b"
    assert written.select_one(".plaintext").string == "Dear Alex & you"


def test_without_script_the_whole_form_is_answered(browser, news):
    uma = browser("uma")

    answer = uma.post(f"{LIST}/preview?of={news}", f"{LIST}/{news}/edit", **fields(subject="Typed"))

    shown = page(answer)
    assert answer.status_code == 200
    assert shown.select_one("#subject")["value"] == "Typed"
    assert shown.select_one("form[data-editor]")["action"] == f"{LIST}/{news}/edit"
    assert "Hello Alex" in uma.get(shown.select_one("iframe")["src"]).text


def test_plain_text_is_written_from_the_html_when_asked(browser):
    answer = browser("uma").post(f"{LIST}/preview", LIST + "/new", **fields(content="<p>Hi {{ x }}</p>", make_text="1"))

    assert page(answer).select_one("#text").string.strip() == "Hi {{ x }}"


def test_preview_is_seen_by_whom_it_was_made_for_only(browser):
    frame = frame_of(preview(browser("uma")))

    assert browser("ada").get(frame).status_code == 404
    assert browser("gil").get(frame).status_code == 403
    assert browser("rex").get(frame).status_code == 404
    assert browser("rex").get(frame.replace("/acme/", "/rival/")).status_code == 404
    assert preview_of_a_guest(browser).status_code == 403


def preview_of_a_guest(browser):
    gil = browser("gil")
    return gil.client.post(f"{LIST}/preview", data=fields() | {"csrf_token": gil.token("/account")}, headers=HTMX)


def test_only_the_newest_previews_are_kept(browser, acme, clock):
    uma = browser("uma")

    frames = [frame_of(preview(uma, subject=f"s{n}")) for n in range(DRAFTS + 2)]

    with acme() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(TemplateDraft)) == DRAFTS
    assert uma.get(frames[-1]).status_code == 200


def test_hostile_text_is_taken_out(browser):
    uma = browser("uma")
    hostile = (
        '<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a>'
        '<meta http-equiv=refresh content="0;url=https://evil.test"><form action="https://evil.test"><input></form>'
        '<iframe src="https://evil.test"></iframe><link rel=stylesheet href="https://evil.test/a.css">'
    )

    framed = uma.get(frame_of(preview(uma, content=hostile))).text

    for word in ("<script", "onerror", 'href="javascript', "refresh", "<form", "<iframe", "<link", "evil"):
        assert word not in framed.replace("Content-Security-Policy", "")
