"""Templates: their list, the editor, and whether they are in use."""

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, FileUse, Mark, ResourceKey, Template, TemplateVersion
from tests.factories import api_source_id, numbers, report
from tests.files import store
from tests.helpers import page, text
from tests.templates import CONTENT, fields, make_template

LIST = "/c/acme/templates"


@pytest.fixture
def news(acme, cast):
    """Return the id of a template that is in use."""
    with acme() as session:
        return make_template(session, cast.acme, is_active=True).id


def one(acme, **wanted):
    with acme() as session:
        return session.scalars(sa.select(Template).filter_by(**wanted)).one()


def test_user_makes_a_template_and_twice_sent_it_is_one(browser, acme):
    uma = browser("uma")

    first = uma.post(LIST, LIST + "/new", **fields())
    again = uma.post(LIST, LIST + "/new", **fields())

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    with acme() as session:
        (row,) = session.scalars(sa.select(Template)).all()
        assert (row.name, row.key, row.category, row.is_active, row.version) == ("Summer", "summer", "Sales", True, 1)
        assert (row.content, row.variables) == (CONTENT, ["contact", "unsubscribe_url"])
        assert session.scalars(sa.select(ResourceKey.key)).all() == ["summer"]
        assert session.scalars(sa.select(TemplateVersion.author)).all() == ["uma@acme.test"]
        assert session.scalars(sa.select(Mark.title)).all() == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "The name must have 1 to 100 characters."),
        ("key", "k" * 201, "The key has 201 characters; at most 200 are taken."),
        ("category", "c" * 51, "The category must have at most 50 characters."),
        ("subject", "s" * 1001, "The subject has 1,001 characters; at most 1,000 are taken."),
        ("content", "é" * 250_001, "The HTML body has 500,002 bytes; at most 500,000 are taken."),
        ("content", "a\0b", "The HTML body must not contain NUL characters or lone surrogates."),
        ("text", "x" * 500_001, "The plain text has 500,001 bytes; at most 500,000 are taken."),
        ("variables", "contact, 1st", "The variables must be names such as contact.first_name; '1st' is none."),
        ("variables", "\n".join(f"v{n}" for n in range(201)), "The variables are 201; at most 200 are taken."),
        ("note", "n" * 151, "This has 151 characters; at most 150 are taken."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bad_value_is_told_at_its_field_and_what_was_typed_is_kept(browser, field, value, sentence):
    answer = browser("uma").post(LIST, LIST + "/new", **fields(**{field: value}))

    shown = page(answer)
    assert answer.status_code == 422
    assert text(shown.select_one(f"#{field}-error")) == sentence
    assert text(shown.select_one("#error-summary li a")) == sentence
    assert shown.select_one("#subject")["value"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"variables": "contact"}, "variables", "Used, but not declared: unsubscribe_url."),
        ({"text": "{{ who }}"}, "variables", "Used, but not declared: who."),
        ({"content": "<p>\n{% if %}</p>"}, "content", "Line 2:"),
        ({"text": "{{ contact"}, "text", "Line 1:"),
    ],
)
def test_template_that_cannot_be_rendered_is_not_activated_but_kept_inactive(browser, acme, changes, field, sentence):
    uma = browser("uma")

    refused = uma.post(LIST, LIST + "/new", **fields(**changes))
    kept = uma.post(LIST, LIST + "/new", **(fields(**changes, is_active="")))

    assert refused.status_code == 422
    assert text(page(refused).select_one(f"#{field}-error")).startswith(sentence)
    assert kept.status_code == 303
    id_ = one(acme).id
    again = uma.post(f"{LIST}/{id_}/activate", f"{LIST}/{id_}/edit")
    assert again.status_code == 422
    assert text(page(again).select_one(f"#{field}-error")).startswith(sentence)
    assert not one(acme).is_active


