"""Reads of recorded cases through the API, and what their answers must be."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.reference.recorded import Case
from tests.reference.translation import STATUSES, Row, read_row, shown, six, total
from tests.reference.worlds import World


def known(arguments: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the arguments; one that the reference does not know gets a name that we do not know either."""
    return {name if name in names else f"unknown-{name}": value for name, value in arguments.items()}


def check_refused(world: World, path: str, case: Case, arguments: dict[str, Any]) -> None:
    """Check a refusal. Whoever has no key hears only that, so such a case is asked without and with a key."""
    identity, kind = case["identity"], case["error"]["kind"]
    refused = world.get(identity, path, arguments)
    if identity is None:
        assert refused.status_code == 401
        if kind != "unauthenticated":
            check_refused(world, path, case | {"identity": a_member(world)}, arguments)
    elif "companyId" not in arguments:
        check_own_company(world, refused, path, identity, arguments)
    elif kind == "validation" and not is_a_company(world, arguments["companyId"]):
        assert refused.status_code == 403, refused.text[:300]  # not the key's company, whatever else it is
    else:
        assert refused.status_code in STATUSES[kind], refused.text[:300]


def check_own_company(
    world: World, answer: TestResponse, path: str, identity: dict[str, Any], arguments: dict[str, Any]
) -> None:
    """Check that without a companyId the key's own company answers."""
    home = next(iter(world.homes(identity)))
    named = world.get(identity, path, arguments | {"companyId": f"@{home}"})
    assert (answer.status_code, named.status_code) == (200, 200)
    assert answer.json == named.json


def check_invalid(response: TestResponse, *paths: str) -> None:
    """Check that the answer refuses fields and names them."""
    assert response.status_code == 422, response.text[:300]
    assert set(paths) <= {fault["path"] for fault in response.json["fields"]}


def a_member(world: World) -> dict[str, str]:
    """Return somebody of the first company."""
    return {"email": next(email for email, homes in world.members.items() if "c1" in homes)}


def is_a_company(world: World, asked: Any) -> bool:
    return isinstance(asked, str) and asked.removeprefix("@") in world.companies


def rows_named(world: World, names: list[Any]) -> list[Row]:
    """Return the rows that a recorded answer holds, by id or in full."""
    return [read_row(name) if isinstance(name, dict) else world.rows[name.removeprefix("@")] for name in names]


def check_read(world: World, body: dict[str, Any], result: dict[str, Any]) -> None:
    """Check sums, rows and period of a read against a recorded answer."""
    rows = rows_named(world, result["details"])
    check_rows(body, rows)
    check_ids(world, body)
    assert total(rows) == six(result["aggregated"])
    assert body["period"] == bounds(result["period"])


def bounds(period: dict[str, str]) -> dict[str, str]:
    """Return the period of a recorded answer as we repeat it: an empty bound is no bound, and is left out."""
    return {name: day for name, day in period.items() if day}


def check_rows(body: dict[str, Any], rows: list[Row]) -> None:
    """Check that a read answers with exactly these rows, by day, key and type, and with their sums."""
    assert shown(body["details"]) == sorted(row.shown for row in rows)
    assert six(body["aggregated"]) == total(rows)


def check_ids(world: World, body: dict[str, Any]) -> None:
    """Check that each row has an id of its own and names its company."""
    details = body["details"]
    assert len({one["id"] for one in details}) == len(details)
    assert len({one["companyId"] for one in details} & set(world.slugs.values())) == min(1, len(details))


def selected(world: World, arguments: dict[str, Any]) -> list[Row]:
    """Return the rows of the data set that a read with these arguments asks for."""
    start, end = arguments.get("startDate") or "0", arguments.get("endDate") or "9"
    kind, company = arguments.get("type"), arguments["companyId"].removeprefix("@")
    return [row for row in world.rows_of(company) if start <= row.day <= end and kind in {None, row.type}]
