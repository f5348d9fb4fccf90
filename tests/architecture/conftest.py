"""The program's own text, for tests that read it."""

from pathlib import Path

import pytest

import dashboard

ROOT = Path(dashboard.__file__).parent


@pytest.fixture(scope="session")
def sources_of_the_program() -> dict[str, str]:
    """Return the text of every module, by its path within `dashboard/`; migrations are left out."""
    paths = (path for path in ROOT.rglob("*.py") if "migrations" not in path.parts)
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}
