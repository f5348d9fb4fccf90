"""The data sets: what stands for a key stands for one key only, and what is loaded is what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers import Program
from tests.reference import recorded
from tests.reference.stage import Stage
from tests.reference.translation import IDNA, MAX_KEY, SIX, held_key, sent_key

NAMES = [one["name"] for one in recorded.load("datasets.json")["datasets"]]


def keys_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every (type, resource id) of a document."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and isinstance(value.get("resourceId"), str):
            yield value["type"], value["resourceId"]
        for one in value.values():
            yield from keys_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from keys_in(one)


def test_stand_ins_are_one_to_one() -> None:
    keys = {key for path in recorded.VECTORS.glob("*.json") for _, key in keys_in(recorded.load(path.name))}

    assert len({sent_key(key) for key in keys}) == len(keys)
    assert all(len(sent_key(key)) <= MAX_KEY for key in keys)


@pytest.mark.parametrize("name", NAMES)
def test_keys_of_a_data_set_are_held_one_to_one(name: str) -> None:
    document = next(one for one in recorded.load("datasets.json")["datasets"] if one["name"] == name)
    keys = set(keys_in(document["analytics"]))

    assert len({(kind, held_key(kind, key)) for kind, key in keys}) == len(keys)


def test_names_beyond_ascii_are_those_of_the_internet() -> None:
    assert {name: name.encode("idna").decode() for name in IDNA} == IDNA


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_loaded_as_recorded(stage: Stage, name: str) -> None:
    world = stage.show(name)

    assert world.stored() == {row.name: row for row in world.rows.values()}


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_put_back_after_a_write(stage: Stage, name: str) -> None:
    world = stage.fresh(name)
    before, row = world.stored(), world.rows_of("c1")[0]
    element = {"type": row.type, "resourceId": row.key, "date": row.day, "metrics": dict.fromkeys(SIX, 1)}

    answer = Program(stage.app, world.api_keys["c1"]).post("/api/analytics", element)
    written = world.stored()
    stage.fresh(name)

    assert answer.status_code == 200
    assert world.stored() == before != written
