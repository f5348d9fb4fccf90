"""No recorded case is left out: each is claimed by some test, and was asked if that test ran."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.reference import recorded
from tests.reference.recorded import Group, Name

COUNTS = {
    "authorize.json": {"equal": 204, "either": 15, "differ": 54},
    "batch_update_analytics.json": {"equal": 81, "either": 9, "differ": 3},
    "create_campaign.json": {"equal": 43, "either": 29, "differ": 20},
    "export_analytics.json": {"equal": 120, "either": 40, "differ": 34},
    "get_analytics.json": {"equal": 814, "either": 12, "differ": 79},
    "get_campaign_analytics.json": {"equal": 87, "either": 1, "differ": 24},
    "get_optimized_analytics.json": {"equal": 111, "either": 15, "differ": 42},
    "get_paginated_analytics.json": {"equal": 87, "either": 9, "differ": 24},
    "http.json": {"equal": 41, "either": 22, "differ": 31},
    "limits.json": {"equal": 9, "either": 3},
    "races.json": {"equal": 7},
    "update_analytics.json": {"equal": 66, "either": 6, "differ": 20},
}

# Cases that no test holds, each with the reason.
LEFT_OUT: dict[Name, str] = {}


def counted(file: str, ids: set[str]) -> dict[str, int]:
    return Counter(case["compare"] for case in recorded.load(file)["cases"] if case["id"] in ids)


def test_every_file_of_cases_is_counted() -> None:
    found = {path.name for path in recorded.VECTORS.glob("*.json")}

    assert found - {"datasets.json"} == COUNTS.keys()


@pytest.mark.parametrize("file", COUNTS)
def test_every_case_is_claimed_by_a_test(file: str) -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        import_module(f"{__package__}.{path.stem}")

    taken = {name for known, name in recorded.claimed | LEFT_OUT.keys() if known == file}

    assert counted(file, taken) == COUNTS[file]
    assert len(taken) == len(recorded.load(file)["cases"])


def test_every_recorded_case_is_held(request: pytest.FixtureRequest) -> None:
    """This runs last."""
    chosen = [item.callspec.params.get("group") for item in request.session.items if hasattr(item, "callspec")]
    asked = {(group.file, case["id"]) for group in chosen if isinstance(group, Group) for case in group.cases}

    assert asked - recorded.held == set()
