"""Of what the numbers of one resource are made: of each other type, what was counted for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.queries.resources import KINDS
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.metrics import SIX, Metrics

MOST = 50  # parts of a type that are shown; the rest stand together


@dataclass(frozen=True, slots=True)
class Part:
    """What was counted for one resource of another type; key None stands for all that are not shown."""

    key: str | None
    name: str | None
    metrics: Metrics


_TABLES = {
    ResourceType.CAMPAIGN: ("campaigns", "name"), ResourceType.TEMPLATE: ("templates", "name"),
    ResourceType.DOMAIN: ("domains", "name"), ResourceType.MAILBOX: ("mailboxes", "email"),
}  # fmt: skip


def list_parts(
    session: Session, company_id: int, kind: ResourceType, keys: Sequence[str], days: Days
) -> dict[ResourceType, list[Part]]:
    """Return the parts by each other type, most sent first: by send day, from events. One statement for each type."""
    if not keys:
        return {}
    others = [other for other in ResourceType if other is not kind]
    return {other: _list(session, company_id, kind, other, keys, days) for other in others}


def _list(
    session: Session, company_id: int, kind: ResourceType, other: ResourceType, keys: Sequence[str], days: Days
) -> list[Part]:
    names, values = sql.in_list([*keys], "key")
    name, join = "NULL", ""
    if other in KINDS:
        table, column = _TABLES[other]
        name = f"n.{column}"
        join = (
            f" LEFT JOIN resource_keys k ON k.company_id = :company_id AND k.type = '{other.value}' AND k.key = s.part"
            f" LEFT JOIN {table} n ON n.company_id = :company_id AND n.id = k.{other.value}_id"
        )
    rows: Sequence[Any] = sql.run(
        tenancy.connection(session, company_id),
        f"SELECT s.part, {name}, {', '.join(f's.{counter}' for counter in SIX)} FROM ("
        f"SELECT {other.value} AS part, {', '.join(f'SUM({counter}) AS {counter}' for counter in SIX)}"
        f" FROM analytics_breakdown WHERE company_id = :company_id AND {kind.value} IN ({names})"
        f" AND day BETWEEN :start AND :end GROUP BY {other.value}) s{join} ORDER BY s.sent DESC, s.part",
        company_id=company_id, start=days.start, end=days.end, **values,
    ).all()  # fmt: skip
    parts = [Part(key, title, Metrics(*map(int, counts))) for key, title, *counts in rows]
    rest = parts[MOST:]
    return parts[:MOST] + ([Part(None, None, Metrics.total(one.metrics for one in rest))] if rest else [])
