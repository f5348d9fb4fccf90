"""Mailboxes from a CSV file: what a dry run tells, what the import does, and files that cannot be taken."""

import io
from itertools import count

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Mailbox, ResourceKey
from dashboard.models.mailboxes import MailboxStatus
from dashboard.queries.resources import list_resources
from dashboard.services import uploads
from dashboard.services.jobs import MAX_ATTEMPTS
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.resources import ListFilter
from dashboard.worker import Worker
from tests.factories import make_mailbox
from tests.helpers import page, text

PATH = "/c/acme/mailboxes/import"


@pytest.fixture
def news(acme):
    """A mailbox that is there already, and with it the domain acme.test."""
    with acme() as session:
        return make_mailbox(session).id


def upload(who, raw, name="mailboxes.csv"):
    body = raw.encode() if isinstance(raw, str) else raw
    return who.client.post(PATH, data={"file": (io.BytesIO(body), name), "csrf_token": who.token(PATH)})


def check(who, raw):
    """Upload a file and return the page of its dry run."""
    answer = upload(who, raw)
    assert answer.status_code == 303, text(page(answer).select_one("main"))
    return page(who.get(answer.location))


def ask(who, shown):
    return who.post(f"{PATH}/run", PATH, file=shown.select_one("input[name=file]")["value"])


@pytest.fixture
def worker(app, engines, clock):
    """A worker with this app's folder."""
    folder = uploads.folder_in(app.extensions["settings"].instance)
    yield Worker(engines, clock=clock, folder=folder)
    for one in folder.glob("*"):
        one.unlink()


@pytest.fixture
def run(worker):
    """Have a file imported whose dry run was shown, and return the page that tells of it."""

    def done(who, shown):
        answer = ask(who, shown)
        assert answer.status_code == 303
        worker.run_due()
        return page(who.get(answer.location))

    return done


def emails(acme):
    with acme() as session:
        return set(session.scalars(sa.select(Mailbox.email)))


ROWS = """email;name;daily_limit;status;tracks_replies;warm_up;team
Ada@ACME.test;Ada;40;inactive;yes;new mailbox;sales
news@acme.test;;80;;;;
post@acme.test
nobody;;;;;;
x@other.test;;;;;;
ada@acme.test;;;;;;
y@acme.test;;0;;;;
z@acme.test;;;asleep;;;

w@acme.test;;;;;quickly;
"""


def test_dry_run_tells_what_would_be_and_changes_nothing(browser, acme, news):
    uma = browser("uma")

    shown = check(uma, ROWS)

    assert text(shown.select_one(".pagehead .sub")) == (
        "2 would be made, 1 changed, 0 stay as they are, 6 rows are faulty. Nothing has happened yet."
    )
    faults = [
        [text(cell) for cell in row.select("th, td")]
        for row in shown.select("#h-faults")[0].find_parent("section").select("tbody tr")
    ]
    assert faults == [
        ["5", "nobody", "email must be an e-mail address such as ada@mail.acme.com."],
        ["6", "x@other.test", "other.test is not a domain of Acme yet. Register the domain first."],
        ["7", "ada@acme.test", "The same address stands on line 2."],
        ["8", "y@acme.test", "daily_limit must be a whole number from 1 to 10,000."],
        ["9", "z@acme.test", "status must be one of active, inactive, suspended."],
        ["11", "w@acme.test", "warm_up must be one of off, new_mailbox, established, new_domain."],
    ]
    assert "These columns are not looked at: team." in text(shown.select_one("main"))
    assert emails(acme) == {"news@acme.test"}


def test_import_makes_and_changes_and_a_second_time_does_nothing(browser, acme, news, cast, clock, run):
    uma = browser("uma")
    shown = check(uma, ROWS)

    told = [run(uma, one) for one in (shown, shown, check(uma, ROWS))]

    first = "2 made, 1 changed, 0 as they were. 6 faulty rows were left."
    second = "0 made, 0 changed, 3 as they were. 6 faulty rows were left."
    assert [text(one.select_one("[role=status]")) for one in told] == [first, first, second]
    with acme() as session:
        rows = {row.email: row for row in session.scalars(sa.select(Mailbox))}
        ada, post, changed = rows["ada@acme.test"], rows["post@acme.test"], rows["news@acme.test"]
        assert (ada.name, ada.daily_limit, ada.status, ada.tracks_replies) == ("Ada", 40, "inactive", True)
        assert (ada.is_warming_up, ada.warm_up["preset"], str(ada.warm_up_since)) == (True, "new_mailbox", "2026-11-22")
        assert (post.name, post.daily_limit, post.status) == ("post", 50, "active")
        assert (changed.name, changed.daily_limit, changed.revision) == ("News", 80, 2)
        keys = session.scalars(sa.select(ResourceKey.key).where(ResourceKey.type == "mailbox"))
        assert set(keys) == set(rows)
        actions = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_type == "mailbox"))
        assert sorted(actions) == ["mailbox.create", "mailbox.create", "mailbox.edit"]
        today = Days(cast.acme.day_of(clock()), cast.acme.day_of(clock()))
        found = list_resources(session, ListFilter(ResourceType.MAILBOX, "ada"), today, limit=5)
        assert [one.row.email for one in found] == ["ada@acme.test"]


