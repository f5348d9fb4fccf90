"""A store that holds the data sets of the recordings, and puts them back after what a case wrote."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import Flask

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.models import AnalyticsRecord, Base, CompanyState, TotalsRecord
from tests.conftest import Clock, empty_tables
from tests.reference import recorded
from tests.reference.worlds import World, make_world

Tables = dict[str, list[dict[str, Any]]]
Numbers = dict[str, dict[tuple[Any, ...], dict[str, Any]]]  # rows as the driver reads them, by table and values

NUMBERS: list[Any] = [model.__table__ for model in (AnalyticsRecord, TotalsRecord, CompanyState)]
FILLED_BY_REQUESTS = ("deliveries", "webhook_ids", "idempotency_keys")


@dataclass(frozen=True)
class Loaded:
    """What was made in an app's store, kept so that it is made once."""

    worlds: dict[str, World]
    tables: Tables
    numbers: dict[str, Numbers]  # by data set


Kept = dict[Flask, Loaded]


class Stage:
    """One store with every data set; `show` and `fresh` hand one out, for reading and for writing."""

    def __init__(self, app: Flask, kept: Kept) -> None:
        self.app = app
        self.engines: Engines = app.extensions["engines"]
        self.clock = Clock()
        app.extensions["clock"] = self.clock
        if app in kept:
            _fill(self.engines, kept[app].tables)
        else:
            kept[app] = _load(app)
        self._loaded = kept[app]
        self._touched: set[str] = set()
        self._replaced = count(1)

    def show(self, name: str) -> World:
        """Return a data set for reading."""
        return self.fresh(name, is_for_writing=False)

    def fresh(self, name: str, *, is_for_writing: bool = True) -> World:
        """Return a data set as recorded, whatever was written before."""
        world = self._loaded.worlds[name]
        if name in self._touched:
            _put_back(world, self._loaded.numbers[name])
            self._touched.remove(name)
        if is_for_writing:
            self._touched.add(name)
        self.clock.now = world.now
        return world

    def replaced(self, name: str, analytics: list[dict[str, Any]]) -> World:
        """Return a data set with other rows in place of its own, and companies of its own, for the same people."""
        document = next(one for one in recorded.load("datasets.json")["datasets"] if one["name"] == name)
        members = [person for person in document["users"] if "companyId" in person]
        other = {"name": f"{name}-{next(self._replaced)}", "analytics": analytics, "users": members}
        world = make_world(self.app, document | other)
        self.clock.now = world.now
        return world

    def clear(self) -> None:
        """Empty the store."""
        empty_tables(self.engines)


def _load(app: Flask) -> Loaded:
    worlds = {one["name"]: make_world(app, one) for one in recorded.load("datasets.json")["datasets"]}
    numbers = {name: _read_numbers(world) for name, world in worlds.items()}
    with app.extensions["engines"][Mode.READ].connect() as connection:
        tables = {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in Base.metadata.sorted_tables
        }
    return Loaded(worlds, tables, numbers)


def _fill(engines: Engines, tables: Tables) -> None:
    with engines[Mode.WRITE].begin() as connection:
        for table in Base.metadata.sorted_tables:
            if tables[table.name]:
                connection.execute(table.insert(), tables[table.name])


def _read_numbers(world: World) -> Numbers:
    with world.engines[Mode.READ].connect() as connection:
        return {table.name: _read_rows(connection, table, world) for table in NUMBERS}


def _read_rows(connection: sa.Connection, table: Any, world: World) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows of a table that belong to the data set, as the driver reads them."""
    names = table.columns.keys()
    rows = sql.run(connection, f"SELECT {', '.join(names)} FROM {table.name} WHERE company_id IN ({world.company_ids})")
    return {tuple(row): dict(zip(names, row, strict=True)) for row in rows}


def _put_back(world: World, numbers: Numbers) -> None:
    """Undo what was written to a data set: its numbers row by row; what requests leave behind is emptied."""
    with world.engines[Mode.WRITE].begin() as connection:
        for table in NUMBERS:
            wanted, found = numbers[table.name], _read_rows(connection, table, world)
            same = " AND ".join(f"{column.name} = :{column.name}" for column in table.primary_key)
            for values in found.keys() - wanted.keys():
                key = {column.name: found[values][column.name] for column in table.primary_key}
                sql.run(connection, f"DELETE FROM {table.name} WHERE {same}", **key)
            names = table.columns.keys()
            insert = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
            sql.run_many(connection, insert, [wanted[values] for values in wanted.keys() - found.keys()])
        for name in FILLED_BY_REQUESTS:
            sql.run(connection, f"DELETE FROM {name}")
