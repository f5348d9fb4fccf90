"""Recipients in trouble: the page and the file."""

import csv
import io

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import at, told
from tests.stories import UNKNOWN_USER, tell, tell_trouble

PATH = "/c/acme/recipients"


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def show(browser):
    uma = browser("uma")
    return lambda **query: page(uma.get(PATH, query_string=query))


@pytest.fixture
def download(browser):
    """Return the answer and the file's rows."""
    ada = browser("ada")

    def downloaded(**fields):
        answer = ada.post(PATH, "/account", **fields)
        return answer, list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))

    return downloaded


def names(shown):
    return [text(one) for one in shown.select("tbody th")]


def test_each_recipient_stands_once_with_the_reason(engines, cast, source, show):
    tell_trouble(engines, cast.acme, source)

    shown = show()

    assert names(shown) == ["eve@gmail.com", "una@example.com", "cy@yahoo.com", "ray@web.de", "sam@outlook.com"]
    # eve's soft bounce at 11:00 UTC is the newer of her two
    assert [text(cell) for cell in shown.select("tbody tr")[0].select("td")] == [
        "soft bounce", "2 messages to eve@gmail.com", "452 4.2.2 Over quota", "Website", "22 Nov 2026, 12:00",
    ]  # fmt: skip


def test_kinds_are_choices_with_counts(engines, cast, source, show):
    tell_trouble(engines, cast.acme, source)

    shown = show(kind="hard")

    assert [text(one) for one in shown.select(".seg a")] == [
        "All 5", "Hard bounce 1", "Soft bounce 2", "Rejected 1", "Complained 1", "Unsubscribed 1",
    ]  # fmt: skip
    assert text(shown.select_one(".seg [aria-current]")) == "Hard bounce 1"
    assert names(shown) == ["eve@gmail.com"]
    assert UNKNOWN_USER in text(shown.select_one("tbody"))


def test_search_keeps_the_kind_and_the_kind_the_search(engines, cast, source, show):
    tell_trouble(engines, cast.acme, source)

    shown = show(kind="soft", q="EVE")

    assert names(shown) == ["eve@gmail.com"]
    assert shown.select_one(".search [name=kind]")["value"] == "soft"
    assert [text(one) for one in shown.select(".seg a")][:3] == ["All 1", "Hard bounce 1", "Soft bounce 1"]
    assert shown.select(".seg a")[1]["href"] == f"{PATH}?kind=hard&q=eve"


@pytest.mark.parametrize(
    ("query", "named"), [({"kind": "bad"}, "kind must be one of hard"), ({"q": "x" * 5_000}, "q has 5,000")]
)
def test_wrong_question_is_refused_by_name(browser, query, named):
    answer = browser("uma").get(PATH, query_string=query)

    assert answer.status_code == 422
    assert named in answer.text


def test_older_recipients_are_a_page_away(engines, cast, source, browser):
    events = [told("complained", f"m{n}", at(n), recipient=f"r{n}@a.test") for n in range(52)]
    tell(engines, cast.acme, source, *events)
    uma = browser("uma")

    first = page(uma.get(PATH))
    second = page(uma.get(first.select_one(".pager a")["href"]))

    assert (len(names(first)), names(second)) == (50, ["r1@a.test", "r0@a.test"])


def test_nobody_in_trouble_is_said_kindly(show):
    assert "Nobody is in trouble" in text(show().select_one(".empty"))
    assert "Nobody was found" in text(show(q="nobody").select_one(".empty"))


def test_list_costs_a_fixed_number_of_statements(engines, cast, source, browser, count_statements):
    tell_trouble(engines, cast.acme, source)
    uma = browser("uma")

    with count_statements() as statements:
        uma.get(PATH)

    # privacy, list, other names, reasons, counts
    assert len(statements) == 5


def test_file_has_the_rows_of_the_page(engines, cast, source, download):
    tell_trouble(engines, cast.acme, source)

    answer, (header, *rows) = download(kind="", q="")

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="sendscope_acme_recipients_all_2026-11-22.csv"'
    )
    assert ",".join(header) == "Recipient,Kind,Since,Reason,Messages,Source,Message ID"
    assert rows[0] == ["eve@gmail.com", "soft", "2026-11-22T11:00:00Z", "452 4.2.2 Over quota", "2", "Website", "s1"]
    assert rows[3][3] == "'=cmd|'/c calc'!A1"  # no spreadsheet runs it
    assert len(rows) == 5


def test_file_is_narrowed_as_the_page_is(engines, cast, source, download):
    tell_trouble(engines, cast.acme, source)

    _, (_, *rows) = download(kind="soft", q="s")

    assert [row[0] for row in rows] == ["sam@outlook.com"]


def test_file_without_rows_has_its_header(download):
    answer, rows = download()

    assert answer.status_code == 200
    assert len(rows) == 1


def test_file_is_audited(engines, cast, source, download, seed):
    download(kind="hard", q="eve")

    with seed(cast.acme) as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.actor, entry.action) == ("ada@acme.test", "recipients.export")
        assert entry.details == {"trouble": "hard", "address": "eve"}


def test_only_admins_take_the_file(engines, cast, source, browser):
    tell_trouble(engines, cast.acme, source)

    for who, status in (("uma", 403), ("gil", 403), ("rex", 404)):
        person = browser(who)
        assert person.client.post(PATH, data={"csrf_token": person.token("/account")}).status_code == status
    assert browser("ada").client.post(PATH).status_code == 400  # without the form's token
    assert "Download CSV" not in browser("uma").get(PATH).text


def test_guests_and_strangers_do_not_see_recipients(browser):
    assert browser("gil").get(PATH).status_code == 403
    assert browser("rex").get(PATH).status_code == 404
