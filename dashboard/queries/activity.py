"""What was done to one thing, from the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit log."""

    id: UUID
    at: datetime
    actor: str
    action: str
    details: dict[str, Any]


def list_activity(
    session: Session, subject: tuple[str, str], *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Entry]:
    """Return what was done to a subject (type, key), the newest first."""
    statement = sa.select(AuditEntry).where(AuditEntry.subject_type == subject[0], AuditEntry.subject_key == subject[1])
    if after is not None:
        is_older = sa.or_(AuditEntry.at < after[0], sa.and_(AuditEntry.at == after[0], AuditEntry.id < after[1]))
        statement = statement.where(is_older)
    rows = session.scalars(statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit))
    return [Entry(row.id, row.at, row.actor, row.action, row.details) for row in rows]
