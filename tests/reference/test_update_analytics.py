"""updateAnalytics: one write sets the numbers of one key, at POST /api/analytics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.reference import reads, writes
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import instant, number, read_row
from tests.reference.worlds import World
from tests.reference.writes import Ledger

FILE, PATH = "update_analytics.json", "/api/analytics"


def send(stage: Stage, world: World, step: dict[str, Any]) -> TestResponse:
    """Send one step at its instant."""
    stage.clock.now = instant(step["at"])
    program = world.program(step["identity"], step["args"].get("companyId"))
    return program.post(PATH, writes.body_of(world, step["args"]))


def folds(case: Case) -> bool:
    """Say whether rows of the reference are one row with us, because their keys differ in letters' case or form."""
    made = [change["doc"] for step in case["steps"] for change in step.get("changes", []) if change["op"] == "insert"]
    return len({read_row(document).name for document in made}) < len(made)


def replay(stage: Stage, case: Case) -> None:
    """Send the steps and look at every row after each of them."""
    world = stage.fresh(case["dataset"])
    ledger = Ledger(world)
    for step in case["steps"]:
        response = send(stage, world, step)
        if step["ok"]:
            assert response.status_code == 200, response.text[:300]
            ((name, action),) = ledger.apply(step["changes"]).items()
            assert response.json["action"] == action
            ledger.name(name, response.json["id"])
        else:
            kind = step["error"]["kind"]
            writes.check_refused(world, response, step["identity"], step["args"].get("companyId"), kind)
        ledger.check()
    ledger.check_totals()
    ledger.check_answer(None if folds(case) else case["thenGetAnalytics"])


def answers_as_recorded(stage: Stage, case: Case) -> None:
    """Keys of mailboxes in other letters are one key with us; those of campaigns are told apart as recorded."""
    replay(stage, case)
    if folds(case):
        of_campaigns = json.loads(json.dumps(case).replace('"mailbox"', '"campaign"'))
        assert not folds(of_campaigns)
        replay(stage, of_campaigns)


def answers_or_refuses(stage: Stage, case: Case) -> None:
    """A guest's program, and keys that differ by blanks or Unicode form: taken by our rule for keys, or refused."""
    world = stage.fresh(case["dataset"])
    ledger = Ledger(world)
    for step in case["steps"]:
        response = send(stage, world, step)
        assert response.status_code in {200, 403, 422}
        if response.status_code == 200:
            ledger.apply(step["changes"])
        ledger.check()
    ledger.check_answer(None)


def refuses(stage: Stage, case: Case, path: str, *, raw: bool = False) -> None:
    """Check that each step is refused for one field and that nothing is written."""
    world = stage.fresh(case["dataset"])
    ledger = Ledger(world)
    for step in case["steps"]:
        stage.clock.now = instant(step["at"])
        body = writes.body_of(world, step["args"]) | ({"resourceId": step["args"]["resourceId"]} if raw else {})
        response = world.program(step["identity"]).post(PATH, body)
        reads.check_invalid(response, path)
    ledger.check()


def bad_keys_are_named(stage: Stage, case: Case) -> None:
    """B7: empty keys, control characters and 5,000 characters passed."""
    refuses(stage, case, "resourceId", raw=True)


def bad_days_are_named(stage: Stage, case: Case) -> None:
    """D5: any text passed as a day."""
    refuses(stage, case, "date")


def only_counts_are_taken(stage: Stage, case: Case) -> None:
    """D4: negative numbers, fractions and NaN passed; a count is a whole number up to 2^53 - 1."""
    world = stage.fresh(case["dataset"])
    ledger = Ledger(world)
    for step in case["steps"]:
        response = send(stage, world, step)
        if writes.is_countable(number(step["args"]["metrics"])):
            assert response.status_code == 200
            ledger.apply(step["changes"])
        else:
            assert response.status_code == 422
            assert all(fault["path"].startswith("metrics.") for fault in response.json["fields"])
        ledger.check()
    ledger.check_answer(None)


def deleted_companies_take_nothing(stage: Stage, case: Case) -> None:
    """B9: a deleted company still took writes."""
    world = stage.fresh(case["dataset"])
    (step,) = case["steps"]

    response = send(stage, world, step)

    assert response.status_code == 401
    Ledger(world).check()


def the_one_row_is_set(stage: Stage, case: Case) -> None:
    """B5: of several rows with one key only the oldest was set, and the others still counted."""
    world = stage.fresh(case["dataset"])
    ledger = Ledger(world)
    (step,) = case["steps"]

    response = send(stage, world, step)

    assert (response.status_code, response.json["action"]) == (200, "updated")
    ledger.apply(step["changes"])
    ledger.check()
    ledger.check_answer(None, step["args"]["companyId"].removeprefix("@"))


BETTER = {
    "B5": the_one_row_is_set,
    "B7": bad_keys_are_named,
    "B9": deleted_companies_take_nothing,
    "D4": only_counts_are_taken,
    "D5": bad_days_are_named,
}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_writes_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_writes_follow_our_rule_for_keys(stage: Stage, group: Group) -> None:
    group.hold(answers_or_refuses, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_writes_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
