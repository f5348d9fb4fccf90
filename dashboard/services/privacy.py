"""Privacy: a company may choose that its pages show of recipients only who receives their mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.models import Company
from dashboard.models.companies import PRIVACY
from dashboard.services import audit, state


def set_privacy(session: Session, company_id: int, *, is_on: bool, actor: str, now: datetime) -> bool:
    """Switch privacy on or off; return whether that changed anything."""
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    company = session.get_one(Company, company_id)
    if (PRIVACY in company.features) is is_on:
        return False
    others = [one for one in company.features if one != PRIVACY]
    company.features = [*others, PRIVACY] if is_on else others
    audit.record(session, actor=actor, action="company.privacy", subject=("company", company.slug), now=now, on=is_on)
    session.flush()  # the version is raised last
    state.raise_version(connection, company_id, now)
    return True
