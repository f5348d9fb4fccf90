"""getPaginatedAnalytics: page by page, whatever is written between pages, at GET /api/analytics with limit and cursor.

The reference's rows come in the order in which they were made, ours by day, key and type. Cases are carried over
by position: its nth row is our nth row.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference import reads
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import SIX, Row, shown
from tests.reference.worlds import World

FILE, PATH = "get_paginated_analytics.json", "/api/analytics"

SIX_SEVENS = dict.fromkeys(SIX, 7)
LATE = {"type": "campaign", "resourceId": "late", "metrics": SIX_SEVENS}
LAST_DAY = "2026-04-30"  # behind every day of the data sets, and not in the future

Page = tuple[list[tuple[object, ...]], bool]  # rows by day, key and type, and whether it is the last


def by_position(world: World, company: str) -> dict[str, Row]:
    """Return our row for each of the reference's: the one at the same place of our order."""
    names = [name for name, row in world.rows.items() if row.company == company]
    return dict(zip(names, sorted(world.rows_of(company), key=lambda row: row.shown), strict=True))


def read_page(world: World, case: Case, cursor: str | None) -> tuple[Page, str | None]:
    arguments = {"companyId": case["args"]["companyId"], "limit": case["args"]["numItems"]}
    response = world.get(case["identity"], PATH, arguments | ({"cursor": cursor} if cursor else {}))
    assert response.status_code == 200, response.text[:300]
    following = response.json["nextCursor"]
    return ([row[:3] for row in shown(response.json["details"])], following is None), following


def do(world: World, case: Case, event: dict[str, str], ours: dict[str, Row], day: str) -> None:
    """Do what happens between two pages."""
    program = world.program(case["identity"])
    if "insert" in event:
        answer = program.post(PATH, LATE | {"date": day})
    else:
        ((kind, name),) = event.items()
        row = ours[name.removeprefix("@")]
        key = {"type": row.type, "resourceId": row.key, "date": row.day}
        written = kind == "overwrite"
        answer = program.post(PATH, key | {"metrics": SIX_SEVENS}) if written else program.delete(PATH, **key)
    assert answer.status_code == 200, answer.text[:300]


def read_pages(world: World, case: Case, day: str = "") -> list[Page]:
    """Read all pages as the case does, with its event in its place."""
    ours, cursor, pages = by_position(world, case["args"]["companyId"].removeprefix("@")), None, []
    for step in case["pages"]:
        if "event" in step:
            do(world, case, step["event"], ours, day)
        elif not pages or cursor:
            page, cursor = read_page(world, case, cursor)
            pages.append(page)
    assert cursor is None
    return pages


def recorded(world: World, case: Case, day: str = "") -> list[Page]:
    """Return the recorded pages with our rows; a row that is made behind the reader's place is on none of them."""
    ours = by_position(world, case["args"]["companyId"].removeprefix("@"))
    places: dict[str, tuple[object, ...]] = {name: row.shown[:3] for name, row in ours.items()}
    if day == LAST_DAY:
        places["n1"] = (day, LATE["resourceId"], LATE["type"])
    steps = [step for step in case["pages"] if "page" in step]
    names = [[name.removeprefix("@") for name in step["page"]] for step in steps]
    return [([places[n] for n in page if n in places], step["isDone"]) for page, step in zip(names, steps, strict=True)]


def answers_as_recorded(stage: Stage, case: Case) -> None:
    if "pages" not in case:
        refuses_as_recorded(stage, case)
        return
    events = [step["event"] for step in case["pages"] if "event" in step]
    for day in [events[0]["date"], LAST_DAY] if events and "insert" in events[0] else [""]:
        world = stage.fresh(case["dataset"]) if events else stage.show(case["dataset"])
        assert read_pages(world, case, day) == recorded(world, case, day), day


def refuses_as_recorded(stage: Stage, case: Case) -> None:
    """Refused options. A missing cursor is with us the first page, and so is null, which an address cannot say."""
    world = stage.show(case["dataset"])
    options = case["args"]["paginationOpts"]
    limit = options["numItems"]
    arguments: dict[str, Any] = {"companyId": case["args"]["companyId"], "limit": limit}
    arguments |= {"limit": f'"{limit}"'} if isinstance(limit, str) else {}
    arguments |= {"cursor": options["cursor"]} if options.get("cursor") is not None else {}
    arguments |= {f"unknown-{name}": value for name, value in options.items() if name not in {"numItems", "cursor"}}
    if "cursor" in options:
        reads.check_refused(world, PATH, case, arguments)
    else:
        answer = world.get(reads.a_member(world), PATH, arguments)
        assert world.get(None, PATH, arguments).status_code == 401
        assert len(answer.json["details"]) == limit


def every_reader_needs_a_key(stage: Stage, case: Case) -> None:
    """H1: anybody on the internet could page through any company's rows."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, {"companyId": case["args"]["companyId"], "limit": 10})

    assert response.status_code == 401


def deleted_companies_are_gone(stage: Stage, case: Case) -> None:
    """B9: people of a deleted company still read."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, {"companyId": case["args"]["companyId"], "limit": 10})

    assert response.status_code == 401


BETTER = {"B9": deleted_companies_are_gone, "H1": every_reader_needs_a_key}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_pages_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_the_largest_pages_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_pages_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
