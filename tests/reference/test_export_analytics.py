"""exportAnalytics: the same rows as a file, at GET /api/export.

The reference's CSV has LF between its lines, none at the end, and no quotes; ours is RFC 4180 and in our order.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.reference import reads, writes
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import Row, number, read_row, shown, six
from tests.reference.worlds import World

FILE, PATH = "export_analytics.json", "/api/export"
ARGUMENTS = {"companyId", "format", "startDate", "endDate", "type"}
HEADER = ["Date", "Type", "Resource ID", "Sent", "Delivered", "Opened", "Clicked", "Replied", "Bounced"]
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def parsed(text: str) -> list[tuple[object, ...]]:
    """Return the rows of our CSV in its order, after a look at its form."""
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert header == HEADER
    assert not [cell for line in lines for cell in line if cell.startswith(FORMULAS)]
    return [(line[0], line[2], line[1], tuple(map(int, line[3:]))) for line in lines]


def recorded(text: str) -> list[tuple[object, ...]]:
    """Return the rows of the reference's CSV in our order."""
    header, *lines = [line.split(",") for line in text.split("\n")]
    assert header == HEADER
    return sorted((line[0], line[2], line[1], tuple(map(int, line[3:]))) for line in lines)


def defused(row: Row) -> tuple[object, ...]:
    """Return a row as it stands in the CSV: a key that a spreadsheet would run has an apostrophe before it."""
    day, key, kind, metrics = row.shown
    return (day, f"'{key}" if row.key.startswith(FORMULAS) else key, kind, metrics)


def check_file(world: World, case: Case, response: Any) -> None:
    """Check the file against the data set and, where a recording is there, against that."""
    rows = sorted(reads.selected(world, case["args"]), key=lambda row: row.shown)
    assert response.status_code == 200, response.text[:300]
    if case["args"]["format"] == "csv":
        assert parsed(response.text) == [defused(row) for row in rows]
        return
    reads.check_rows(response.json, rows)
    if case["ok"]:
        assert six(response.json["aggregated"]) == six(case["parsed"]["aggregated"])
        assert response.json["period"] == reads.bounds(case["parsed"]["period"])
        named = reads.rows_named(world, case["parsed"]["details"])
        assert shown(response.json["details"]) == sorted(row.shown for row in named)


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world = stage.show(case["dataset"])
    arguments = reads.known(case["args"], ARGUMENTS)
    if not case["ok"]:
        reads.check_refused(world, PATH, case, arguments)
        return

    response = world.get(case["identity"], PATH, arguments)

    check_file(world, case, response)
    if arguments["format"] == "csv":
        assert parsed(response.text) == recorded(case["result"])


def answers_or_is_richer(stage: Stage, case: Case) -> None:
    """E3: no rows, and still a header. C9: a guest's program. E5: the file has the filters of the read."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    check_file(world, case, response)


def cells_stay_cells(stage: Stage, case: Case) -> None:
    """E1: separators, quotes and line breaks broke rows apart, and spreadsheets ran keys as formulas."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    check_file(world, case, response)


def bad_days_are_named(stage: Stage, case: Case) -> None:
    """C5: days were compared as text."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    reads.check_invalid(response, "startDate", "endDate")


def files_hold_only_counts(stage: Stage, case: Case) -> None:
    """D4: NaN, Infinity and fractions stood in the file; with us they are refused on their way in."""
    world = stage.replaced(case["dataset"], [])
    program, kept = world.program(case["identity"]), []
    for document in number(case["replaceAnalyticsWith"]):
        element = {name: document[name] for name in ("type", "resourceId", "date", "metrics")}
        status = program.post("/api/analytics", element).status_code
        assert status == (200 if writes.is_countable(document["metrics"]) else 422), document
        kept += [read_row(document)] if status == 200 else []

    response = world.get(case["identity"], PATH, case["args"])

    is_csv = case["args"]["format"] == "csv"
    found = parsed(response.text) if is_csv else shown(response.json["details"])
    assert found == sorted(row.shown for row in kept)


BETTER = {"C5": bad_days_are_named, "D4": files_hold_only_counts, "E1": cells_stay_cells}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_files_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_files_answer_as_recorded_or_are_richer(stage: Stage, group: Group) -> None:
    group.hold(answers_or_is_richer, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_files_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
