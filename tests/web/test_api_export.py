"""`GET /api/export`: CSV that spreadsheets read and do not run, JSON that equals the read, and an audit entry."""

import csv
import io
import json

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from dashboard.vocabulary.metrics import COUNTERS, SIX, camel
from tests.factories import make_key
from tests.helpers import Program, update

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/export"
HEADER = b"Date,Type,Resource ID,Sent,Delivered,Opened,Clicked,Replied,Bounced\r\n"
STORY = [
    update(day="2026-11-18", sent=1),
    update(day="2026-11-19", sent=2),
    update(day="2026-11-19", kind="mailbox", key="ada@acme.test", sent=4),
    update(day="2026-11-20", key="autumn", sent=8),
]


@pytest.fixture
def story(program):
    program.post("/api/analytics/batch", {"updates": STORY})
    return program


def table(program, **query):
    """Return the CSV's rows as a spreadsheet reads them, without the header."""
    text = program.get(ADDRESS, format="csv", **query).text
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_a_csv_begins_with_the_header_and_ends_lines_with_crlf(story):
    response = story.get(ADDRESS, format="csv", type="campaign")

    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data == (
        HEADER
        + b"2026-11-18,campaign,spring,1,90,40,10,2,10\r\n"
        + b"2026-11-19,campaign,spring,2,90,40,10,2,10\r\n"
        + b"2026-11-20,campaign,autumn,8,90,40,10,2,10\r\n"
    )


@pytest.mark.parametrize("query", [{}, {"type": "receiver"}, {"startDate": "2026-11-21", "endDate": "2026-11-20"}])
def test_a_csv_without_rows_is_the_header(program, query):
    response = program.get(ADDRESS, format="csv", **query)

    assert (response.status_code, response.data) == (200, HEADER)


def test_all_columns_stand_behind_the_six(story):
    response = story.get(ADDRESS, format="csv", columns="all")

    header, first, *_ = csv.reader(io.StringIO(response.text))
    assert ",".join(header[:9]) == HEADER.decode().strip()
    assert len(header) == len(first) == 3 + len(COUNTERS)
    assert header[9:] == [name.replace("_", " ").capitalize() for name in COUNTERS[6:]]
    assert first[9:] == ["0"] * 10


@pytest.mark.parametrize(
    "key", ["a,b", 'a"b', '"', '""', "a;b", "a, b", "ü", "\U0001f600", "a\u2028b", " a ", "a'b", "',\""]
)
def test_any_key_is_one_cell(program, key):
    program.post("/api/analytics", update(key=key))

    assert table(program) == [["2026-11-20", "campaign", key, "100", "90", "40", "10", "2", "10"]]


def test_quotes_are_doubled(program):
    program.post("/api/analytics", update(key='say "hi", all'))

    assert b',"say ""hi"", all",' in program.get(ADDRESS, format="csv").data


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "=", "-", "=a,b", "'=1"])
def test_a_cell_that_would_run_gets_an_apostrophe(program, key):
    program.post("/api/analytics", update(key=key))

    ((_, _, cell, *_),) = table(program)
    assert cell == "'" + key


@pytest.mark.parametrize("key", ["a=1", "1-1", "'a", " =1", "a@b"])
def test_other_cells_stay_as_they_are(program, key):
    program.post("/api/analytics", update(key=key))

    ((_, _, cell, *_),) = table(program)
    assert cell == key


def test_json_keeps_formulas_as_they_are(program):
    program.post("/api/analytics", update(key="=1+1"))

    assert program.get(ADDRESS, format="json").json["details"][0]["resourceId"] == "=1+1"


@pytest.mark.parametrize(
    "query",
    [
        {}, {"type": "campaign"}, {"type": "mailbox", "resourceId": "ADA@acme.test"}, {"resourceId": "spring"},
        {"startDate": "2026-11-19"}, {"endDate": "2026-11-19"}, {"basis": "event"}, {"type": "receiver"},
        {"startDate": "2026-11-20", "endDate": "2026-11-18"}, {"companyId": "acme"},
    ],
)  # fmt: skip
def test_both_formats_say_what_the_read_says(story, query):
    read = story.get("/api/analytics", **query).json

    exported = story.get(ADDRESS, format="json", **query)

    public = [{name: v for name, v in row.items() if name not in {"id", "companyId"}} for row in read["details"]]
    assert exported.content_type == "application/json"
    assert exported.json["details"] == public
    assert exported.json["period"] == read["period"]
    assert exported.json["aggregated"] == {name: read["aggregated"][name] for name in SIX}
    assert table(story, **query) == [
        [row["date"], row["type"], row["resourceId"], *(str(row["metrics"][name]) for name in SIX)] for row in public
    ]


def test_json_with_all_columns_has_all_counters(story):
    exported = story.get(ADDRESS, format="json", columns="all").json

    names = [camel(name) for name in COUNTERS]
    assert list(exported["aggregated"]) == names
    assert all(list(row["metrics"]) == names for row in exported["details"])


def test_a_large_export_is_whole(program):
    updates = [update(day=f"2026-11-{1 + n % 20:02}", key=f"k{n}", sent=n) for n in range(5000)]
    program.post("/api/analytics/batch", {"updates": updates})

    rows = table(program)
    exported = program.get(ADDRESS, format="json").json

    assert len(rows) == len(exported["details"]) == 5000
    # 0 + 1 + ... + 4,999 = 4,999 * 5,000 / 2
    assert sum(int(row[3]) for row in rows) == exported["aggregated"]["sent"] == 12_497_500
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"format": "csv"}, "sendscope_acme_all_begin_today.csv"),
        ({"format": "json", "type": "mailbox"}, "sendscope_acme_mailbox_begin_today.json"),
        (
            {"format": "csv", "type": "campaign", "startDate": "2026-11-01", "endDate": "2026-11-20"},
            "sendscope_acme_campaign_2026-11-01_2026-11-20.csv",
        ),
        ({"format": "csv", "resourceId": 'x"; filename=evil'}, "sendscope_acme_all_begin_today.csv"),
    ],
)
def test_a_file_is_named_for_what_is_in_it(program, query, name):
    response = program.get(ADDRESS, **query)

    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_export_is_audited_with_its_filters(story, cast, clock, seed):
    story.get(ADDRESS, format="csv", type="campaign", startDate="2026-11-19", resourceId="spring")

    with seed(cast.acme) as session:
        (entry,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "analytics.export"))
        assert (entry.actor, entry.at) == ("key Program", clock())
        assert entry.details == {
            "format": "csv", "type": "campaign", "basis": "sent", "resource_key": "spring", "source_id": None,
            "start": "2026-11-19", "end": None,
        }  # fmt: skip


def test_a_refused_export_is_not_audited(app, engines, cast, clock, program, seed):
    program.get(ADDRESS, format="xml")
    program.get(ADDRESS, format="csv", companyId="rival")
    Program(app, make_key(engines, cast.acme, clock(), "read")).get(ADDRESS, format="csv")

    with seed(cast.acme) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_an_export_is_one_moment(story):
    response = story.client.get(f"{ADDRESS}?format=json", headers=story.headers, buffered=False)
    chunks = response.iter_encoded()
    head = next(chunks)
    story.post("/api/analytics", update(sent=1000))

    exported = json.loads(head + b"".join(chunks))

    # 1 + 2 + 4 + 8, and not what came while the file was being read
    assert exported["aggregated"]["sent"] == sum(row["metrics"]["sent"] for row in exported["details"]) == 15
    response.close()
