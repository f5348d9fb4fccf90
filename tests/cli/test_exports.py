"""`dashboard export` writes a company's rows to a file or to the standard output."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from tests.factories import api_source_id, make_key, numbers, report
from tests.helpers import Program

HEADER = "Date,Type,Resource ID,Sent,Delivered,Opened,Clicked,Replied,Bounced\r\n"
NOV_1, NOV_2 = date(2026, 11, 1), date(2026, 11, 2)


@pytest.fixture
def reported(engines, cast, clock):
    report(
        engines, cast.acme, api_source_id(engines, cast.acme),
        numbers(NOV_1, "a", sent=1), numbers(NOV_2, "=b", sent=2), numbers(NOV_2, "acme.test", "domain", sent=3),
        now=clock(),
    )  # fmt: skip


def export(run, *rest, wanted="csv"):
    return run("export", "--company", "acme", "--format", wanted, *rest)


def test_rows_go_to_the_standard_output_as_csv(run, reported):
    answer = export(run, "--type", "campaign")

    assert (answer.code, answer.err) == (0, "")
    lines = ["2026-11-01,campaign,a,1,90,40,10,2,10\r\n", "2026-11-02,campaign,'=b,2,90,40,10,2,10\r\n"]
    assert answer.raw.decode() == HEADER + "".join(lines)


def test_header_stands_there_without_rows(run, cast):
    assert export(run).raw.decode() == HEADER


def test_rows_go_to_a_file(run, reported, tmp_path):
    path = tmp_path / "rows.csv"

    answer = export(run, "-o", str(path))

    assert (answer.code, answer.raw) == (0, b"")
    assert path.read_bytes().startswith(HEADER.encode())
    assert path.read_bytes().count(b"\r\n") == 4


def test_file_that_cannot_be_written_is_told(run, reported, tmp_path):
    answer = export(run, "-o", str(tmp_path / "missing" / "rows.csv"))

    assert answer.code != 0
    assert "rows.csv" in answer.err
    assert "Traceback" not in answer.err


def test_json_is_one_document_with_the_sums(run, reported):
    document = export(run, "--type", "campaign", wanted="json").document

    assert document["aggregated"]["sent"] == 3
    assert [row["resourceId"] for row in document["details"]] == ["a", "=b"]


@pytest.mark.parametrize(("rest", "sent"), [
    ((), [1, 2, 3]), (("--start", "2026-11-02"), [2, 3]), (("--end", "2026-11-01"), [1]), (("--type", "domain"), [3]),
    (("--type", "receiver"), []), (("--start", "2026-11-03", "--end", "2026-11-01"), []),
])  # fmt: skip
def test_rows_are_those_asked_for(run, reported, rest, sent):
    document = json.loads(export(run, *rest, wanted="json").out)

    assert [row["metrics"]["sent"] for row in document["details"]] == sent


def test_file_is_the_one_that_the_api_answers(run, reported, app, engines, cast, clock):
    program = Program(app, make_key(engines, cast.acme, clock()))

    answer = program.get("/api/export", format="csv", type="campaign")

    assert answer.data == export(run, "--type", "campaign").raw


@pytest.mark.parametrize("name", ["--start", "--end"])
@pytest.mark.parametrize("day", ["2026-02-30", "today", "2026-1-1", "01.11.2026"])
def test_day_that_is_none_is_told(run, cast, name, day):
    answer = export(run, name, day)

    assert (answer.code, answer.raw) == (1, b"")
    assert f"{name[2:]}Date" in answer.err


@pytest.mark.parametrize("rest", [("--type", "colour"), ("--format", "xml")])
def test_choice_that_is_none_is_told(run, cast, rest):
    assert export(run, *rest).code == 2


def test_export_stands_in_the_audit_log(run, reported, cast, seed):
    export(run, "--type", "campaign", "--start", "2026-11-01")

    with seed(cast.acme) as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.action) == ("command line", "analytics.export")
    assert entry.details["type"] == "campaign"
    assert entry.details["start"] == "2026-11-01"


def test_output_of_a_process_is_the_file_and_nothing_else(process):
    process("db", "upgrade")
    process("company", "add", "acme", "--name", "Acme")

    answer = process("export", "--company", "acme", "--format", "csv")

    assert (answer.code, answer.raw, answer.err) == (0, HEADER.encode(), "")
