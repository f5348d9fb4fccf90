"""Privacy: a company may choose that its pages show of recipients only who receives their mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dashboard.models.companies import PRIVACY
from dashboard.services.features import set_feature


def set_privacy(session: Session, company_id: int, *, is_on: bool, actor: str, now: datetime) -> bool:
    """Switch privacy on or off; return whether that changed anything."""
    return set_feature(session, company_id, PRIVACY, is_on=is_on, actor=actor, now=now)
