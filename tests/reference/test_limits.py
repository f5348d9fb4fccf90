"""The reference's limits of one transaction: tens of thousands of rows, which with us simply work."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import report
from tests.helpers import Program
from tests.reference.recorded import Case, Group, whole
from tests.reference.stage import Stage
from tests.reference.translation import SIX, Row, shown, six, total
from tests.reference.worlds import World, numbers_of

FILE, DATASET = "limits.json", "open-a"
TYPES = ("campaign", "template", "mailbox", "domain")
FIRST_DAY = date(2024, 1, 1)
MOST_AT_ONCE = 10_000

# Each batch case begins with a company that has no rows; these have none in a data set without rows.
EMPTY_COMPANIES = {100: "c2", 4000: "c3", 4096: "outsider"}


class Crowd:
    """A store whose first company has as many of the formula's rows as a case asks for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world: World = stage.replaced(DATASET, [])
        self.rows: list[Row] = []

    def grow(self, case: Case) -> list[Row]:
        """Return the rows, after making those that are missing; the cases ask for more and more."""
        assert len(self.rows) <= case["rows"]
        while len(self.rows) < case["rows"]:
            last = min(case["rows"], len(self.rows) + MOST_AT_ONCE)
            more = [make_row(case, n) for n in range(len(self.rows), last)]
            company, source_id = self.world.companies["c1"], self.world.sources["c1"]
            report(self.world.engines, company, source_id, *map(numbers_of, more), now=self.world.now)
            self.rows += more
        return self.rows


def make_row(case: Case, n: int) -> Row:
    """Return the nth row of the file's formula."""
    sent = n * case["factor"] % 101
    bounced = min(sent, n * case["factor"] % 5)
    delivered = sent - bounced
    counts = (sent, delivered, delivered >> 1, delivered >> 2, delivered >> 3, bounced)
    day = FIRST_DAY + timedelta(days=n // case["perDay"])
    never = day  # the instants of these rows are not looked at
    return Row("c1", TYPES[n % 4], f"r-{n // 4 % 50}", day.isoformat(), counts, never, never)


@pytest.fixture(scope="module")
def crowd(stage: Stage) -> Crowd:
    return Crowd(stage)


def read_pages(program: Program, **query: Any) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while not pages or cursor:
        pages.append(program.get("/api/analytics", **query, **cursor).json)
        cursor = {"cursor": pages[-1]["nextCursor"]} if pages[-1]["nextCursor"] else {}
    return pages


def check_pages(pages: list[dict[str, Any]], rows: list[Row]) -> None:
    """Every row is on one page, and the sums on each page are over all rows."""
    assert [row for page in pages for row in shown(page["details"])] == sorted(row.shown for row in rows)
    assert {six(page["aggregated"]) for page in pages} == {total(rows)}


def reads_all_rows(crowd: Crowd, case: Case) -> None:
    """Where the reference answers we read every page; where it gives up, the first page has the sums of all rows."""
    kind = {"type": case["args"]["type"]} if "type" in case["args"] else {}
    rows = [row for row in crowd.grow(case) if not kind or row.type == kind["type"]]
    program = crowd.world.program(case["identity"])
    if not case["ok"]:
        first = program.get("/api/analytics", **kind).json
        assert (six(first["aggregated"]), bool(first["nextCursor"])) == (total(rows), True)
        return

    pages = read_pages(program, **kind)

    check_pages(pages, rows)
    assert (len(rows), total(rows)) == (case["result"]["rows"], six(case["result"]["aggregated"]))


def exports_all_rows(crowd: Crowd, case: Case) -> None:
    """Each of our lines ends with CR and LF, where the reference has LF between lines: lines + 1 bytes more."""
    rows = crowd.grow(case)

    response = crowd.world.get(case["identity"], "/api/export", {"companyId": "@c1", "format": "csv"})

    lines = response.text.splitlines()
    assert len(lines) == len(rows) + 1
    if case["ok"]:
        assert len(lines) == case["result"]["lines"]
        assert len(response.data) == case["result"]["bytes"] + len(lines) + 1


def takes_all_elements(crowd: Crowd, case: Case) -> None:
    program = Program(crowd.stage.app, crowd.world.api_keys[EMPTY_COMPANIES[case["updates"]]])
    rows = [make_row(case, n) for n in range(case["updates"])]
    elements = [
        {"type": row.type, "resourceId": row.key, "date": row.day, "metrics": dict(zip(SIX, row.metrics, strict=True))}
        for row in rows
    ]

    response = program.post("/api/analytics/batch", {"updates": elements})

    assert Counter(one["action"] for one in response.json["results"]) == {"created": case["updates"]}
    check_pages(read_pages(program), rows)
    if case["ok"]:
        assert len(rows) == case["rowsAfter"]


CALLS = {
    "getAnalytics": reads_all_rows,
    "exportAnalytics csv": exports_all_rows,
    "batchUpdateAnalytics": takes_all_elements,
}


def works(crowd: Crowd, case: Case) -> None:
    CALLS[case["call"]](crowd, case)


@pytest.mark.parametrize("group", whole(FILE), ids=str)
def test_many_rows_simply_work(crowd: Crowd, group: Group) -> None:
    group.hold(works, crowd)
