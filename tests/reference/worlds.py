"""A data set of the recordings, made in a store through the product's own services, and who asks in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import AnalyticsRecord, User
from dashboard.services.companies import delete_company
from dashboard.vocabulary.analytics import Basis, ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.roles import Role
from tests.factories import make_company, make_key, make_source, make_user, password_hash, report
from tests.helpers import Program
from tests.reference import translation
from tests.reference.translation import Row, instant, read_row

OUTSIDER = "outsider"  # a company beside the data set: whoever belongs to none of its companies asks with its key
ANALYTICS: Any = AnalyticsRecord.__table__


@dataclass(frozen=True)
class World:
    """A data set as the store holds it; companies go by the recordings' names, `c1` to `c4`."""

    app: Flask
    name: str
    now: datetime
    companies: dict[str, CompanyRef]
    api_keys: dict[str, str]
    sources: dict[str, int]
    secrets: dict[str, str]
    members: dict[str, dict[str, Role]]  # address → company → role
    rows: dict[str, Row]  # by the recordings' ids

    @property
    def engines(self) -> Engines:
        engines: Engines = self.app.extensions["engines"]
        return engines

    @property
    def company_ids(self) -> str:
        """The ids of the companies, for a statement."""
        return ", ".join(str(company.id) for company in self.companies.values())

    @property
    def slugs(self) -> dict[str, str]:
        return {key: company.slug for key, company in self.companies.items()}

    def rows_of(self, company: str) -> list[Row]:
        """Return a company's rows in the order in which they were made."""
        return [row for row in self.rows.values() if row.company == company]

    def homes(self, identity: dict[str, Any]) -> dict[str, Role]:
        """Return the companies that a signed-in person belongs to; letters' case in an address does not matter."""
        return self.members.get(identity.get("email", "").lower(), {})

    def key_for(self, identity: dict[str, Any] | None, asked: str = "") -> str | None:
        """Return the API key with which that person's program asks: of the company asked about, if it may."""
        if identity is None:
            return None
        homes = self.homes(identity)
        asked = asked.removeprefix("@")
        return self.api_keys[asked if asked in homes else next(iter(homes), OUTSIDER)]

    def program(self, identity: dict[str, Any] | None, asked: Any = "") -> Program:
        """Return the program of that person."""
        return Program(self.app, self.key_for(identity, asked if isinstance(asked, str) else ""))

    def get(self, identity: dict[str, Any] | None, path: str, arguments: dict[str, Any]) -> TestResponse:
        """Ask with arguments of the recordings."""
        query = {name: self.bound(translation.written(value)) for name, value in arguments.items()}
        return self.program(identity, arguments.get("companyId")).get(path, **query)

    def bound(self, text: str) -> str:
        """Return text of the recordings with our companies in it."""
        return translation.bound(text, self.slugs)

    def stored(self, basis: Basis = Basis.SENT) -> dict[tuple[str, ...], Row]:
        """Return the rows in the store by what they are about; both time bases hold the same."""
        names = {company.id: key for key, company in self.companies.items()}
        statement = (
            f"SELECT company_id, type, resource_key, day, created_at, updated_at, {', '.join(translation.SIX)} "
            f"FROM analytics WHERE company_id IN ({self.company_ids}) AND basis = :basis"
        )
        with self.engines[Mode.READ].connect() as connection:
            found = sql.run(connection, statement, basis=basis.value).all()
        rows = [
            Row(names[company_id], kind, key, str(day), tuple(counts), sql.as_instant(made), sql.as_instant(updated))
            for company_id, kind, key, day, made, updated, *counts in found
        ]
        return {row.name: row for row in rows}


def make_world(app: Flask, document: dict[str, Any]) -> World:
    """Make a data set in the store, its name in the slugs of its companies."""
    name, documents = document["name"], document["analytics"]
    rows = {row.name: (one["key"], row) for one in documents for row in [read_row(one)]}  # of one key the last stands
    world = World(app, name, instant(document["now"]), {}, {}, {}, {}, {}, dict(rows.values()))
    for one in document["companies"]:
        _make_company(world, one["key"], one["settings"]["timezone"], instant(one["createdAt"]))
    _make_company(world, OUTSIDER, "UTC", world.now)
    for one in document["users"]:
        _make_person(world, one)
    for key in world.companies:
        _report(world, key)
    for one in document["companies"]:
        if one.get("deletedAfterLoad"):
            _delete(world, one["key"])
    return world


def _make_company(world: World, key: str, timezone: str, now: datetime) -> None:
    """Make a company whose every way in writes to one source, as in the recordings."""
    company = make_company(world.engines, f"{world.name}-{key}", now, timezone)
    source_id, shared = make_source(world.engines, world.app.extensions["vault"], company)
    world.companies[key] = company
    world.sources[key] = source_id
    world.secrets[key] = shared.secret
    world.api_keys[key] = make_key(world.engines, company, now, source_id=source_id)


def _make_person(world: World, one: dict[str, Any]) -> None:
    """Make a person and the membership; a second record of one address is one more membership."""
    email, company, now = one["email"], one.get("companyId", "").removeprefix("@"), instant(one["createdAt"])
    if not email:
        return  # nobody is known by an empty address
    homes = world.members.setdefault(email.lower(), {})
    if company:
        homes[company] = Role.named(one["role"])
        make_user(world.engines, world.companies[company], email, homes[company], now)
        return
    with open_session(world.engines, Mode.WRITE, directory=True) as session:
        session.add(User(email=email.lower(), name=one["name"], password_hash=password_hash()))
        session.commit()


def _report(world: World, key: str) -> None:
    """Set the company's numbers in the order of the recordings, and the instants at which they were set."""
    rows = world.rows_of(key)
    if not rows:
        return
    report(world.engines, world.companies[key], world.sources[key], *map(numbers_of, rows), now=world.now)
    names = ("company_id", "type", "resource_key", "day")
    where = [ANALYTICS.c[name] == sa.bindparam(f"the_{name}") for name in names]
    update = ANALYTICS.update().where(*where)
    values = [
        {f"the_{name}": value for name, value in zip(names, _place(world, row), strict=True)}
        | {"created_at": row.created_at, "updated_at": row.updated_at}
        for row in rows
    ]
    with world.engines[Mode.WRITE].begin() as connection:
        connection.execute(update, values)


def _place(world: World, row: Row) -> tuple[object, ...]:
    return (world.companies[row.company].id, ResourceType(row.type), row.key, translation.day(row.day))


def numbers_of(row: Row) -> ReportedNumbers:
    """Return the row as our services take it."""
    return ReportedNumbers(ResourceType(row.type), row.key, translation.day(row.day), Metrics(*row.metrics))


def _delete(world: World, key: str) -> None:
    company_id = world.companies[key].id
    with open_session(world.engines, Mode.WRITE, company_id) as session:
        delete_company(session, company_id)
        session.commit()
    for name in [name for name, row in world.rows.items() if row.company == key]:
        del world.rows[name]
