"""What campaigns sent today, each in its own time zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.models import Campaign

_MICROSECOND = 1_000_000


def list_sent_today(session: Session, company_id: int, campaigns: Sequence[Campaign], now: datetime) -> dict[UUID, int]:
    """Return how much each of the campaigns sent since midnight in its own time zone; one that sent nothing is missing.

    Messages are counted by their sent instant; what programs reported for that day is added. Two statements for
    each time zone among them.
    """
    zones: dict[str, list[UUID]] = defaultdict(list)
    for campaign in campaigns:
        zones[campaign.timezone].append(campaign.id)
    found: dict[UUID, int] = defaultdict(int)
    for zone, ids in zones.items():
        local = now.astimezone(ZoneInfo(zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)  # where it comes twice, the first
        for id_, count in _count(session, company_id, ids, int(midnight.timestamp()) * _MICROSECOND, local.date()):
            found[id_] += count
    return dict(found)


def _count(
    session: Session, company_id: int, ids: Sequence[UUID], since_us: int, today: date
) -> list[tuple[UUID, int]]:
    connection = tenancy.connection(session, company_id)
    names, values = sql.in_list([*ids], "id")
    chosen = f"k.company_id = :company_id AND k.type = 'campaign' AND k.campaign_id IN ({names})"
    messages = f"""
        SELECT k.campaign_id, COUNT(*) FROM resource_keys k CROSS JOIN messages m
        WHERE {chosen} AND m.company_id = k.company_id AND m.campaign = k.key AND m.sent_at_us >= :since
        GROUP BY k.campaign_id
    """
    reported = f"""
        SELECT k.campaign_id, SUM(a.sent) FROM resource_keys k CROSS JOIN analytics a
        WHERE {chosen} AND a.company_id = k.company_id AND a.basis = 'sent' AND a.type = 'campaign'
            AND a.resource_key = k.key AND a.day = :today AND a.origin = 'reported'
        GROUP BY k.campaign_id
    """
    rows: list[Any] = [*sql.run(connection, messages, company_id=company_id, since=since_us, **values)]
    rows += sql.run(connection, reported, company_id=company_id, today=today, **values)
    return [(id_, int(count)) for value, count in rows if (id_ := sql.as_id(value)) is not None]
