"""Mailboxes through the API: the same rules as on the pages."""

import pytest

from dashboard.models.mailboxes import MailboxStatus
from tests.factories import make_mailbox

LIST = "/api/mailboxes"


@pytest.fixture
def news(seed, cast):
    """The id of a mailbox of acme."""
    with seed(cast.acme) as session:
        return make_mailbox(session, status=MailboxStatus.ACTIVE).id


def patch(program, id_, body):
    return program.client.patch(f"{LIST}/{id_}", json=body, headers=program.headers)


def test_program_makes_a_mailbox_with_a_plan_and_reads_its_allowance(program, news):
    made = program.post(
        LIST, {"email": "Ada@acme.test", "dailyLimit": 80, "status": "active", "warmUp": {"preset": "new_domain"}}
    )

    body = made.get_json()
    assert made.status_code == 201
    assert (body["email"], body["name"], body["status"], body["warmUpSince"]) == (
        "ada@acme.test", "ada", "active", "2026-11-22",
    )  # fmt: skip
    assert body["warmUp"] == {
        "preset": "new_domain", "start": 50, "kind": "multiply", "step": 140, "ceiling": 80,
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
    }  # fmt: skip
    read = program.get(f"{LIST}/{body['id']}").get_json()
    assert read["allowance"] == {
        "today": 50, "sent": 0, "reason": "50 today = min(limit 80, day 1 of the plan: 50)", "health": "ok",
    }  # fmt: skip
    listed = program.get(LIST, q="ada").get_json()
    assert [(one["email"], "allowance" in one) for one in listed["items"]] == [("ada@acme.test", False)]


def test_program_changes_what_it_names_and_ends_a_warm_up_with_null(program, news):
    plan = {"start": 5, "kind": "multiply", "step": "1.5", "ceiling": 60, "weekdays": [0, 1]}

    first = patch(program, news, {"dailyLimit": 70, "warmUp": plan, "status": "suspended", "reason": "blocked"})
    second = patch(program, news, {"warmUp": None, "revision": first.get_json()["revision"]})
    late = patch(program, news, {"name": "Late", "revision": 1})

    assert first.get_json()["warmUp"]["step"] == 150
    assert (first.get_json()["status"], first.get_json()["dailyLimit"]) == ("suspended", 70)
    assert (second.get_json()["warmUp"], second.get_json()["dailyLimit"]) == (None, 70)
    assert second.get_json()["allowance"]["reason"] == "0 today: the mailbox is suspended"
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@other.test"}, "email"),
        ({"email": "news@acme.test"}, "email"),
        ({"email": "a@acme.test", "dailyLimit": 0}, "dailyLimit"),
        ({"email": "a@acme.test", "status": "asleep"}, "status"),
        ({"email": "a@acme.test", "status": ["active"]}, "status"),
        ({"email": "a@acme.test", "status": {"active": True}}, "status"),
        ({"email": "a@acme.test", "warmUp": {"preset": "quick"}}, "warmUp"),
        ({"email": "a@acme.test", "warmUp": {"start": 9, "step": 1, "ceiling": 5}}, "warmUp"),
        ({"email": "a@acme.test", "warmUp": {"start": 1, "step": 1, "ceiling": 5, "weekdays": [7]}}, "warmUp"),
        ({"email": "a@acme.test", "warmup": None}, "warmup"),
    ],
)
def test_bad_field_is_named(program, news, body, field):
    answer = program.post(LIST, body)

    assert answer.status_code == 422
    assert [one["path"] for one in answer.get_json()["fields"]] == [field]


def test_plan_of_a_new_domain_leads_to_the_daily_limit_that_is_set_later(program, news):
    patch(program, news, {"dailyLimit": 80, "warmUp": {"preset": "new_domain"}})

    raised = patch(program, news, {"dailyLimit": 500}).get_json()

    assert (raised["warmUp"]["start"], raised["warmUp"]["ceiling"]) == (50, 500)
    assert raised["warmUpSince"] == "2026-11-22"


def test_own_plan_stays_when_the_daily_limit_is_changed(program, news):
    patch(program, news, {"warmUp": {"start": 5, "step": 1, "ceiling": 40}})

    raised = patch(program, news, {"dailyLimit": 500}).get_json()

    assert raised["warmUp"]["ceiling"] == 40


def test_mailbox_of_another_company_is_not_there(rivals_program, news):
    assert rivals_program.get(f"{LIST}/{news}").status_code == 404
