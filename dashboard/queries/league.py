"""League tables: the resources of one type by what was sent, with their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.queries.totals import narrowing_clause, range_clause
from dashboard.vocabulary.analytics import AnalyticsFilter, Days, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, SIX, Metrics


@dataclass(frozen=True, slots=True)
class Standing:
    """One resource's numbers over a range; a registered resource with all its keys is one, under its own key."""

    resource_key: str
    name: str | None
    status: str | None
    metrics: Metrics
    last_day: date
    resource_id: UUID | None = None
    is_open_tracked: bool = True
    is_click_tracked: bool = True

    def with_more(self, metrics: Metrics, last_day: date) -> Standing:
        """Return it with the numbers of a further key."""
        return replace(self, metrics=self.metrics + metrics, last_day=max(self.last_day, last_day))


@dataclass(frozen=True, slots=True)
class CampaignNumbers:
    """One campaign's numbers over a range, and the days on which it has some, oldest first."""

    campaign_id: str
    metrics: Metrics
    days: tuple[date, ...]


WINDOW_DAYS = 92  # up to here the index over days beats the key, which leads through a resource's whole history

# Type → (table, column of its own key, name, status, whether opens and clicks are tracked) of what can be registered.
_NAMED = {
    ResourceType.CAMPAIGN: ("campaigns", "key", "n.name", "n.status", "n.track_opens, n.track_clicks"),
    ResourceType.TEMPLATE: ("templates", "key", "n.name", "NULL", "NULL, NULL"),
    ResourceType.DOMAIN: ("domains", "name", "n.name", "n.status", "NULL, NULL"),
    ResourceType.MAILBOX: ("mailboxes", "email", "n.name", "n.status", "NULL, NULL"),
}


def list_standings(session: Session, company_id: int, asked: AnalyticsFilter) -> list[Standing]:
    """Return every resource of the asked type with numbers in the range, most sent first, ties by key.

    One statement: the sums along the index over days, or along the key, joined with the names of the resources.
    What was counted under several keys of one resource is added here.
    """
    where, values = range_clause(asked)
    where += narrowing_clause(asked, values)
    sums = ", ".join(f"SUM({name}) AS {name}" for name in SIX)
    naming, join = _naming(asked.types[0])
    # An expression is not in the order of the key, for the sake of which SQLite would pass the index by.
    key = "resource_key || ''" if _is_window(asked) else "resource_key"
    statement = f"""
        SELECT s.resource_key, {naming}, s.last_day, {", ".join(f"s.{counter}" for counter in SIX)} FROM (
            SELECT {key} AS resource_key, MAX(day) AS last_day, {sums} FROM analytics
            WHERE company_id = :company_id AND {where} GROUP BY 1) AS s {join}
    """
    rows = sql.run(tenancy.connection(session, company_id), statement, company_id=company_id, **values)
    return sorted(_merge(rows), key=lambda one: (-one.metrics.sent, one.resource_key))


def _merge(rows: Iterable[Any]) -> list[Standing]:
    """Add the rows of each resource."""
    found: dict[object, Standing] = {}
    for key, id_, own_key, name, status, opens, clicks, last, *counts in rows:
        metrics, last_day = Metrics(*map(int, counts)), sql.as_day(last)
        known = found.get(id_ or key)
        if known is not None:
            found[id_ or key] = known.with_more(metrics, last_day)
            continue
        found[id_ or key] = Standing(
            own_key or key, name, status, metrics, last_day, sql.as_id(id_), opens in {None, 1}, clicks in {None, 1}
        )
    return list(found.values())


def _is_window(asked: AnalyticsFilter) -> bool:
    """Say whether all resources are asked for over few days."""
    if asked.resource_key is not None or asked.start is None or asked.end is None:
        return False
    return len(Days(asked.start, asked.end)) <= WINDOW_DAYS


def _naming(kind: ResourceType) -> tuple[str, str]:
    """Return the columns of id, own key, name, status and tracking, and the join that brings them."""
    if kind not in _NAMED:
        return "NULL, NULL, NULL, NULL, NULL, NULL", ""
    table, key, name, status, tracking = _NAMED[kind]
    join = (
        f"LEFT JOIN resource_keys k ON k.company_id = :company_id AND k.type = '{kind.value}'"
        " AND k.key = s.resource_key"
        f" LEFT JOIN {table} n ON n.company_id = :company_id AND n.id = k.{kind.value}_id"
    )
    return f"n.id, n.{key}, {name}, {status}, {tracking}", join


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
