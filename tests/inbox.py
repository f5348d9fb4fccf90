"""What tests of the inbox share: generic events, deliveries put straight into the inbox, and reading the rollups."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.models.inbox import DeliveryState
from dashboard.services import counting, inbox
from dashboard.vocabulary.metrics import COUNTERS
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.sources import ReceivedDelivery

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(minutes: float = 0, **more: float) -> str:
    """Return the instant so long after ten o'clock of the tests' day."""
    return (NOON - timedelta(hours=2) + timedelta(minutes=minutes, **more)).isoformat()


def told(kind: str, message: str = "m1", when: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a generic event about a message of the spring campaign."""
    event = {
        "type": kind, "at": when or at(), "message_id": message, "recipient": "bo@gmail.com", "campaign_id": "spring",
        "template_id": "welcome", "mailbox": "news@acme.test", "domain": "acme.test",
    }  # fmt: skip
    return {name: value for name, value in (event | fields).items() if value is not None}


def put(
    engines: Engines, company: CompanyRef, source_id: int, *events: dict[str, Any],
    body: bytes | None = None, received_at: datetime = NOON, state: DeliveryState = DeliveryState.PENDING,
) -> Any:  # fmt: skip
    """Put a delivery into the inbox as if it had been checked; return its id."""
    raw = json.dumps({"events": events}).encode() if body is None else body
    delivery = ReceivedDelivery(raw, {"content-type": "application/json"}, received_at)
    with engines[Mode.WRITE].begin() as connection:
        return inbox.insert(connection, company.id, source_id, delivery, state=state)


def count(engines: Engines, company: CompanyRef, now: datetime = NOON) -> int:
    """Count all that waits."""
    return counting.count_company(engines, company, "test", lambda: now, lambda: True)


def rollups(engines: Engines, company: CompanyRef) -> dict[tuple[Any, ...], dict[str, int]]:
    """Return every event-derived row that is not nothing: (basis, type, key, day) → counters that are not 0."""
    return _read(engines, company, "analytics", ("basis", "type", "resource_key", "day", "source_id"))


def totals(engines: Engines, company: CompanyRef) -> dict[tuple[Any, ...], dict[str, int]]:
    """Return the totals likewise: (basis, type, day) → counters."""
    return _read(engines, company, "analytics_totals", ("basis", "type", "day"))


def _read(
    engines: Engines, company: CompanyRef, table: str, key: Iterable[str]
) -> dict[tuple[Any, ...], dict[str, int]]:
    names = list(key)
    with engines[Mode.READ].begin() as connection:
        rows = sql.run(
            connection,
            f"SELECT {', '.join(names)}, {', '.join(COUNTERS)} FROM {table}"
            " WHERE company_id = :company_id AND origin = 'events'",
            company_id=company.id,
        ).all()
    found = {}
    for row in rows:
        counters = {name: count for name, count in zip(COUNTERS, row[len(names) :], strict=True) if count}
        found[tuple(str(part) for part in row[: len(names)])] = counters
    return found


def by(engines: Engines, company: CompanyRef, basis: str = "sent", kind: str = "campaign") -> dict[str, dict[str, int]]:
    """Return the totals of one basis and type: day → counters."""
    return {
        key[2]: counters for key, counters in totals(engines, company).items() if key[0] == basis and key[1] == kind
    }


def deliveries(engines: Engines, company: CompanyRef) -> list[tuple[Any, ...]]:
    """Return state, reason, new, duplicate, ignored, unreadable and late of each delivery, oldest first."""
    with engines[Mode.READ].begin() as connection:
        rows = sql.run(
            connection,
            "SELECT state, reason, new_count, duplicate_count, ignored_count, unreadable_count, late_count"
            " FROM deliveries WHERE company_id = :company_id ORDER BY received_at, id",
            company_id=company.id,
        )
        return [tuple(row) for row in rows]


def check_invariants(engines: Engines, company: CompanyRef) -> None:
    """Check what must hold of every row and total."""
    rows, sums = rollups(engines, company), totals(engines, company)
    added: dict[tuple[str, ...], dict[str, int]] = {}
    for (basis, kind, _key, day, _source), counters in rows.items():
        assert counters, "a row of nothing"
        for name, number in counters.items():
            total = added.setdefault((basis, kind, day), {})
            total[name] = total.get(name, 0) + number
    assert added == sums
    for (basis, kind, day), counters in sums.items():
        assert counters == sums[basis, "campaign", day], f"{kind} differs from campaign"
    for key, counters in rows.items():
        if key[0] == "sent":
            c = {name: counters.get(name, 0) for name in COUNTERS}
            assert 0 <= c["opened"] <= c["delivered"] <= c["sent"]
            assert c["delivered"] + c["bounced"] <= c["sent"]
            assert c["hard_bounced"] + c["soft_bounced"] == c["bounced"]