def test_plan_of_a_new_domain_leads_to_the_limit_that_a_later_file_sets(browser, acme, news, run):
    uma = browser("uma")
    run(uma, check(uma, "email,daily_limit,warm_up\nada@acme.test,80,new_domain\n"))

    run(uma, check(uma, "email,daily_limit\nada@acme.test,500\n"))

    with acme() as session:
        ada = session.scalars(sa.select(Mailbox).where(Mailbox.email == "ada@acme.test")).one()
        assert (ada.daily_limit, ada.warm_up["ceiling"]) == (500, 500)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The file is empty."),
        ("email\nada@acme.test\n".encode("utf-16"), "The file is in UTF-16. Save it as CSV in UTF-8."),
        (b"email\nada@acme.test\nm\xfcller@acme.test\n", "Line 3 is not in UTF-8. Save the file as CSV in UTF-8."),
        (b"PK\x03\x04\x00\x00", "This is no CSV: it holds binary data. Save the sheet as CSV in UTF-8."),
        ("name|mail\nAda|ada@acme.test\n", "There is no column email."),
        ("email,email\na@acme.test,b@acme.test\n", "The column email stands in the file twice"),
        ('email\n"ada@acme.test\n', "Line 2 cannot be read: a quotation mark is out of place."),
        ("email\n\n", "The file has a header and no rows."),
        ("email\n" + "a@acme.test\n" * 10_001, "The file has more than 10,000 rows. Import it in parts."),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_a_sentence(browser, news, raw, sentence):
    answer = upload(browser("uma"), raw)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#file-error")).startswith(sentence)


def test_commas_tabs_a_mark_and_quoted_lines_are_understood(browser, acme, news, run):
    uma = browser("uma")

    run(uma, check(uma, b'\xef\xbb\xbfAddress,Name\r\n"a@acme.test","Ada, ""the\tfirst"""\r\n'))
    run(uma, check(uma, "email\tname\nb@acme.test\tBo; Bo\n"))

    with acme() as session:
        names = dict(session.execute(sa.select(Mailbox.email, Mailbox.name)).all())
    assert names["b@acme.test"] == "Bo; Bo"
    assert "a@acme.test" not in names  # a tab is a control character within a name


def test_file_of_another_company_or_a_made_up_one_is_refused(browser, news, acme):
    uma, rex = browser("uma"), browser("rex")
    token = check(uma, "email\na@acme.test\n").select_one("input[name=file]")["value"]

    foreign = rex.post("/c/rival/mailboxes/import/run", "/c/rival/mailboxes/import", file=token)

    assert foreign.status_code == 400
    assert uma.post(f"{PATH}/run", PATH, file="").status_code == 409
    assert uma.get(f"{PATH}/check?file=x").status_code == 400
    assert emails(acme) == {"news@acme.test"}


def test_archived_mailbox_and_further_key_are_told(browser, acme):
    with acme() as session:
        gone = make_mailbox(session, "gone@acme.test").id
        make_mailbox(session, status=MailboxStatus.ACTIVE)
    uma = browser("uma")
    news = page(uma.get("/c/acme/mailboxes?q=news")).select_one("tbody .name a")["href"]
    uma.post(f"{news}/keys", key="old@acme.test")
    uma.post(f"/c/acme/mailboxes/{gone}/archive", f"/c/acme/mailboxes/{gone}/edit")

    shown = check(uma, "email\ngone@acme.test\nold@acme.test\n")

    assert [text(row.select("td")[1]) for row in shown.select("tbody tr")] == [
        "This mailbox is archived. Bring it back first.", "This address is a further key of another mailbox.",
    ]  # fmt: skip
    assert shown.select_one("form button[type=submit].primary") is None


MANY = "email,name,daily_limit,status,tracks_replies,warm_up\n" + "\n".join(
    f"m{n}@acme.test,M {n},40,active,yes,established" for n in range(10_000)
)


def test_ten_thousand_rows_are_imported_with_progress(browser, acme, news, worker, engines, clock, monkeypatch):
    uma = browser("uma")
    shown = check(uma, MANY)
    answer = ask(uma, shown)
    before = page(uma.get(answer.location))
    steps = count()

    def end_after_three(_seconds):
        if next(steps) == 3:
            worker.stop()
        return worker.is_stopping()

    monkeypatch.setattr(worker._stop, "wait", end_after_three)
    worker.run_due()
    between = page(uma.get(f"{answer.location}/progress"))
    Worker(engines, clock=clock, folder=worker.folder).run_due()
    after = page(uma.get(f"{answer.location}/progress"))

    assert "10,000 would be made" in text(shown.select_one(".pagehead .sub"))
    assert [text(one.select_one("header .sub")) for one in (before, between, after)] == [
        "0 of 10,000 rows", "1,500 of 10,000 rows", "10,000 of 10,000 rows",
    ]  # fmt: skip
    assert [one.select_one("#import").has_attr("data-live") for one in (before, between, after)] == [True, True, False]
    assert text(after.select_one("[role=status]")) == "10,000 made, 0 changed, 0 as they were."
    assert len(emails(acme)) == 10_001


def test_import_belongs_to_its_company_and_a_lost_file_is_told(browser, acme, news, worker):
    uma, ada, gil = browser("uma"), browser("ada"), browser("gil")
    shown = check(uma, "email\na@acme.test\n")
    answer = ask(uma, shown)
    foreign = answer.location.replace("/acme/", "/rival/")
    for one in worker.folder.glob("*"):
        one.unlink()
    again = check(uma, "email\nb@acme.test\n")
    for one in worker.folder.glob("*"):
        one.unlink()

    for _ in range(MAX_ATTEMPTS):
        worker.run_due()
        worker.clock.move(hours=2)

    assert "It could not be finished" in text(page(ada.get(answer.location)).select_one("main"))
    assert ask(uma, again).status_code == 409
    assert browser("rex").get(foreign).status_code == 404
    assert gil.get(answer.location).status_code == 403
    assert emails(acme) == {"news@acme.test"}
