"""batchUpdateAnalytics: many writes, all or nothing, at POST /api/analytics/batch."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.vocabulary.metrics import MAX_COUNT
from tests.reference import reads, writes
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import held_key, instant, number
from tests.reference.worlds import World
from tests.reference.writes import Ledger

FILE, PATH = "batch_update_analytics.json", "/api/analytics/batch"


def body_of(world: World, case: Case) -> dict[str, Any]:
    """Return the body. The reference's limit of written rows is put to the test by a number that is too large.

    The element that passed the limit gets a count with which the company's sum of the day passes 2^53 - 1.
    """
    body = writes.body_of(world, case["args"])
    if "transactionLimits" in case:
        body["updates"][case["transactionLimits"]["documentsWritten"]]["metrics"]["sent"] = MAX_COUNT
    return body


def expected_actions(ledger: Ledger, case: Case) -> list[tuple[writes.Name, str]]:
    """Return the name and action of each element: what the batch has made it updates from then on."""
    company, known, expected = case["args"]["companyId"].removeprefix("@"), set(ledger.rows), []
    for one in case["args"]["updates"]:
        name = (company, one["type"], held_key(one["type"], one["resourceId"]), one["date"])
        expected.append((name, "updated" if name in known else "created"))
        known.add(name)
    return expected


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world = stage.fresh(case["dataset"])
    ledger, company = Ledger(world), case["args"]["companyId"]
    for step in case["steps"]:
        stage.clock.now = instant(step["at"])
        response = world.program(case["identity"], company).post(PATH, body_of(world, case))
        if step["ok"]:
            assert response.status_code == 200, response.text[:300]
            check_results(ledger, case, step, response.json["results"])
            ledger.apply(step["changes"])
        else:
            writes.check_refused(world, response, case["identity"], company, step["error"]["kind"])
        ledger.check()
    ledger.check_totals()
    ledger.check_answer(None, company.removeprefix("@"))


def check_results(ledger: Ledger, case: Case, step: dict[str, Any], results: list[dict[str, str]]) -> None:
    """Check that each element has its outcome, in order, and that equal keys have equal ids."""
    expected = expected_actions(ledger, case)
    assert [one["action"] for one in results] == [action for _, action in expected]
    assert [one["action"] for one in results] == [one["action"] for one in step["result"]]
    for (name, _), one in zip(expected, results, strict=True):
        ledger.name(name, one["id"])


def bad_elements_are_named(stage: Stage, case: Case) -> None:
    """D4, D9: odd numbers and days passed; the batch is refused, and each fault names its element and field."""
    world = stage.fresh(case["dataset"])
    updates = number(case["args"]["updates"])
    bad_counts = {f"updates[{n}].metrics" for n, one in enumerate(updates) if not writes.is_countable(one["metrics"])}

    response = world.program(case["identity"]).post(PATH, body_of(world, case))

    reads.check_invalid(response, *(f"updates[{n}].date" for n in range(len(updates))))
    paths = {fault["path"] for fault in response.json["fields"]}
    assert {path.rpartition(".")[0] for path in paths if ".metrics." in path} == bad_counts
    Ledger(world).check()


BETTER = {"D4": bad_elements_are_named}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_batches_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_the_last_element_for_a_key_wins_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_batches_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
