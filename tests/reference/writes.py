"""Writes of recorded cases, and what the store must hold after each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.test import TestResponse

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.queries.verification import find_difference
from dashboard.vocabulary.analytics import Basis
from dashboard.vocabulary.metrics import MAX_COUNT
from tests.reference import reads
from tests.reference.translation import STATUSES, Row, number, read_row, sent_key, six, total
from tests.reference.worlds import World

Name = tuple[str, str, str, str]  # company, type, key, day


class Ledger:
    """The rows that the store must hold, and the ids by which answers named them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: dict[Name, Row] = {row.name: row for row in world.rows.values()}
        self._ids: dict[Name, str] = {}
        self._names: dict[tuple[str, str], Name] = {}  # by company and id

    def apply(self, changes: list[dict[str, Any]]) -> dict[Name, str]:
        """Take over recorded changes; return what each is called: a key that we hold already is updated."""
        actions = {}
        for change in changes:
            row = read_row(change["doc"])
            known = self.rows.get(row.name)
            actions[row.name] = "updated" if known else "created"
            self.rows[row.name] = replace(row, created_at=known.created_at) if known else row
        return actions

    def set(self, element: dict[str, Any], now: datetime) -> None:
        """Take over what a body of the recordings sets."""
        milliseconds = int(now.timestamp() * 1000)
        self.apply([{"doc": element | {"createdAt": milliseconds, "updatedAt": milliseconds}}])

    def name(self, name: Name, row_id: str) -> None:
        """Note the id of an answer; a row keeps its id, and no other row of its company has it."""
        assert self._ids.setdefault(name, row_id) == row_id
        assert self._names.setdefault((name[0], row_id), name) == name

    def check(self) -> None:
        """Check every row of the store, their instants included."""
        assert self.world.stored() == self.rows

    def of(self, company: str) -> list[Row]:
        return [row for row in self.rows.values() if row.company == company]

    def check_totals(self) -> None:
        """Check that both time bases hold the same, and that the totals of each company are sums of its rows."""
        assert self.world.stored(Basis.EVENT) == self.rows
        for key in {row.company for row in self.rows.values()}:
            company_id = self.world.companies[key].id
            with open_session(self.world.engines, Mode.READ, company_id) as session:
                assert find_difference(session, company_id) is None, key

    def check_answer(self, recorded: dict[str, Any] | None, company: str = "c1") -> None:
        """Check what the API reads now: the rows that must be there, their ids, and the recorded sums."""
        home = {"email": next(email for email, homes in self.world.members.items() if company in homes)}
        answer = self.world.get(home, "/api/analytics", {"companyId": f"@{company}"})
        reads.check_rows(answer.json, self.of(company))
        for one in answer.json["details"]:
            self.name((company, one["type"], one["resourceId"], one["date"]), one["id"])
        if recorded is not None:
            assert (total(self.of(company)), len(self.of(company))) == (six(recorded["aggregated"]), recorded["rows"])


def body_of(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a write: our company's slug, keys as they are sent, and numbers that JSON lacks."""
    body: dict[str, Any] = number(arguments)
    company, key = arguments.get("companyId"), arguments.get("resourceId")
    body |= {"companyId": world.bound(company)} if isinstance(company, str) else {}
    body |= {"resourceId": sent_key(key)} if isinstance(key, str) else {}
    if isinstance(body.get("updates"), list):
        body["updates"] = [body_of(world, one) for one in arguments["updates"]]
    return body


def check_refused(world: World, response: TestResponse, identity: Any, company: Any, kind: str) -> None:
    """Check the status of a refused write; whoever names a company that is not the key's hears 403."""
    if identity is not None and kind == "validation" and not reads.is_a_company(world, company):
        assert response.status_code == 403, response.text[:300]
    else:
        assert response.status_code in STATUSES[kind], response.text[:300]


def is_countable(metrics: dict[str, Any]) -> bool:
    """Say whether all counts are whole numbers that every JSON reader keeps exactly."""
    return all(type(count) is int and 0 <= count <= MAX_COUNT for count in metrics.values())
