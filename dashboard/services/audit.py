"""The audit log: one entry for each change, in the transaction that makes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dashboard.models import AuditEntry


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: tuple[str, str] = ("", ""),
    now: datetime,
    **details: object,
) -> None:
    """Write who did what to what; `subject` is (type, key), details are JSON values."""
    entry = AuditEntry(at=now, actor=actor, action=action, subject_type=subject[0], subject_key=subject[1])
    entry.details = details
    session.add(entry)