def test_template_is_activated_and_deactivated(browser, acme, news):
    uma = browser("uma")
    path = f"{LIST}/{news}"

    assert uma.post(f"{path}/deactivate", f"{path}/content").status_code == 303
    assert not one(acme).is_active
    assert uma.post(f"{path}/activate", f"{path}/content").status_code == 303
    assert one(acme).is_active
    shown = [text(found) for found in page(uma.get(f"{path}/activity")).select(".timeline .what")]
    assert shown == ["uma@acme.test activated it", "uma@acme.test deactivated it", "uma@acme.test made it"]


def test_archived_template_is_not_activated(browser, acme, cast):
    with acme() as session:
        id_ = make_template(session, cast.acme).id
    uma = browser("uma")
    uma.post(f"{LIST}/{id_}/archive", f"{LIST}/{id_}/edit")

    answer = uma.post(f"{LIST}/{id_}/activate", f"{LIST}/{id_}/edit")

    assert answer.status_code == 409
    assert not one(acme).is_active


def test_name_and_key_of_another_template_are_refused(browser, news):
    answer = browser("uma").post(LIST, LIST + "/new", **fields(name="News", key="news"))

    assert answer.status_code == 422
    assert "already" in text(page(answer).select_one("#name-error"))
    assert text(page(answer).select_one("#key-error")) == "This key belongs to News already."


def test_older_revision_is_refused_with_both_versions_shown(browser, acme, news):
    uma, ada = browser("uma"), browser("ada")
    path = f"{LIST}/{news}/edit"
    old = page(uma.get(path)).select_one("#revision")["value"]
    ada.post(path, **fields(name="News", key="news", subject="Ada's", revision=old))

    answer = uma.post(path, **fields(name="News", key="news", subject="Uma's", content="<p>Uma</p>", revision=old))

    shown = page(answer)
    assert answer.status_code == 409
    assert [text(cell) for cell in shown.select(".versions tbody tr")[0].select("th, td")] == [
        "Subject", "Ada's", "Uma's",
    ]  # fmt: skip
    assert text(shown.select_one(".diff .changed .new")).replace(" ", "") == "<p>Uma</p>"
    assert shown.select_one("#subject")["value"] == "Uma's"
    newest = shown.select_one("#revision")["value"]
    sent = fields(name="News", key="news", subject="Uma's", content="<p>Uma</p>", revision=newest)
    assert uma.post(path, **sent).status_code == 303


def test_edit_that_is_sent_twice_is_done_once(browser, acme, news):
    uma = browser("uma")
    path = f"{LIST}/{news}/edit"
    sent = fields(name="News", key="news", revision=page(uma.get(path)).select_one("#revision")["value"])

    answers = [uma.post(path, **sent).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert one(acme).version == 2


def test_key_stays_once_mail_was_counted_under_it(browser, acme, cast, engines, clock, news):
    source = api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, numbers(cast.acme.day_of(clock()), "news", "template"), now=clock())
    uma = browser("uma")

    sent = fields(name="News", key="other", revision="1")
    answer = uma.post(f"{LIST}/{news}/edit", **sent)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#key-error")).startswith("Mail was counted under 'news', so it stays.")


def test_copy_is_the_same_mail_under_another_name_and_not_in_use(browser, news):
    shown = page(browser("uma").get(f"{LIST}/new?copy={news}"))

    assert shown.select_one("#name")["value"] == "News (copy)"
    assert shown.select_one("#key")["value"] == "news-copy"
    assert shown.select_one("#content").string.strip("\r\n") == CONTENT.strip()
    assert not shown.select_one("#is_active").has_attr("checked")


def test_guest_reads_and_a_stranger_finds_nothing(browser, news):
    gil, rex = browser("gil"), browser("rex")

    for end in ("", "/content", "/versions", "/preview", "/download"):
        assert gil.get(f"{LIST}/{news}{end}").status_code == 200
        assert rex.get(f"{LIST}/{news}{end}").status_code == 404
        assert rex.get(f"/c/rival/templates/{news}{end}").status_code == 404
    assert gil.get(f"{LIST}/{news}/edit").status_code == 403
    assert not page(gil.get(f"{LIST}/{news}/content")).select("a[href$='/edit'], form[action$='/deactivate']")
    assert not page(gil.get(LIST)).select(".tick, a[href$='/new'], a[href$='/import']")


