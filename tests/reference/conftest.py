"""The store that the recordings are held against, and the order of the last test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.reference.stage import Kept, Stage


@pytest.fixture(scope="session")
def kept() -> Kept:
    """Data sets that were made in this run, so that each is made once per store."""
    return {}


@pytest.fixture(scope="module")
def stage(migrated_app: Flask, kept: Kept) -> Iterator[Stage]:
    """One of the two stores; it is left empty."""
    stage = Stage(migrated_app, kept)
    yield stage
    stage.clear()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the count of the cases behind the tests that ask them."""
    items.sort(key=lambda item: item.name == "test_every_recorded_case_is_held")
