"""getAnalytics: the sums, rows and period of a filter, at GET /api/analytics."""

from __future__ import annotations

import pytest

from tests.helpers import Program
from tests.reference import reads
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage

FILE, PATH = "get_analytics.json", "/api/analytics"
ARGUMENTS = {"companyId", "type", "startDate", "endDate"}


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world = stage.show(case["dataset"])
    arguments = reads.known(case["args"], ARGUMENTS)
    if not case["ok"]:
        reads.check_refused(world, PATH, case, arguments)
        return

    response = world.get(case["identity"], PATH, arguments)

    assert response.status_code == 200, response.text[:300]
    reads.check_read(world, response.json, case["result"])


def answers_or_refuses(stage: Stage, case: Case) -> None:
    """A start after the end, a guest, and an address in other letters: the recorded answer, or a refusal."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    assert response.status_code < 500
    if response.status_code == 200 and case["ok"]:
        reads.check_read(world, response.json, case["result"])


def claims_open_nothing(stage: Stage, case: Case) -> None:
    """C1: an unverified address in somebody's token opened the company; a program needs a key."""
    world = stage.show(case["dataset"])
    claims = Program(stage.app, None)
    claims.headers = {"Authorization": f"Bearer {case['identity']['email']}"}

    response = claims.get(PATH, companyId=world.slugs["c1"])

    assert response.status_code == 401


def nobody_has_an_empty_address(stage: Stage, case: Case) -> None:
    """C2: an empty address met a person without one."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    assert response.status_code == 403


def bad_days_are_named(stage: Stage, case: Case) -> None:
    """C5: days were compared as text; ours are days of the calendar, and the field at fault is named."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    reads.check_invalid(response, *({"startDate", "endDate"} & case["args"].keys()))


def a_person_belongs_to_several_companies(stage: Stage, case: Case) -> None:
    """B1: of two records with one address the younger was never seen; with us they are two memberships."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    assert response.status_code == 200
    reads.check_rows(response.json, reads.selected(world, case["args"]))


def a_key_counts_once(stage: Stage, case: Case) -> None:
    """B5: rows of one key were all counted; with us there is one, and the last that was set stands."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    assert response.status_code == 200
    assert len(response.json["details"]) <= len(case["result"]["details"])
    reads.check_rows(response.json, reads.selected(world, case["args"]))


def deleted_companies_are_gone(stage: Stage, case: Case) -> None:
    """B9: people of a deleted company still read; with us its keys and rows go with it."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, case["args"])

    assert response.status_code == 401
    assert not [row for row in world.stored().values() if row.company == "c4"]


BETTER = {
    "B1": a_person_belongs_to_several_companies,
    "B5": a_key_counts_once,
    "B9": deleted_companies_are_gone,
    "C1": claims_open_nothing,
    "C2": nobody_has_an_empty_address,
    "C5": bad_days_are_named,
}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_reads_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_reads_answer_as_recorded_or_refuse(stage: Stage, group: Group) -> None:
    group.hold(answers_or_refuses, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_reads_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