def test_list_shows_what_is_used_and_is_narrowed_to_a_category(browser, acme, cast):
    with acme() as session:
        for n, category in enumerate(("News", "Sales", None)):
            make_template(session, cast.acme, name=f"T{n}", key=f"t{n}", category=category)
    gil = browser("gil")

    def names(**query):
        return [text(found) for found in page(gil.get(LIST, query_string=query)).select("tbody .name > a")]

    shown = page(gil.get(LIST, query_string={"category": "Sales"}))
    assert names() == ["T0", "T1", "T2"]
    assert names(category="Sales") == ["T1"]
    assert names(category="Sales", q="t0") == []
    assert names(category="Nothing") == []
    assert [text(found) for found in shown.select(".chip")] == ["contact", "unsubscribe_url"]
    assert [found["value"] for found in shown.select("#category option")] == ["", "News", "Sales"]
    assert text(shown.select_one(".seg.many a")) == "All 1"


def test_many_are_activated_and_those_that_cannot_be_are_left(browser, acme, cast):
    with acme() as session:
        make_template(session, cast.acme, name="A", key="a")
        make_template(session, cast.acme, name="B", key="b", variables=[])
    uma = browser("uma")
    sent = {"verb": "activate", "all": "1", "confirmed": "1", "csrf_token": uma.token(LIST)}

    done = uma.client.post(f"{LIST}/bulk", data=sent)

    assert "1 template was activated. 1 was left as it is." in uma.get(done.location).text
    assert (one(acme, key="a").is_active, one(acme, key="b").is_active) == (True, False)
    uma.client.post(f"{LIST}/bulk", data=sent | {"verb": "deactivate"})
    assert not one(acme, key="a").is_active


def test_list_is_a_file_for_admins(browser, acme, news):
    answer = browser("ada").post(f"{LIST}/csv", LIST)

    lines = answer.text.split("\r\n")
    assert lines[0].startswith("Name,Key,Category,Status,Subject,Variables,Version,Changed,Sent,")
    assert lines[1].startswith("News,news,,active,Hello {{ contact.first_name }},contact unsubscribe_url,1,")


def test_seen_key_is_adopted_empty_and_its_first_text_is_version_one(browser, acme, cast, engines, clock):
    source = api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, numbers(cast.acme.day_of(clock()), "old-tpl", "template"), now=clock())
    uma = browser("uma")

    uma.post(f"{LIST}/seen", f"{LIST}/seen", key="old-tpl")
    row = one(acme, key="old-tpl")
    assert (row.is_active, row.version) == (False, 0)
    assert "Nothing was written yet" in uma.get(f"{LIST}/{row.id}/content").text
    uma.post(f"{LIST}/{row.id}/edit", **fields(name="Old", key="old-tpl", revision="1"))

    assert one(acme, key="old-tpl").version == 1
    with acme() as session:
        assert session.scalars(sa.select(Mark.title)).all() == []


def test_audit_log_keeps_no_bodies(browser, acme, news):
    browser("uma").post(f"{LIST}/{news}/edit", **fields(name="News", key="news", content="<p>secret</p>", revision="1"))

    with acme() as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.subject_type == "template")).all()
        assert "secret" not in str([entry.details for entry in entries])
        assert entries[-1].details["changes"]["content"] == [f"{len(CONTENT)} characters", "13 characters"]


def test_files_that_it_shows_are_kept(browser, acme, cast, news, app, clock):
    with acme() as session:
        file_id = store(session, app.extensions["storage"], cast.acme, clock()).id
    content = f'<img src="https://mail.test/c/acme/files/{file_id}" alt="">'

    browser("uma").post(f"{LIST}/{news}/edit", **fields(name="News", key="news", content=content, revision="1"))

    with acme() as session:
        assert session.scalars(sa.select(FileUse.file_id)).all() == [file_id]
