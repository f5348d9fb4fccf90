"""getOptimizedAnalytics: the newest rows first, at GET /api/analytics/recent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference import reads
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import shown

FILE, PATH = "get_optimized_analytics.json", "/api/analytics/recent"


def arguments_of(case: Case) -> dict[str, Any]:
    """Return the arguments; text in place of a number keeps its quotes, for in an address all is text."""
    limit = case["args"].get("limit")
    return case["args"] | ({"limit": f'"{limit}"'} if isinstance(limit, str) else {})


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world = stage.show(case["dataset"])
    if not case["ok"]:
        reads.check_refused(world, PATH, case, arguments_of(case))
        return

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 200, response.text[:300]
    assert shown(response.json) == [row.shown for row in reads.rows_named(world, case["result"])]


def answers_or_refuses(stage: Stage, case: Case) -> None:
    """H2: a thousand rows are our most; 0 and NaN meant 100 and are refused."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    if case["args"]["limit"] == 1000:
        assert shown(response.json) == [row.shown for row in reads.rows_named(world, case["result"])]
    else:
        reads.check_invalid(response, "limit")


def every_reader_needs_the_companys_key(stage: Stage, case: Case) -> None:
    """H1: anybody on the internet could read any company's rows."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == (401 if case["identity"] is None else 403)


def the_limit_has_a_limit(stage: Stage, case: Case) -> None:
    """H2: the number of rows had no upper bound."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    reads.check_invalid(response, "limit")


def deleted_companies_are_gone(stage: Stage, case: Case) -> None:
    """B9: people of a deleted company still read."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 401


BETTER = {"B9": deleted_companies_are_gone, "H1": every_reader_needs_the_companys_key, "H2": the_limit_has_a_limit}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_newest_rows_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_newest_rows_answer_as_recorded_or_refuse(stage: Stage, group: Group) -> None:
    group.hold(answers_or_refuses, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_newest_rows_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
