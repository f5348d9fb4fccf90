"""Many programs at once: one key has one row, and a reader sees a batch whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import SIX
from tests.reference.worlds import World

FILE, PATH = "races.json", "/api/analytics"
ZEROS = dict.fromkeys(SIX, 0)
READERS = 20


def at_once(calls: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def one_row_is_made(stage: Stage, case: Case) -> None:
    """Each call sets the key, by batch twice; exactly one creates, and what one of them said stands."""
    world = stage.fresh(case["dataset"])

    responses = at_once([call_of(world, case, n + 1) for n in range(case["parallel"])])

    assert {response.status_code for response in responses} == {200}
    outcomes = [one for response in responses for one in response.json.get("results", [response.json])]
    assert len({one["id"] for one in outcomes}) == case["expect"]["distinctIdsReturned"]
    check_actions(Counter(one["action"] for one in outcomes), case)
    rows = read_key(world, case)
    assert len(rows) == case["expect"]["rows"]
    assert rows[0]["metrics"]["sent"] in range(1, case["parallel"] + 1)


def call_of(world: World, case: Case, sent: int) -> Callable[[], TestResponse]:
    """Return one call, with a program of its own."""
    program, key = world.program(case["identity"], "@c1"), {**case["key"]}
    company, element = world.bound(key.pop("companyId")), key | {"metrics": ZEROS | {"sent": sent}}
    if case["via"] == "update":
        return lambda: program.post(PATH, element | {"companyId": company})
    return lambda: program.post(f"{PATH}/batch", {"companyId": company, "updates": [element, element]})


def check_actions(actions: Counter[str], case: Case) -> None:
    """The reference's single write does not say what it did; ours does: one of them creates."""
    calls = case["parallel"] * (2 if case["via"] == "batch" else 1)
    assert actions == {"created": case["expect"].get("created", 1), "updated": case["expect"].get("updated", calls - 1)}


def read_key(world: World, case: Case) -> list[dict[str, Any]]:
    key = case["key"]
    asked = {"companyId": key["companyId"], "type": key["type"], "startDate": key["date"], "endDate": key["date"]}
    return [one for one in world.get(case["identity"], PATH, asked).json["details"] if one["resourceId"] == "race"]


def batches_are_seen_whole(stage: Stage, case: Case) -> None:
    world = stage.fresh(case["dataset"])
    rows = [
        {"type": "campaign", "resourceId": f"part-{n}", "date": "2024-09-01", "metrics": ZEROS | {"sent": 1}}
        for n in range(case["batch"])
    ]
    asked = {"companyId": "@c1", "startDate": "2024-09-01"}

    def write() -> TestResponse:
        return world.program(case["identity"], "@c1").post(f"{PATH}/batch", {"updates": rows})

    def read() -> TestResponse:
        return world.get(case["identity"], PATH, asked)

    written, *answers = at_once([write, *[read] * READERS])

    assert written.status_code == 200
    seen = [(len(answer.json["details"]), answer.json["aggregated"]["sent"]) for answer in [*answers, read()]]
    assert {count for count, _ in seen} <= set(case["expect"]["rowsSeenIsOneOf"])
    assert all(count == total for count, total in seen)
    assert seen[-1][0] == case["batch"]


def holds(stage: Stage, case: Case) -> None:
    (batches_are_seen_whole if "batch" in case else one_row_is_made)(stage, case)


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_programs_at_once_leave_one_row(stage: Stage, group: Group) -> None:
    group.hold(holds, stage)
