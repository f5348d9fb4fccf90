"""The rules of a company as its members see and change them."""

import re
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, MappingRule
from dashboard.queries import rules as queries
from tests.helpers import HTMX, page, text

FIELDS = {"field": "subject", "name": "", "pattern": "*sale*", "type": "campaign", "resource_key": "sale"}


@pytest.fixture
def ada(browser):
    return browser("ada")


@pytest.fixture
def stored(seed, cast):
    """Return the stored rules in their order."""

    def read(company=None):
        with seed(company or cast.acme) as session:
            return [(row.id, row.rule) for row in queries.list_rules(session)]

    return read


def add(who, **changes):
    """Send the form of a new rule, filled in."""
    form = page(who.get("/c/acme/rules/new")).select_one("form[action$='/rules']")
    hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    return who.client.post("/c/acme/rules", data=hidden | FIELDS | changes)


def test_new_rule_stands_in_the_list(ada, stored):
    answer = add(ada)

    shown = page(ada.get("/c/acme/rules"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/acme/rules")
    assert text(shown.select_one(".rules tbody tr")).startswith("1 *sale* The subject sale campaign")
    assert text(shown.select_one("[role=status]")) == "The rule was added. New mail follows it."


def test_form_that_is_sent_twice_makes_one_rule(ada, stored):
    form = page(ada.get("/c/acme/rules/new")).select_one("form[action$='/rules']")
    filled = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")} | FIELDS

    answers = [ada.client.post("/c/acme/rules", data=filled).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"pattern": ""}, "pattern", "Enter what it looks like."),
        ({"pattern": "   "}, "pattern", "Enter what it looks like."),
        ({"pattern": "x" * 201}, "pattern", "This has 201 characters; at most 200 are taken."),
        ({"pattern": "a\x07b"}, "pattern", "This must not contain control characters."),
        ({"pattern": "a\nb"}, "pattern", "This must not contain control characters."),
        ({"field": "metadata"}, "name", "Enter the name of the metadata."),
        ({"field": "metadata", "name": "n" * 101}, "name", "This has 101 characters; at most 100 are taken."),
        ({"field": "metadata", "name": "a\tb"}, "name", "This must not contain control characters."),
        ({"field": "recipient"}, "field", "Choose what is looked at."),
        ({"type": "receiver"}, "type", "Choose a campaign, template, mailbox or domain."),
        ({"type": ""}, "type", "Choose a campaign, template, mailbox or domain."),
        ({"resource_key": ""}, "resource_key", "Enter the key of the campaign."),
        ({"resource_key": "k" * 201}, "resource_key", "The key has 201 characters; at most 200 are taken."),
        ({"resource_key": "a\x00b"}, "resource_key", "The key must not contain control characters or lone surrogates."),
    ],
)
def test_fault_stands_under_its_field_and_what_was_typed_is_kept(ada, stored, changes, field, message):
    answer = add(ada, **changes)

    shown = page(answer)
    assert answer.status_code == 422
    assert text(shown.select_one(f"#{field}-error")) == message
    assert message in text(shown.select_one("#error-summary"))
    typed = FIELDS | changes
    kept = {name: shown.select_one(f"#{name}").get("value") for name in ("name", "pattern", "resource_key")}
    assert {name: value.strip() for name, value in kept.items()} == {
        name: re.sub(r"\r?\n", "\n", typed[name]).strip() for name in kept
    }
    assert stored() == []


def test_every_fault_is_named_at_once(ada):
    shown = page(add(ada, pattern="", resource_key="", field="metadata"))

    assert [one["id"] for one in shown.select("p.err")] == ["name-error", "pattern-error", "resource_key-error"]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"type": "mailbox", "resource_key": "News@Größe.TEST"}, "news@xn--gre-6ka8i.test"),
        ({"type": "domain", "resource_key": " Acme.TEST "}, "acme.test"),
        ({"type": "template", "resource_key": "Cafe\u0301"}, "Caf\u00e9"),
    ],
)
def test_key_is_kept_in_the_form_in_which_it_is_counted(ada, stored, changes, kept):
    add(ada, **changes)

    assert [rule.resource_key for _, rule in stored()] == [kept]


