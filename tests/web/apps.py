"""A second app beside the one of all tests, for settings that are fixed at the start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from dashboard.app import create_app
from dashboard.cli.database import run_upgrade
from dashboard.config import load


@contextmanager
def second_app(folder: Path, **settings: Any) -> Iterator[Flask]:
    """Yield an app with an empty SQLite store of its own, and close it at the end."""
    url = {"database_url": f"sqlite:///{folder / 'dashboard.sqlite3'}"}  # whatever the environment says
    app = create_app(load(instance=folder, log_format="json", **(url | settings)))
    try:
        with app.app_context():
            run_upgrade(app)
        yield app
    finally:
        app.extensions["engines"].base.dispose()
