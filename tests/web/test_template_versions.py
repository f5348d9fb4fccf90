"""Versions of templates: each save that changes the mail keeps one; compared, restored, and sent as files."""

import pytest
import sqlalchemy as sa

from dashboard.models import Mark, Template, TemplateVersion
from tests.helpers import page, text
from tests.templates import AT, CONTENT, fields, make_template

LIST = "/c/acme/templates"
SHEET = "<style>p { color: red } @media print { p { color: black } }</style>"


@pytest.fixture
def news(acme, cast):
    """Return the id of a template in use."""
    with acme() as session:
        return make_template(session, cast.acme, is_active=True).id


def save(browser, id_, who="uma", **changes):
    """Save the template with changes, as somebody who has just opened its editor."""
    member = browser(who)
    path = f"{LIST}/{id_}/edit"
    seen = page(member.get(path)).select_one("#revision")["value"]
    sent = fields(name="News", key="news", category="", subject="Hello {{ contact.first_name }}", revision=seen)
    return member.post(path, **(sent | changes))


def versions(acme, id_):
    with acme() as session:
        statement = sa.select(TemplateVersion).where(TemplateVersion.template_id == id_)
        return [(v.number, v.content, v.author, v.note) for v in session.scalars(statement.order_by("number"))]


def test_save_that_changes_the_mail_keeps_a_version_and_marks_the_charts(browser, acme, news):
    save(browser, news, content="<p>two</p>", note="shorter")
    save(browser, news, who="ada", content="<p>three</p>")

    assert versions(acme, news) == [
        (1, CONTENT, "uma@acme.test", ""),
        (2, "<p>two</p>", "uma@acme.test", "shorter"),
        (3, "<p>three</p>", "ada@acme.test", ""),
    ]
    with acme() as session:
        marks = session.scalars(sa.select(Mark).order_by(Mark.title)).all()
        assert [(one.title, one.resource_key) for one in marks] == [
            ("News: version 2, shorter", "news"), ("News: version 3", "news"),
        ]  # fmt: skip
    assert "News: version 2, shorter" in text(page(browser("gil").get(f"{LIST}/{news}")).select_one(".marks"))


@pytest.mark.parametrize(
    "changes",
    [{}, {"name": "Other"}, {"category": "Sales"}, {"is_active": ""}, {"sample:contact.first_name": "Zoë"}],
    ids=str,
)
def test_save_that_leaves_the_mail_as_it_is_keeps_none(browser, acme, news, changes):
    answer = save(browser, news, **changes)

    assert answer.status_code == 303
    assert [number for number, *_ in versions(acme, news)] == [1]
    with acme() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mark)) == 0


@pytest.mark.parametrize(
    "changes", [{"subject": "x"}, {"text": "x"}, {"variables": "contact, unsubscribe_url, more"}], ids=str
)
def test_subject_text_and_variables_belong_to_the_version(browser, acme, news, changes):
    save(browser, news, **changes)

    assert [number for number, *_ in versions(acme, news)] == [1, 2]


def test_two_versions_stand_beside_each_other(browser, news):
    save(browser, news, content=CONTENT.replace("Hello", "Dear"), text="plain")

    shown = page(browser("gil").get(f"{LIST}/{news}/versions/compare?left=2&right=1"))

    assert [text(found) for found in shown.select(".diff thead th:nth-child(even)")] == ["Version 1", "Version 2"] * 2
    assert [text(found) for found in shown.select(".diff del")] == ["Hello"]
    assert [text(found) for found in shown.select(".diff ins")] == ["Dear", "plain"]


@pytest.mark.parametrize(("query", "status"), [("left=1&right=9", 404), ("left=x", 422), ("left=99999999999", 422)])
def test_version_that_is_not_there_is_refused(browser, news, query, status):
    assert browser("gil").get(f"{LIST}/{news}/versions/compare?{query}").status_code == status


def test_version_is_restored_as_a_new_one(browser, acme, news):
    save(browser, news, content="<p>two</p>", variables="contact")
    uma = browser("uma")

    done = uma.post(f"{LIST}/{news}/versions/1/restore", f"{LIST}/{news}/versions")

    assert "Version 1 is restored, as version 3." in uma.get(done.location).text
    assert versions(acme, news)[2] == (3, CONTENT, "uma@acme.test", "restored from version 1")
    with acme() as session:
        row = session.scalars(sa.select(Template)).one()
        assert (row.content, row.variables, row.version) == (CONTENT, ["contact", "unsubscribe_url"], 3)
        assert "News: version 3, restored from version 1" in session.scalars(sa.select(Mark.title)).all()


def test_restoring_what_it_says_already_makes_nothing(browser, acme, news):
    uma = browser("uma")

    done = uma.post(f"{LIST}/{news}/versions/1/restore", f"{LIST}/{news}/edit")

    assert "Version 1 is what it says already." in uma.get(done.location).text
    assert len(versions(acme, news)) == 1


def test_version_that_cannot_be_used_is_not_restored_while_it_is_active(browser, acme, cast):
    with acme() as session:
        id_ = make_template(session, cast.acme, content="{{ unknown }}").id
    save(browser, id_, is_active="y")
    uma = browser("uma")

    answer = uma.post(f"{LIST}/{id_}/versions/1/restore", f"{LIST}/{id_}/versions")

    assert answer.status_code == 409
    assert "Used, but not declared: unknown." in text(page(answer).select_one("main"))
    assert len(versions(acme, id_)) == 2


def test_guest_restores_nothing(browser, news):
    gil = browser("gil")

    answer = gil.post(f"{LIST}/{news}/versions/1/restore", "/account")

    assert answer.status_code == 403
    assert not page(gil.get(f"{LIST}/{news}/versions")).select("form[action$='/restore']")


def test_many_versions_are_paged(browser, acme, cast, news):
    with acme() as session:
        for number in range(2, 60):
            session.add(
                TemplateVersion(
                    template_id=news, number=number, subject="", content="", variables=[], author="", created_at=AT,
                )
            )  # fmt: skip
    gil = browser("gil")

    first = page(gil.get(f"{LIST}/{news}/versions"))
    second = page(gil.get(first.select_one(".pager a")["href"]))

    names = [text(found).split()[1] for shown in (first, second) for found in shown.select("tbody .name")]
    assert names == [str(number) for number in range(59, 0, -1)]


def test_html_is_sent_as_written_and_with_inlined_styles(browser, acme, cast):
    with acme() as session:
        id_ = make_template(session, cast.acme, content=f"{SHEET}<p>{{{{ contact.name }}}}</p>").id
    gil = browser("gil")

    written = gil.get(f"{LIST}/{id_}/download")
    inlined = gil.get(f"{LIST}/{id_}/download?form=inlined")

    assert written.text == f"{SHEET}<p>{{{{ contact.name }}}}</p>"
    assert '<p style="color: red;">{{ contact.name }}</p>' in inlined.text
    assert "@media print" in inlined.text
    for answer, name in ((written, "News.html"), (inlined, "News inlined.html")):
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_older_version_is_sent_and_what_cannot_be_inlined_is_told(browser, acme, news):
    save(browser, news, content="<svg></svg>")
    gil = browser("gil")

    assert gil.get(f"{LIST}/{news}/download?version=1").text == CONTENT
    refused = gil.get(f"{LIST}/{news}/download?form=inlined")
    assert refused.status_code == 422
    assert "<svg> cannot be exported" in text(page(refused).select_one("main"))
    assert gil.get(f"{LIST}/{news}/download?form=pdf").status_code == 422
