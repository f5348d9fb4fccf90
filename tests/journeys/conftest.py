"""The stage of the journeys: real servers, a real Chromium, and people who are signed in.

Journeys that only look, or add numbers, share one server with the demo in it. What ends servers, memberships or
passwords gets a server or people of its own.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.app import create_app
from dashboard.config import load
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.queries import identity
from dashboard.queries.keys import find_owner
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.roles import Role
from tests.factories import PASSWORD, make_company, make_key, make_user
from tests.journeys.checks import SCREEN
from tests.journeys.mail import tell_of_mail
from tests.journeys.servers import Server, run
from tests.journeys.watching import Program, sign_in

MISSING = "Chromium was not found; browser tests were skipped"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run",
)  # fmt: skip
BROWSER: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "viewport": SCREEN}

Open = Callable[..., Page]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say plainly that the browser tests were skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"{MISSING}.")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser; without one the tests are skipped, or fail where they are required."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("SENDSCOPE_BROWSER_TESTS") == "required":
            pytest.fail("Chromium was not found, and SENDSCOPE_BROWSER_TESTS says that it is required")
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@dataclass(frozen=True)
class House:
    """A server, its store to arrange in while it runs, and the password of the demo's people."""

    server: Server
    engines: Engines
    password: str

    def company(self, slug: str) -> CompanyRef:
        """Return a company by its slug; it is made when there is none."""
        return identity.find_company(self.engines, slug) or make_company(self.engines, slug, datetime.now(UTC))

    def key(self, slug: str) -> str:
        """Return a new API key of a company."""
        return make_key(self.engines, self.company(slug), datetime.now(UTC))

    def source(self, slug: str) -> int:
        """Return the number of a company's oldest generic source."""
        return identity.list_generic_sources(self.engines, self.company(slug).id)[0].id

    def resource(self, slug: str, kind: str, key: str) -> UUID:
        """Return the id of the resource that a key names."""
        with open_session(self.engines, Mode.READ, self.company(slug).id) as session:
            found = find_owner(session, ResourceType(kind), key)
        assert found is not None, f"{slug} has no {kind} {key}"
        return found

    def person(self, name: str, *slugs: str, role: Role = Role.ADMIN) -> str:
        """Make a person a member of some companies and return the address; the password is PASSWORD."""
        email = name if "@" in name else f"{name}@journeys.test"
        for slug in slugs:
            make_user(self.engines, self.company(slug), email, role, datetime.now(UTC))
        return email


@pytest.fixture(scope="session")
def demo(chromium: Browser, folder: Path) -> tuple[Path, str]:
    """An instance folder with the demo in it, and the password that was printed."""
    instance = folder / "journeys-demo"
    printed = run(instance, "demo", "load")
    (password,) = re.findall(r"^password: (\S+)$", printed, re.MULTILINE)
    return instance, password


def open_house(instance: Path, password: str, **settings: str) -> Iterator[House]:
    """Serve an instance folder until the tests are done with it."""
    server = Server(instance, **settings)
    url = f"sqlite:///{instance / 'dashboard.sqlite3'}"  # whatever the environment says
    app = create_app(load(instance=instance, log_format="json", database_url=url))
    try:
        server.start()
        yield House(server, app.extensions["engines"], password)
    finally:
        server.kill()
        app.extensions["engines"].base.dispose()


@pytest.fixture(scope="session")
def house(demo: tuple[Path, str]) -> Iterator[House]:
    """The server that most journeys share."""
    yield from open_house(*demo)


@pytest.fixture(scope="session")
def cookies(chromium: Browser, house: House) -> Callable[[str], Any]:
    """Return the cookies of somebody who signs in once in a test run: the demo's people, and those of fresh.test."""
    kept: dict[str, Any] = {}

    def cookies_of(email: str) -> Any:
        if email not in kept:
            context = chromium.new_context(base_url=house.server.url)
            sign_in(context.new_page(), email, house.password if email.endswith("@acme.test") else PASSWORD)
            kept[email] = context.storage_state()
            context.close()
        return kept[email]

    return cookies_of


@pytest.fixture(scope="session")
def fresh(house: House) -> None:
    """A company without numbers, with an admin and a guest."""
    house.person("fay@fresh.test", "fresh")
    house.person("flo@fresh.test", "fresh", role=Role.GUEST)


@pytest.fixture
def open_page(chromium: Browser, house: House, cookies: Callable[[str], Any]) -> Iterator[Open]:
    """Open a browser of its own for somebody and return its first page: `open_page("ada@acme.test")`."""
    contexts = []

    def opened(email: str | None = "ada@acme.test", **options: Any) -> Page:
        is_alone = not email or email.endswith("@journeys.test")
        state = {} if is_alone else {"storage_state": cookies(email)}
        context = chromium.new_context(**(BROWSER | {"base_url": house.server.url} | state | options))
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if email and is_alone:
            sign_in(page, email, PASSWORD)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def program(house: House) -> Iterator[Program]:
    """A program that pushes numbers to acme."""
    made = Program(house.server.url, house.key("acme"))
    yield made
    made.client.close()


@pytest.fixture
def today(house: House) -> str:
    """The day that it is at acme."""
    return house.company("acme").day_of(datetime.now(UTC)).isoformat()


@pytest.fixture(scope="session")
def post(house: House) -> dict[str, Any]:
    """A company with mail of every fate, and what stands in the addresses of its pages."""
    house.person("pia@post.test", "post")
    house.person("pol@post.test", "post", role=Role.USER)
    return tell_of_mail(house.engines, house.company("post"))