@pytest.mark.parametrize("pattern", ["[", "?", "**********a", "*" * 200, r"\d+(", "ß*Ω🎉", "x" * 200, "<b>*</b>"])
def test_hostile_pattern_is_kept_and_shown_as_it_is(ada, stored, pattern):
    add(ada, pattern=pattern)

    assert [rule.pattern for _, rule in stored()] == [pattern]
    assert text(page(ada.get("/c/acme/rules")).select_one(".rules code")) == pattern


def test_name_is_kept_for_metadata_only(ada, stored):
    add(ada, field="metadata", name="team", pattern="growth")
    add(ada, name="left over")

    assert [rule.name for _, rule in stored()] == ["team", ""]


def test_same_rule_again_is_refused_at_its_pattern(ada):
    add(ada)

    answer = add(ada, pattern="*SALE*")

    assert answer.status_code == 422
    assert (
        text(page(answer).select_one("#pattern-error"))
        == "Rule 1 looks for the same already; of two only the first decides."
    )


def test_rule_beyond_the_most_is_refused_for_the_whole_form(ada, seed, cast):
    with seed(cast.acme) as session:
        session.add_all(
            MappingRule(position=n, type="campaign", field="tag", pattern=f"t{n}", resource_key="k") for n in range(200)
        )

    answer = add(ada)

    assert answer.status_code == 422
    assert "A company has at most 200 rules." in text(page(answer).select_one("#error-summary"))
    assert page(ada.get("/c/acme/rules")).select_one("a[href$='/rules/new']") is None


def test_rule_is_changed(ada, stored):
    add(ada)
    ((rule_id, _),) = stored()
    form = page(ada.get(f"/c/acme/rules/{rule_id}/edit"))
    seen = form.select_one("input[name=seen]")["value"]
    assert form.select_one("#pattern")["value"] == "*sale*"

    answer = ada.post(
        f"/c/acme/rules/{rule_id}", "/c/acme/rules", **(FIELDS | {"pattern": "sale*", "seen": seen})
    )  # fmt: skip

    assert answer.status_code == 303
    assert [(one, rule.pattern) for one, rule in stored()] == [(rule_id, "sale*")]


def test_change_over_somebody_elses_says_what_stands_there_now(ada, stored):
    add(ada)
    ((rule_id, _),) = stored()
    path = f"/c/acme/rules/{rule_id}"
    seen = page(ada.get(f"{path}/edit")).select_one("input[name=seen]")["value"]
    ada.post(path, "/c/acme/rules", **(FIELDS | {"pattern": "theirs", "seen": seen}))

    refused = ada.post(path, "/c/acme/rules", **(FIELDS | {"pattern": "mine", "seen": seen}))
    shown = page(refused)
    again = shown.select_one("input[name=seen]")["value"]
    saved = ada.post(path, "/c/acme/rules", **(FIELDS | {"pattern": "mine", "seen": again}))

    assert refused.status_code == 409
    assert "It says now: subject theirs" in text(shown.select_one("#error-summary"))
    assert shown.select_one("#pattern")["value"] == "mine"
    assert saved.status_code == 303
    assert [rule.pattern for _, rule in stored()] == ["mine"]


