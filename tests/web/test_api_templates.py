"""Templates for programs: read, made, changed and deleted by the rules of the pages."""

import json

import pytest
import sqlalchemy as sa

from dashboard.models import Mark, Template, TemplateVersion
from tests.factories import api_source_id, numbers, report
from tests.templates import CONTENT, make_template

LIST = "/api/templates"
NEW = {
    "name": "News", "key": "news", "subject": "Hello {{ contact.first_name }}", "content": CONTENT,
    "category": "Sales", "variables": ["contact", "unsubscribe_url"], "active": True,
}  # fmt: skip


@pytest.fixture
def news(acme, cast):
    """Return the address of a template in use."""
    with acme() as session:
        return f"{LIST}/{make_template(session, cast.acme, is_active=True).id}"


def patch(program, path, **body):
    return program.client.patch(path, data=json.dumps(body), headers=program.headers)


def paths(answer):
    return [fault["path"] for fault in answer.json["fields"]]


def test_template_is_made_and_read(program):
    made = program.post(LIST, NEW | {"text": "a\r\nb", "note": "first"})
    shown = program.get(f"{LIST}/{made.json['id']}")

    assert made.status_code == 201
    assert made.json == shown.json
    assert {name: shown.json[name] for name in NEW} == NEW
    assert (shown.json["text"], shown.json["version"], shown.json["revision"]) == ("a\nb", 1, 1)
    assert shown.json["keys"] == ["news"]


def test_list_leaves_out_the_long_texts(program, news):
    listed = program.get(LIST, q="news", status="active").json

    assert listed["total"] == 1
    assert set(listed["items"][0]).isdisjoint({"content", "text", "keys"})
    assert program.get(LIST, status="inactive").json["total"] == 0
    assert program.get(LIST, status="draft").status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"), ({"key": "k" * 201}, "key"), ({"subject": "a\nb"}, "subject"),
        ({"content": "x" * 500_001}, "content"), ({"text": "a\0"}, "text"), ({"category": "c" * 51}, "category"),
        ({"variables": "contact"}, "variables"), ({"variables": ["1a"]}, "variables"), ({"active": "yes"}, "active"),
        ({"note": "n" * 151}, "note"), ({"nothing": 1}, "nothing"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_wrong_field_is_named(program, news, body, field):
    assert paths(program.post(LIST, NEW | {"name": "Other", "key": "other"} | body)) == [field]
    assert paths(patch(program, news, **body)) == [field]


@pytest.mark.parametrize(("body", "field"), [({"variables": []}, "variables"), ({"content": "{% if %}"}, "content")])
def test_template_that_cannot_be_used_is_not_active(program, news, body, field):
    created = program.post(LIST, NEW | {"name": "Other", "key": "other"} | body)
    patched = patch(program, news, **body)

    assert (created.status_code, paths(created)) == (422, [field])
    assert (patched.status_code, paths(patched)) == (422, [field])
    assert patch(program, news, active=False, **body).status_code == 200


def test_change_of_the_mail_is_a_version_and_a_mark(program, acme, news):
    answer = patch(program, news, content="<p>two</p>", note="shorter", revision=1)

    assert (answer.json["version"], answer.json["revision"], answer.json["content"]) == (2, 2, "<p>two</p>")
    with acme() as session:
        versions = session.scalars(sa.select(TemplateVersion).order_by(TemplateVersion.number)).all()
        assert [(one.number, one.author, one.note) for one in versions] == [
            (1, "uma@acme.test", ""), (2, "key Program", "shorter"),
        ]  # fmt: skip
        assert session.scalars(sa.select(Mark.title)).all() == ["News: version 2, shorter"]


def test_older_revision_is_refused(program, acme, news):
    patch(program, news, name="Two")

    answer = patch(program, news, name="Three", revision=1)

    assert (answer.status_code, answer.json["code"]) == (409, "overtaken")
    with acme() as session:
        assert session.scalars(sa.select(Template.name)).all() == ["Two"]


def test_category_is_taken_away_by_an_empty_one(program, news):
    patch(program, news, category="Sales")

    assert patch(program, news, category="").json["category"] is None


def test_template_is_archived_and_brought_back(program, news):
    assert patch(program, news, archived=True).json["archivedAt"]
    assert patch(program, news, archived=False).json["archivedAt"] is None


def test_deleting_archives_where_mail_was_counted(program, engines, cast, clock, news):
    source = api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, numbers(cast.acme.day_of(clock()), "news", "template"), now=clock())

    assert program.delete(news).json["action"] == "archived"


def test_deleting_takes_the_versions_along(program, acme, news):
    assert program.delete(news).json["action"] == "deleted"
    with acme() as session:
        assert session.scalars(sa.select(TemplateVersion.id)).all() == []


def test_program_of_another_company_finds_nothing(rivals_program, news):
    assert rivals_program.get(news).status_code == 404
    assert patch(rivals_program, news, name="x").status_code == 404
    assert rivals_program.delete(news).status_code == 404
