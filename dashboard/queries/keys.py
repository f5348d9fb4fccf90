"""Resource keys: which resource a key names, what other keys it has, and keys seen in mail that name nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.models import AnalyticsRecord, ResourceKey
from dashboard.queries.resources import KINDS
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, Days, ResourceType
from dashboard.vocabulary.metrics import SIX, Metrics

UNREGISTERED_DAYS = 90  # so far back it is looked for keys that name nothing
MOST_UNREGISTERED = 1_000


@dataclass(frozen=True, slots=True)
class UnregisteredKey:
    """A key that mail was counted under and that names no resource."""

    key: str
    metrics: Metrics
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ResourceNumbers:
    """What was counted under all keys of a resource."""

    metrics: Metrics
    last_day: date | None  # of all time


def find_owner(session: Session, kind: ResourceType, key: str) -> UUID | None:
    """Return the id of the resource that the key names."""
    if kind not in KINDS:
        return None
    column = KINDS[kind].key_column
    return session.scalar(sa.select(column).where(ResourceKey.type == kind, ResourceKey.key == key))


def list_keys(session: Session, kind: ResourceType, id_: UUID) -> list[ResourceKey]:
    """Return all keys of a resource, the oldest first."""
    statement = sa.select(ResourceKey).where(ResourceKey.type == kind, KINDS[kind].key_column == id_)
    return list(session.scalars(statement.order_by(ResourceKey.added_at, ResourceKey.key)))


def with_all_keys(session: Session, asked: AnalyticsFilter) -> AnalyticsFilter:
    """Return the filter with all keys of the resource that its key names, so that none of its mail is left out."""
    if not asked.resource_key or asked.type is None:
        return asked
    owner = find_owner(session, asked.type, asked.resource_key)
    if owner is None:
        return asked
    others = [one.key for one in list_keys(session, asked.type, owner) if one.key != asked.resource_key]
    return replace(asked, other_keys=tuple(others))


def is_counted(session: Session, kind: ResourceType, keys: Collection[str]) -> bool:
    """Say whether mail was counted under one of the keys."""
    statement = sa.select(AnalyticsRecord.day).where(
        AnalyticsRecord.type == kind, AnalyticsRecord.resource_key.in_(keys)
    )
    return session.scalar(statement.where(AnalyticsRecord.basis.in_(list(Basis))).limit(1)) is not None


def get_numbers(
    session: Session, company_id: int, kind: ResourceType, ids: Collection[UUID], days: Days
) -> dict[UUID, ResourceNumbers]:
    """Return the six counts of each of the resources over the days, by send day, and the last day with mail.

    Two statements along the key of `analytics` (SQLite joins in the order in which CROSS JOIN names the tables); a
    resource without mail is missing.
    """
    if not ids:
        return {}
    connection, column = tenancy.connection(session, company_id), f"{kind.value}_id"
    names, values = sql.in_list([*ids], "id")
    joined = f"""
        FROM resource_keys k CROSS JOIN analytics a
        WHERE k.company_id = :company_id AND k.type = :type AND k.{column} IN ({names})
            AND a.company_id = k.company_id AND a.basis = 'sent' AND a.type = k.type AND a.resource_key = k.key
    """
    last = sql.run(
        connection,
        f"SELECT k.{column}, MAX(a.day) {joined} GROUP BY 1",
        company_id=company_id,
        type=kind.value,
        **values,
    ).all()
    sums = sql.run(
        connection,
        f"SELECT k.{column}, {', '.join(f'SUM(a.{name})' for name in SIX)} {joined}"
        " AND a.day BETWEEN :start AND :end GROUP BY 1",
        company_id=company_id, type=kind.value, start=days.start, end=days.end, **values,
    )  # fmt: skip
    found: dict[UUID | None, Metrics] = {sql.as_id(id_): Metrics(*map(int, counts)) for id_, *counts in sums}
    pairs = [(sql.as_id(id_), sql.as_day(day)) for id_, day in last]
    return {id_: ResourceNumbers(found.get(id_, Metrics()), day) for id_, day in pairs if id_ is not None}


def list_unregistered(
    session: Session, company_id: int, kind: ResourceType, days: Days, *, limit: int = MOST_UNREGISTERED
) -> list[UnregisteredKey]:
    """Return the keys with mail in the days that name nothing, most sent first."""
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"""
        SELECT s.* FROM (
            SELECT resource_key || '' AS resource_key, MIN(day) AS first_day, MAX(day) AS last_day,
                {", ".join(f"SUM({name}) AS {name}" for name in SIX)}
            FROM analytics WHERE company_id = :company_id AND basis = 'sent' AND type = :type
                AND day BETWEEN :start AND :end AND resource_key <> '' GROUP BY 1) AS s
        WHERE NOT EXISTS (SELECT 1 FROM resource_keys k WHERE k.company_id = :company_id AND k.type = :type
            AND k.key = s.resource_key)
        ORDER BY s.sent DESC, s.resource_key LIMIT :limit
        """,
        company_id=company_id, type=kind.value, start=days.start, end=days.end, limit=limit,
    )  # fmt: skip
    return [
        UnregisteredKey(key, Metrics(*map(int, counts)), sql.as_day(first), sql.as_day(last))
        for key, first, last, *counts in rows
    ]