def test_rule_is_moved_once_when_the_button_is_pressed_twice(ada, stored):
    for name in "abc":
        add(ada, pattern=name)
    first = stored()[0][0]

    answers = [ada.post(f"/c/acme/rules/{first}/move", "/c/acme/rules", direction="down", place="1") for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert [rule.pattern for _, rule in stored()] == ["b", "a", "c"]


@pytest.mark.parametrize("sent", [{}, {"direction": "left"}, {"place": "0"}, {"place": "x"}, {"place": "9" * 40}])
def test_move_that_cannot_be_read_is_refused(ada, stored, sent):
    add(ada)
    add(ada, pattern="b")

    answer = ada.post(
        f"/c/acme/rules/{stored()[0][0]}/move", "/c/acme/rules", **({"direction": "down", "place": "1"} | sent if sent else {})
    )  # fmt: skip

    assert answer.status_code == 422
    assert [rule.pattern for _, rule in stored()] == ["*sale*", "b"]


def test_rule_is_deleted_and_a_second_click_does_no_harm(ada, stored):
    add(ada)
    rule_id = stored()[0][0]

    answers = [ada.post(f"/c/acme/rules/{rule_id}/delete", "/c/acme/rules").status_code for _ in range(2)]

    assert answers == [303, 303]
    assert stored() == []


def test_changes_are_audited_by_name(ada, seed, cast):
    add(ada)

    with seed(cast.acme) as session:
        (entry,) = session.scalars(sa.select(AuditEntry))
    assert (entry.actor, entry.action, entry.subject_type) == ("ada@acme.test", "rule.add", "rule")


@pytest.mark.parametrize("who", ["uma", "gil"])
def test_others_look_and_change_nothing(ada, browser, stored, who):
    add(ada)
    rule_id = stored()[0][0]
    member = browser(who)

    shown = page(member.get("/c/acme/rules"))
    one = member.get(f"/c/acme/rules/{rule_id}")
    tries = [
        member.post(f"/c/acme/rules{path}", "/account", **FIELDS).status_code
        for path in ("", "/preview", "/history", f"/{rule_id}", f"/{rule_id}/preview", f"/{rule_id}/move", f"/{rule_id}/delete")
    ]  # fmt: skip

    assert "*sale*" in text(shown.select_one(".rules"))
    assert shown.select("main form, main a[href$='/new'], main a[href$='/edit']") == []
    assert one.status_code == 200
    assert set(tries) == {403}
    assert [member.get(f"/c/acme/rules{path}").status_code for path in ("/new", f"/{rule_id}/edit")] == [403, 403]
    assert len(stored()) == 1


def test_stranger_finds_no_rule(ada, browser, stored):
    add(ada)
    rule_id, rex = stored()[0][0], browser("rex")

    for path in ("", "/history", "/new", f"/{rule_id}", f"/{rule_id}/edit"):
        assert rex.get(f"/c/acme/rules{path}").status_code == 404
    for path in (f"/{rule_id}", f"/{rule_id}/edit"):
        assert rex.get(f"/c/rival/rules{path}").status_code == 404
    assert rex.post(f"/c/rival/rules/{rule_id}", "/account", **FIELDS).status_code == 404
    assert rex.post(f"/c/rival/rules/{rule_id}/preview", "/account", **FIELDS).status_code == 404
    assert rex.post(f"/c/rival/rules/{rule_id}/move", "/account", direction="up", place="1").status_code == 404
    assert rex.post(f"/c/rival/rules/{rule_id}/delete", "/account").status_code == 303  # of which there is none
    assert len(stored()) == 1


@pytest.mark.parametrize(
    "path", ["", "/preview", "/history", f"/{UUID(int=1)}", f"/{UUID(int=1)}/move", f"/{UUID(int=1)}/delete"]
)
def test_form_without_its_token_changes_nothing(ada, stored, path):
    answer = ada.client.post(f"/c/acme/rules{path}", data=FIELDS)

    assert answer.status_code == 400
    assert stored() == []


def test_rule_that_is_not_there_is_404(ada):
    missing = uuid4()

    assert ada.get(f"/c/acme/rules/{missing}").status_code == 404
    assert ada.get(f"/c/acme/rules/{missing}/edit").status_code == 404
    assert ada.get("/c/acme/rules/7", headers=HTMX).status_code == 404
    assert ada.post(f"/c/acme/rules/{missing}", "/account", **FIELDS).status_code == 404
