"""What a rule would change, shown before it is saved and for one that is."""

import pytest

from dashboard.database.engine import Mode
from dashboard.models import Company
from dashboard.queries import rules as queries
from tests.helpers import page, text
from tests.inbox import at, count, put, told

FIELDS = {"field": "subject", "name": "", "pattern": "*sale*", "type": "campaign", "resource_key": "sale"}


@pytest.fixture
def ada(browser):
    return browser("ada")


@pytest.fixture
def counted(engines, cast, website):
    """Three messages of the spring campaign, two of them about a sale."""
    put(
        engines, cast.acme, website[0],
        told("sent", "m1", subject="Summer sale"), told("opened", "m1", at(5), subject="Summer sale"),
        told("sent", "m2", subject="<b>Sale</b> for bo@gmail.com"), told("sent", "m3", subject="Hello"),
    )  # fmt: skip
    count(engines, cast.acme)
    return cast.acme


def ask(who, path="/preview", **changes):
    return who.post(f"/c/acme/rules{path}", "/c/acme/rules/new", **(FIELDS | changes))


def save(who, seed, company, **changes):
    who.post("/c/acme/rules", "/c/acme/rules/new", **(FIELDS | changes))
    with seed(company) as session:
        return queries.list_rules(session)[-1].id


def rows(shown, table):
    return [text(row) for row in shown.select(f".{table} tbody tr")]


def test_preview_of_a_new_rule_says_what_would_move(ada, counted, seed):
    answer = ask(ada)

    shown = page(answer)
    panel = text(shown.select_one("section[aria-labelledby=h-preview]"))
    assert answer.status_code == 200
    assert "2 messages look like this rule." in panel
    assert "Counting history anew moves 2 messages by it, and names 3 events anew." in panel
    assert "Looked at: 3 messages of which anything was told in the last 30 days." in panel
    assert rows(shown, "shifts") == ["sale campaign – +2", "spring campaign −2 –"]
    assert rows(shown, "examples") == [
        "<b>Sale</b> for bo@gmail.com spring campaign sale campaign 1",
        "Summer sale spring campaign sale campaign 1",
    ]
    assert shown.select_one("#pattern")["value"] == "*sale*"
    with seed(counted) as session:
        assert queries.list_rules(session) == []


def test_id_of_a_new_rule_stays_through_its_preview(ada, counted):
    form = page(ada.get("/c/acme/rules/new"))
    id_ = form.select_one("input[name=id]")["value"]

    shown = page(ask(ada, id=id_))

    assert shown.select_one("input[name=id]")["value"] == id_


def test_preview_of_a_wrong_form_names_the_fields(ada, counted):
    answer = ask(ada, pattern="")

    assert answer.status_code == 422
    assert page(answer).select_one("#pattern-error")
    assert page(answer).select_one("#h-preview") is None


def test_preview_of_a_rule_that_fits_nothing_says_so(ada, counted):
    panel = text(page(ask(ada, pattern="nothing like it")).select_one("section[aria-labelledby=h-preview]"))

    assert "No message looks like this rule." in panel
    assert "Counting history anew moves nothing by it." in panel


def test_preview_of_a_change_shows_what_it_gives_back(ada, counted, seed):
    rule_id = save(ada, seed, counted)

    shown = page(ask(ada, f"/{rule_id}/preview", pattern="hello"))

    # of the rule as it was saved nothing has been counted, so only m3 moves
    assert rows(shown, "examples") == ["Hello spring campaign sale campaign 1"]
    assert shown.select_one("main form")["action"] == f"/c/acme/rules/{rule_id}"


def test_page_of_a_rule_shows_what_it_does(ada, counted, seed, browser):
    rule_id = save(ada, seed, counted)

    shown = page(browser("uma").get(f"/c/acme/rules/{rule_id}"))

    assert text(shown.select_one("h1")) == "The subject looks like *sale*"
    assert len(rows(shown, "examples")) == 2


def test_rule_behind_another_says_so(ada, counted, seed):
    save(ada, seed, counted, pattern="summer*", resource_key="summer")
    save(ada, seed, counted, pattern="*e*", resource_key="any")

    panel = text(page(ask(ada)).select_one("section[aria-labelledby=h-preview]"))

    # of the two an earlier rule decides: summer* for one, *e* for the other
    assert "2 messages look like this rule. An earlier rule decides for all of them." in panel


def test_guest_sees_how_many_but_no_texts(ada, counted, seed, browser):
    rule_id = save(ada, seed, counted)

    shown = page(browser("gil").get(f"/c/acme/rules/{rule_id}"))

    assert rows(shown, "shifts") == ["sale campaign – +2", "spring campaign −2 –"]
    assert shown.select(".examples") == []
    assert "Summer" not in text(shown.select_one("main"))


def test_examples_name_no_recipient_where_privacy_is_chosen(ada, counted, seed):
    with seed() as session:
        session.get_one(Company, counted.id).features = ["privacy"]

    shown = page(ask(ada))

    assert "bo@gmail.com" not in text(shown.select_one("main"))
    assert "<b>Sale</b> for (address hidden)" in rows(shown, "examples")[0]


def test_statements_of_a_preview_do_not_grow_with_its_rules(ada, counted, seed, count_statements):
    with count_statements() as few:
        ask(ada)
    for number in range(5):
        save(ada, seed, counted, pattern=f"*{number}*")
    with count_statements() as many:
        ask(ada)

    assert len(few) == len(many)


def test_preview_waits_for_no_writer(ada, counted, engines):
    token = ada.token("/c/acme/rules/new")
    with engines[Mode.WRITE].begin():  # on SQLite nobody else can write meanwhile
        answer = ada.client.post("/c/acme/rules/preview", data=FIELDS | {"csrf_token": token})

    assert answer.status_code == 200
