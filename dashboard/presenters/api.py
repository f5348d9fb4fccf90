"""The shapes of the API's answers, in camelCase as in the seed; public fields only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from dashboard.queries.league import CampaignNumbers
from dashboard.queries.rows import Position
from dashboard.services.reported import Outcome, row_id
from dashboard.vocabulary.analytics import AnalyticsRow
from dashboard.vocabulary.metrics import COUNTERS, SIX, Metrics, camel


def encode(value: object) -> bytes:
    """Return the JSON text; a sum over many days may be a larger integer than orjson writes."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":")).encode()


def analytics(
    total: Metrics, page: Sequence[AnalyticsRow], period: Mapping[str, date], cursor: str | None, slug: str
) -> dict[str, Any]:
    """Return sums, one page of rows, the period as it was asked for, and where the next page begins."""
    return {
        "aggregated": {camel(name): total[name] for name in COUNTERS},
        "details": [row(one, slug) for one in page],
        "period": dict(period),
        "nextCursor": cursor,
    }


def row(one: AnalyticsRow, slug: str) -> dict[str, Any]:
    """Return one row."""
    return {
        "id": row_id((one.type, one.resource_key, one.day)),
        "companyId": slug,
        "type": one.type,
        "resourceId": one.resource_key,
        "date": one.day,
        "metrics": {name: one.metrics[name] for name in SIX},
    }


def campaign(one: CampaignNumbers) -> dict[str, Any]:
    """Return one campaign's sums and days."""
    return {
        "campaignId": one.campaign_id,
        "metrics": {name: one.metrics[name] for name in SIX},
        "dates": list(one.days),
    }


def outcome(one: Outcome) -> dict[str, str]:
    """Return what became of one update."""
    return {"id": one.id, "action": one.action}


def position(values: Sequence[Any]) -> Position:
    """Return the position that a cursor carried."""
    day, key, kind = values
    return Position(date.fromisoformat(day), key, kind)
