"""The shapes of resources in the API's answers, in camelCase."""

from __future__ import annotations

from typing import Any

from dashboard.counting.allowances import Allowance
from dashboard.models import Campaign, Domain, Mailbox, Template
from dashboard.models.resources import Registered
from dashboard.presenters.domains import RecordRow


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


def template(row: Template) -> dict[str, Any]:
    """Return a template as it stands in a list, without its long texts."""
    return common(row) | {
        "name": row.name, "subject": row.subject, "category": row.category, "variables": list(row.variables),
        "active": row.is_active, "version": row.version,
    }  # fmt: skip


def template_texts(row: Template) -> dict[str, Any]:
    """Return the long texts of a template."""
    return {"content": row.content, "text": row.text}


def domain(row: Domain) -> dict[str, Any]:
    """Return a domain; its state follows from its checks."""
    chosen = {
        "selectors": row.config.get("selectors", {}), "returnPaths": row.config.get("return_path", {}),
        "tracking": row.config.get("tracking", {}),
    }  # fmt: skip
    return common(row) | {
        "name": row.name, "status": row.status.value, "providers": list(row.providers), "config": chosen,
        "tracksReplies": row.tracks_replies, "checkedAt": row.checked_at.isoformat() if row.checked_at else None,
    }  # fmt: skip


def domain_record(row: RecordRow) -> dict[str, Any]:
    """Return a record to publish, and what was found; an empty value is known to the provider only."""
    record = row.record
    return {
        "kind": record.kind.value, "type": record.type, "host": record.host, "value": row.value,
        "provider": record.provider, "required": record.is_required, "status": row.standing.code,
        "sentence": row.sentence, "found": list(row.found),
    }  # fmt: skip


def mailbox(row: Mailbox) -> dict[str, Any]:
    """Return a mailbox; a warm-up that is switched off is null."""
    plan = row.warm_up if row.is_warming_up else None
    since = row.warm_up_since.isoformat() if row.is_warming_up and row.warm_up_since else None
    return common(row) | {
        "email": row.email, "name": row.name, "status": row.status.value, "dailyLimit": row.daily_limit,
        "tracksReplies": row.tracks_replies, "warmUp": plan, "warmUpSince": since,
    }  # fmt: skip


def allowance(found: Allowance) -> dict[str, Any]:
    """Return what a mailbox may send today, and why."""
    return {"today": found.today, "sent": found.sent, "reason": found.reason, "health": found.health.state.value}
