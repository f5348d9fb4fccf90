"""Rows as files."""

import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.presenters.exports import RUNS_AS_FORMULA, defuse, file_name, stream_csv, stream_json
from dashboard.vocabulary.analytics import AnalyticsFilter, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, Metrics

HEADER = b"Date,Type,Resource ID,Sent,Delivered,Opened,Clicked,Replied,Bounced"
ROW = ("2026-11-20", "campaign", "spring", 100, 90, 40, 10, 2, 10)


def test_header_stands_there_without_any_row():
    assert b"".join(stream_csv([])) == HEADER + b"\r\n"


def test_further_columns_stand_behind_the_six():
    (header,) = stream_csv([], COUNTERS)

    assert header.startswith(HEADER + b",Hard bounced,Soft bounced,")
    assert header.count(b",") == 2 + len(COUNTERS)


def test_chunks_follow_one_another():
    written = b"".join(stream_csv([[ROW], [], [ROW]]))

    assert written.split(b"\r\n")[1:] == [b"2026-11-20,campaign,spring,100,90,40,10,2,10"] * 2 + [b""]


@pytest.mark.parametrize("first", RUNS_AS_FORMULA)
def test_cell_that_a_spreadsheet_would_run_is_defused(first):
    assert defuse(first + "1+1") == "'" + first + "1+1"


@pytest.mark.parametrize("cell", ["spring", "a=b", " =1", "1", "", "'x"])
def test_other_cells_stay_as_they_are(cell):
    assert defuse(cell) == cell


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_key_is_read_back_by_a_csv_reader(key):
    raw = b"".join(stream_csv([[(*ROW[:2], key, *ROW[3:])]]))

    _, row = csv.reader(io.StringIO(raw.decode(), newline=""))
    assert row[2] == defuse(key)
    assert len(row) == 9


def test_json_holds_sums_period_and_rows():
    asked = AnalyticsFilter(date(2026, 11, 20), None)

    document = json.loads(b"".join(stream_json([[ROW], [ROW]], Metrics(sent=200), asked)))

    assert document["aggregated"]["sent"] == 200
    assert document["period"] == {"startDate": "2026-11-20"}
    assert [(row["resourceId"], row["metrics"]["sent"]) for row in document["details"]] == [("spring", 100)] * 2


def test_json_without_rows_is_a_document_all_the_same():
    document = json.loads(b"".join(stream_json([], Metrics(), AnalyticsFilter())))

    assert (document["details"], document["period"]) == ([], {})


@pytest.mark.parametrize(("asked", "name"), [
    (AnalyticsFilter(), "sendscope_acme_all_begin_today.csv"),
    (AnalyticsFilter(date(2026, 1, 1), date(2026, 1, 31), ResourceType.DOMAIN), "sendscope_acme_domain_2026-01-01_2026-01-31.csv"),
])  # fmt: skip
def test_file_is_named_for_what_is_in_it(asked, name):
    assert file_name("acme", asked, "csv") == name


def test_name_of_a_file_holds_nothing_that_a_header_or_a_disk_would_mind():
    assert file_name('a"b/c\r\nd', AnalyticsFilter(), "csv") == "sendscope_a-b-c--d_all_begin_today.csv"
