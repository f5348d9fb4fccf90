"""League tables: the resources of one type by what was sent, with their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.queries.totals import narrowing_clause, range_clause
from dashboard.vocabulary.analytics import AnalyticsFilter, Days, ResourceType
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


WINDOW_DAYS = 92  # up to here the index over days beats the key, which leads through a resource's whole history

# Type → (table, column of the key, name, status) of the resources that can be registered.
_NAMED = {
    ResourceType.CAMPAIGN: ("campaigns", "key", "n.name", "n.status"),
    ResourceType.TEMPLATE: ("templates", "key", "n.name", "NULL"),
    ResourceType.DOMAIN: ("domains", "name", "n.name", "n.status"),
    ResourceType.MAILBOX: ("mailboxes", "email", "n.name", "n.status"),
}


def list_standings(session: Session, company_id: int, asked: AnalyticsFilter) -> list[Standing]:
    """Return every resource of the asked type with numbers in the range, most sent first, ties by key.

    One statement: the sums along the index over days, or along the key, joined with the names of the resources.
    """
    where, values = range_clause(asked)
    where += narrowing_clause(asked, values)
    sums = ", ".join(f"SUM({name}) AS {name}" for name in SIX)
    name, status, join = _naming(asked.types[0])
    # An expression is not in the order of the key, for the sake of which SQLite would pass the index by.
    key = "resource_key || ''" if _is_window(asked) else "resource_key"
    statement = f"""
        SELECT s.resource_key, {name}, {status}, s.last_day, {", ".join(f"s.{counter}" for counter in SIX)} FROM (
            SELECT {key} AS resource_key, MAX(day) AS last_day, {sums} FROM analytics
            WHERE company_id = :company_id AND {where} GROUP BY 1) AS s {join}
        ORDER BY s.sent DESC, s.resource_key
    """
    rows = sql.run(tenancy.connection(session, company_id), statement, company_id=company_id, **values)
    return [
        Standing(key, name, status, Metrics(*map(int, counts)), sql.as_day(last))
        for key, name, status, last, *counts in rows
    ]


def _is_window(asked: AnalyticsFilter) -> bool:
    """Say whether all resources are asked for over few days."""
    if asked.resource_key is not None or asked.start is None or asked.end is None:
        return False
    return len(Days(asked.start, asked.end)) <= WINDOW_DAYS


def _naming(kind: ResourceType) -> tuple[str, str, str]:
    """Return the columns of name and status, and the join that brings them."""
    if kind not in _NAMED:
        return "NULL", "NULL", ""
    table, key, name, status = _NAMED[kind]
    return name, status, f"LEFT JOIN {table} n ON n.company_id = :company_id AND n.{key} = s.resource_key"


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
