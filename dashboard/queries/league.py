"""League tables: the resources of one type by what was sent, with their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.models import Campaign, Domain, Mailbox, Template
from dashboard.queries.totals import narrowing_clause, range_clause
from dashboard.vocabulary.analytics import AnalyticsFilter, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, SIX, Metrics


@dataclass(frozen=True, slots=True)
class Standing:
    """One resource's numbers over a range, and the name of the registered resource with that key, if there is one."""

    resource_key: str
    name: str | None
    status: str | None
    metrics: Metrics
    last_day: date


@dataclass(frozen=True, slots=True)
class CampaignNumbers:
    """One campaign's numbers over a range, and the days on which it has some, oldest first."""

    campaign_id: str
    metrics: Metrics
    days: tuple[date, ...]


def list_standings(session: Session, company_id: int, asked: AnalyticsFilter) -> list[Standing]:
    """Return every resource of the asked type with numbers in the range, most sent first, ties by key.

    Two statements: the sums, along the index over days, and the names of the resources.
    """
    where, values = range_clause(asked)
    where += narrowing_clause(asked, values)
    sums = ", ".join(f"SUM({name})" for name in SIX)
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"SELECT resource_key, MAX(day), {sums} FROM analytics WHERE company_id = :company_id AND {where} "
        "GROUP BY resource_key ORDER BY 3 DESC, 1",
        company_id=company_id,
        **values,
    ).all()
    names = find_names(session, asked.types[0], [row[0] for row in rows[:200]])
    nameless: tuple[str | None, str | None] = (None, None)
    return [_standing(key, names.get(key, nameless), counts, last) for key, last, *counts in rows]


def _standing(key: str, named: tuple[str | None, str | None], counts: list[Any], last: Any) -> Standing:
    name, status = named
    return Standing(key, name, status, Metrics(*map(int, counts)), sql.as_day(last))


def find_names(session: Session, kind: ResourceType, keys: list[str]) -> dict[str, tuple[str, str | None]]:
    """Return (name, status) of the registered resources of a type, by key."""
    columns = _NAMED.get(kind)
    if columns is None or not keys:
        return {}
    key, name, status = columns
    rows = session.execute(sa.select(key, name, status).where(key.in_(keys))).all()
    return {row[0]: (row[1], str(row[2]) if row[2] is not None else None) for row in rows}


_NAMED: dict[ResourceType, tuple[Any, Any, Any]] = {
    ResourceType.CAMPAIGN: (Campaign.key, Campaign.name, Campaign.status),
    ResourceType.TEMPLATE: (Template.key, Template.name, sa.null()),
    ResourceType.DOMAIN: (Domain.name, Domain.name, Domain.status),
    ResourceType.MAILBOX: (Mailbox.email, Mailbox.name, Mailbox.status),
}


def list_campaigns(session: Session, company_id: int, asked: AnalyticsFilter) -> list[CampaignNumbers]:
    """Return the numbers of each campaign that has some, by the newest day first, then by key.

    Sums are made in Python integers: a range without bounds has no largest sum.
    """
    where, values = range_clause(asked)
    where += narrowing_clause(asked, values)
    sums = ", ".join(f"SUM({name})" for name in COUNTERS)
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"SELECT resource_key, day, {sums} FROM analytics WHERE company_id = :company_id AND {where} "
        "GROUP BY resource_key, day ORDER BY resource_key, day",
        company_id=company_id,
        **values,
    )
    found: dict[str, tuple[list[Metrics], list[date]]] = {}
    for key, day, *counts in rows:
        metrics, days = found.setdefault(key, ([], []))
        metrics.append(Metrics(*map(int, counts)))
        days.append(sql.as_day(day))
    numbers = [CampaignNumbers(key, Metrics.total(metrics), tuple(days)) for key, (metrics, days) in found.items()]
    return sorted(numbers, key=lambda one: (-one.days[-1].toordinal(), one.campaign_id))
