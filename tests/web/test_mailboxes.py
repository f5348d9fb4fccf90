"""Mailboxes: making them, changing them, and their states."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Mailbox, Mark, ResourceKey
from dashboard.models.mailboxes import MailboxStatus
from dashboard.vocabulary.warmup import READY, Plan, Preset, StepKind
from tests.factories import api_source_id, make_mailbox, numbers, report
from tests.helpers import page, text

LIST = "/c/acme/mailboxes"
TODAY = date(2026, 11, 22)
NEW = READY[Preset.NEW_MAILBOX].write()


@pytest.fixture
def news(acme):
    """Return the id of an active mailbox."""
    with acme() as session:
        return make_mailbox(session).id


@pytest.fixture
def mail(engines, cast, clock):
    """Report mail of mailboxes: pairs of (days ago, counts) for an address."""
    source = api_source_id(engines, cast.acme)

    def told(key, *days):
        updates = [numbers(TODAY - timedelta(days=ago), key, "mailbox", **counts) for ago, counts in days]
        report(engines, cast.acme, source, *updates, now=clock())

    return told


def sent(count, bounced=0):
    return {"sent": count, "delivered": count - bounced, "opened": 0, "clicked": 0, "replied": 0, "bounced": bounced}


def fields(**changes):
    values = {
        "id": "01993b5e-0000-7000-8000-000000000001", "email": "Ada@ACME.test", "name": "Ada", "status": "active",
        "daily_limit": "50", "tracks_replies": "y", "preset": "new_mailbox", "kind": "add",
    }  # fmt: skip
    return values | changes


def mailbox(acme, **where):
    with acme() as session:
        row = session.scalars(sa.select(Mailbox).filter_by(**where)).one()
        session.expunge(row)
        return row


def test_user_makes_a_mailbox_and_twice_sent_it_is_one(browser, acme, news):
    uma = browser("uma")

    first = uma.post(LIST, LIST + "/new", **fields(is_warming_up="y"))
    again = uma.post(LIST, LIST + "/new", **fields(is_warming_up="y"))

    assert (first.status_code, again.status_code) == (303, 303)
    row = mailbox(acme, email="ada@acme.test")
    assert (row.status, row.daily_limit, row.tracks_replies, row.warm_up_since) == ("active", 50, True, TODAY)
    assert Plan.read(row.warm_up) == READY[Preset.NEW_MAILBOX]
    with acme() as session:
        assert set(session.scalars(sa.select(ResourceKey.key).where(ResourceKey.type == "mailbox"))) == {
            "ada@acme.test", "news@acme.test",
        }  # fmt: skip


def test_custom_plan_is_kept_as_it_was_typed(browser, acme, news):
    typed = {
        "is_warming_up": "y",
        "preset": "custom",
        "start": "7",
        "kind": "multiply",
        "step": "1.25",
        "ceiling": "90",
    }
    uma = browser("uma")

    uma.client.post(LIST, data=fields(**typed) | {"weekdays": ["0", "4"], "csrf_token": uma.token(LIST + "/new")})

    row = mailbox(acme, email="ada@acme.test")
    assert Plan.read(row.warm_up) == Plan(7, StepKind.MULTIPLY, 125, 90, (0, 4))


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"email": "ada"}, "email", "The address must be an e-mail address such as ada@mail.acme.com."),
        ({"email": "ada@other.test"}, "email", "other.test is not a domain of Acme yet. Register the domain first."),
        ({"email": "news@acme.test"}, "email", "There is a mailbox with this address already."),
        ({"name": ""}, "name", "The name must have 1 to 100 characters."),
        ({"daily_limit": "0"}, "daily_limit", "The daily limit must be a whole number from 1 to 10,000."),
        ({"status": "asleep"}, "status", "Not a valid choice."),
        (
            {"is_warming_up": "y", "warm_up_since": "2026-11-23"},
            "warm_up_since", "A warm-up began today or within the last year.",
        ),
        (
            {"is_warming_up": "y", "preset": "custom", "start": "9", "step": "1", "ceiling": "8", "weekdays": "0"},
            "ceiling", "The ceiling must be 9 or more, where the plan starts.",
        ),
        (
            {"is_warming_up": "y", "preset": "custom", "start": "9", "step": "1.005", "kind": "multiply",
             "ceiling": "90", "weekdays": "0"},
            "step", "The step must be a factor from 1.01 to 3 with at most two decimals.",
        ),
        (
            {"is_warming_up": "y", "preset": "custom", "start": "9", "step": "1", "ceiling": "90"},
            "weekdays", "Choose at least one weekday.",
        ),
    ],
)  # fmt: skip
def test_bad_value_is_told_at_its_field_and_what_was_typed_is_kept(browser, news, changes, field, sentence):
    answer = browser("uma").post(LIST, LIST + "/new", **fields(**changes))

    shown = page(answer)
    assert answer.status_code == 422
    assert text(shown.select_one(f"#{field}-error")) == sentence
    assert text(shown.select_one("#error-summary li a")) == sentence
    assert shown.select_one("#name" if field != "name" else "#email")["value"]


def test_address_changes_until_mail_was_counted_under_it(browser, acme, news, mail):
    uma, path = browser("uma"), f"{LIST}/{news}/edit"

    free = uma.post(path, **fields(email="post@acme.test", revision="1"))
    mail("post@acme.test", (0, sent(10)))
    held = uma.post(path, **fields(email="letters@acme.test", revision=str(mailbox(acme, id=news).revision)))

    assert free.status_code == 303
    assert held.status_code == 422
    assert text(page(held).select_one("#email-error")) == (
        "Mail was counted under post@acme.test, so it stays. Add letters@acme.test as a further key instead."
    )
    with acme() as session:
        assert session.scalars(sa.select(ResourceKey.key).where(ResourceKey.type == "mailbox")).all() == [
            "post@acme.test"
        ]


def test_older_revision_is_refused_with_both_versions_shown(browser, acme, news):
    uma, path = browser("uma"), f"{LIST}/{news}/edit"
    browser("ada").post(path, **fields(email="news@acme.test", name="Ada's", revision="1"))

    answer = uma.post(path, **fields(email="news@acme.test", name="Uma's", revision="1"))

    assert answer.status_code == 409
    assert [text(cell) for cell in page(answer).select(".versions tbody tr")[0].select("th, td")] == [
        "Name", "Ada's", "Uma's",
    ]  # fmt: skip


def test_warm_up_that_is_switched_off_keeps_its_plan(browser, acme):
    with acme() as session:
        id_ = make_mailbox(session, is_warming_up=True, warm_up=NEW, warm_up_since=TODAY).id

    browser("uma").post(f"{LIST}/{id_}/edit", **fields(email="news@acme.test", revision="1"))

    row = mailbox(acme, id=id_)
    assert (row.is_warming_up, row.warm_up, row.revision) == (False, NEW, 2)
    assert "warming up" in text(page(browser("gil").get(f"{LIST}/{id_}/activity")).select_one(".timeline"))


# --- states ----------------------------------------------------------------------------------------

MOVES = {
    ("inactive", "activate"): "active", ("suspended", "activate"): "active", ("active", "deactivate"): "inactive",
    ("suspended", "deactivate"): "inactive", ("active", "suspend"): "suspended", ("inactive", "suspend"): "suspended",
}  # fmt: skip


@pytest.mark.parametrize(("state", "verb"), MOVES)
def test_state_is_changed_with_a_reason(browser, acme, state, verb):
    with acme() as session:
        id_ = make_mailbox(session, status=MailboxStatus(state)).id

    answer = browser("uma").post(f"{LIST}/{id_}/move/{verb}", reason="because")

    assert answer.status_code == 303
    assert mailbox(acme, id=id_).status == MOVES[state, verb]
    with acme() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == f"mailbox.{verb}")).one()
        assert (entry.actor, entry.details["reason"]) == ("uma@acme.test", "because")
        assert session.scalar(sa.select(sa.func.count()).select_from(Mark)) == 1


@pytest.mark.parametrize(
    ("state", "verb"), [("active", "activate"), ("inactive", "deactivate"), ("suspended", "suspend")]
)
def test_transition_that_is_none_is_refused_with_a_sentence(browser, acme, state, verb):
    with acme() as session:
        id_ = make_mailbox(session, status=MailboxStatus(state)).id

    answer = browser("uma").post(f"{LIST}/{id_}/move/{verb}", f"{LIST}/{id_}/move/{verb}")

    assert answer.status_code == 409
    assert f"news@acme.test is {state} already; it cannot be" in text(page(answer).select_one("main"))


def test_archived_mailbox_is_not_moved(browser, news):
    uma = browser("uma")
    uma.post(f"{LIST}/{news}/archive", f"{LIST}/{news}/edit")

    answer = uma.post(f"{LIST}/{news}/move/suspend", f"{LIST}/{news}/move/suspend")

    assert answer.status_code == 409
    assert "is archived. Bring it back first." in text(page(answer).select_one("main"))


def test_many_are_deactivated_after_a_question_and_the_rest_is_left(browser, acme):
    with acme() as session:
        ids = [
            make_mailbox(session, f"m{n}@acme.test", status=state).id
            for n, state in enumerate((MailboxStatus.ACTIVE, MailboxStatus.SUSPENDED, MailboxStatus.INACTIVE))
        ]
    uma = browser("uma")
    form = {"verb": "deactivate", "all": "1", "csrf_token": uma.token(LIST)}

    asked = uma.client.post(f"{LIST}/bulk", data=form)
    done = uma.client.post(f"{LIST}/bulk", data=form | {"confirmed": "1", "reason": "holidays"})

    assert "Deactivate 3 mailboxes?" in text(page(asked).select_one("h1"))
    assert {mailbox(acme, id=id_).status.value for id_ in ids} == {"inactive"}
    assert "2 mailboxes were deactivated. 1 was left as it is." in uma.get(done.location).text


def test_guest_reads_and_a_stranger_finds_nothing(browser, news):
    gil, rex = browser("gil"), browser("rex")

    for path in (LIST, f"{LIST}/{news}", f"{LIST}/{news}/warm-up", f"{LIST}/{news}/activity"):
        assert gil.get(path).status_code == 200
        assert rex.get(path).status_code == 404
    for path in (f"{LIST}/new", f"{LIST}/import", f"{LIST}/{news}/edit", f"{LIST}/{news}/move/suspend"):
        assert gil.get(path).status_code == 403
        assert rex.get(path).status_code == 404
    assert not page(gil.get(LIST)).select(".tick, a[href$='/new'], a[href$='/import']")
    assert rex.get(f"/c/rival/mailboxes/{news}").status_code == 404
