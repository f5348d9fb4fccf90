"""getCampaignAnalytics: each campaign's sums and days, at GET /api/campaign-analytics."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference import reads
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.translation import Row, held_key, sent_key, six, total

FILE, PATH = "get_campaign_analytics.json", "/api/campaign-analytics"
ARGUMENTS = {"companyId", "campaignId"}

Campaigns = dict[str, tuple[tuple[int, ...], list[str]]]  # sums and days by key


def arguments_of(case: Case) -> dict[str, Any]:
    arguments = reads.known(case["args"], ARGUMENTS)
    return {name: sent_key(value) if isinstance(value, str) else value for name, value in arguments.items()}


def answered(body: list[dict[str, Any]]) -> Campaigns:
    """Return an answer by key, after a look at its order: the newest day first, then the key."""
    order = [(one["dates"][-1], one["campaignId"]) for one in body]
    assert order == sorted(sorted(order, key=lambda one: one[1]), key=lambda one: one[0], reverse=True)
    return {one["campaignId"]: (six(one["metrics"]), one["dates"]) for one in body}


def recorded(result: list[dict[str, Any]]) -> Campaigns:
    """Return a recorded answer by key, its days sorted."""
    return {held_key("campaign", one["campaignId"]): (six(one["metrics"]), sorted(one["dates"])) for one in result}


def grouped(rows: list[Row]) -> Campaigns:
    """Return the campaigns among rows of a data set."""
    keys = {row.key for row in rows if row.type == "campaign"}
    mine = {key: [row for row in rows if (row.type, row.key) == ("campaign", key)] for key in keys}
    return {key: (total(found), sorted(row.day for row in found)) for key, found in mine.items()}


def answers_as_recorded(stage: Stage, case: Case) -> None:
    world = stage.show(case["dataset"])
    if isinstance(case["args"].get("campaignId"), int):
        a_number_is_text(stage, case)
        return
    if not case["ok"]:
        reads.check_refused(world, PATH, case, arguments_of(case))
        return

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 200, response.text[:300]
    assert answered(response.json) == recorded(case["result"])


def a_number_is_text(stage: Stage, case: Case) -> None:
    """The reference refuses a number as campaignId; in an address there is only text, so it is the campaign "5"."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert (response.status_code, response.json) == (200, [])


def order_is_ours(stage: Stage, case: Case) -> None:
    """C8: the reference's list begins with numbers; ours with the newest day. Both name the same campaigns."""
    world = stage.replaced(case["dataset"], case["replaceAnalyticsWith"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 200
    assert answered(response.json) == recorded(case["result"])


def no_key_breaks_the_list(stage: Stage, case: Case) -> None:
    """C7: keys such as `constructor` met properties of JavaScript's objects, and the call crashed."""
    world = stage.replaced(case["dataset"], case["replaceAnalyticsWith"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 200
    assert answered(response.json) == grouped(world.rows_of("c1"))


def a_key_counts_once(stage: Stage, case: Case) -> None:
    """B5: rows of one key were all counted, and their day was listed again and again."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    found = answered(response.json)
    assert found == grouped(world.rows_of(case["args"]["companyId"].removeprefix("@")))
    assert all(len(days) == len(set(days)) for _, days in found.values())


def deleted_companies_are_gone(stage: Stage, case: Case) -> None:
    """B9: people of a deleted company still read."""
    world = stage.show(case["dataset"])

    response = world.get(case["identity"], PATH, arguments_of(case))

    assert response.status_code == 401


BETTER = {"B5": a_key_counts_once, "B9": deleted_companies_are_gone, "C7": no_key_breaks_the_list}


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_campaigns_answer_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(answers_as_recorded, stage)


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_campaigns_answer_in_our_order(stage: Stage, group: Group) -> None:
    group.hold(order_is_ours, stage)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_campaigns_do_not_copy_defects(stage: Stage, group: Group) -> None:
    group.hold(BETTER[group.see], stage)
