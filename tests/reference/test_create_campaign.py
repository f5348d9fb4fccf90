"""createCampaign: what a campaign's name and daily limit may be, at POST /api/campaigns.

The seed's function wrote nothing and let everybody in; ours makes a draft. Each case finds no campaign of its name.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from dashboard.database.engine import Mode
from dashboard.models import Campaign
from tests.helpers import Program
from tests.reference import writes
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage

FILE, PATH = "create_campaign.json", "/api/campaigns"
CAMPAIGNS: Any = Campaign.__table__


def send(stage: Stage, case: Case) -> TestResponse:
    """Ask for the campaign, after those of earlier cases are gone."""
    world = stage.show(case["dataset"])
    with world.engines[Mode.WRITE].begin() as connection:
        connection.execute(sa.delete(CAMPAIGNS))
    stage.clock.now = world.now
    program = world.program(case["identity"], case["args"].get("companyId"))
    if case["why"].startswith("random"):  # asked with the key of whatever company it names
        program = Program(world.app, world.api_keys[case["args"]["companyId"].removeprefix("@")])
    return program.post(PATH, writes.body_of(world, case["args"]))


def first_fault(response: TestResponse) -> str:
    fields: list[dict[str, str]] = response.json["fields"]
    return fields[0]["path"]


def is_made(stage: Stage, case: Case) -> None:
    response = send(stage, case)

    assert response.status_code == 201, response.text[:300]
    settings = case["args"]["settings"]
    assert response.json["settings"] == settings | {"dailyLimit": int(settings["dailyLimit"])}
    assert response.json["status"] == "draft"


def is_refused(stage: Stage, case: Case) -> None:
    """The first fault that is told is the one that the reference tells."""
    response = send(stage, case)

    assert response.status_code in {400, 403, 422}, response.text[:300]
    message = case["error"]["message"]
    if response.status_code == 422 and case["error"]["kind"] == "rejected":
        assert first_fault(response) == ("name" if "name" in message else "settings.dailyLimit")


@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_campaign_is_made_or_refused_as_recorded(stage: Stage, group: Group) -> None:
    group.hold(lambda case: is_made(stage, case) if case["ok"] else is_refused(stage, case))


@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_campaign_is_judged_by_code_points(stage: Stage, group: Group) -> None:
    """Ours counts code points in normal form C, the reference UTF-16 units: a longer name may pass, a wrong limit not."""

    def judge(case: Case) -> None:
        response = send(stage, case)
        if "limit" in case.get("error", {}).get("message", ""):
            assert first_fault(response) == "settings.dailyLimit"
        elif "guest" not in case["why"]:
            assert response.status_code in {201, 422}

    group.hold(judge)


@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_what_the_reference_lets_through_by_mistake_is_refused(stage: Stage, group: Group) -> None:
    def judge(case: Case) -> None:
        if case["identity"] is None:
            assert send(stage, case).status_code == 401
        else:
            assert send(stage, case).status_code in {400, 403, 422}

    group.hold(judge)
