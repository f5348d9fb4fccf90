"""The shapes of resources in the API's answers, in camelCase."""

from __future__ import annotations

from typing import Any

from dashboard.models import Campaign
from dashboard.models.resources import Registered


def common(row: Registered) -> dict[str, Any]:
    """Return what all resources have; instants are in UTC."""
    return {
        "id": str(row.id),
        "key": row.resource_key,
        "archivedAt": row.archived_at.isoformat() if row.archived_at else None,
        "revision": row.revision,
        "createdAt": row.created_at.isoformat(),
        "updatedAt": row.updated_at.isoformat(),
    }


def campaign(row: Campaign) -> dict[str, Any]:
    """Return a campaign."""
    chosen = {
        "dailyLimit": row.daily_limit, "timezone": row.timezone, "trackOpens": row.track_opens,
        "trackClicks": row.track_clicks,
    }  # fmt: skip
    return common(row) | {"name": row.name, "status": row.status.value, "settings": chosen}
