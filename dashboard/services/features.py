"""What a company switches on or off for itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.models import Company
from dashboard.services import audit, state


def set_feature(session: Session, company_id: int, feature: str, *, is_on: bool, actor: str, now: datetime) -> bool:
    """Switch a feature on or off; return whether that changed anything."""
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    company = session.get_one(Company, company_id)
    if (feature in company.features) is is_on:
        return False
    others = [one for one in company.features if one != feature]
    company.features = [*others, feature] if is_on else others
    audit.record(
        session, actor=actor, action=f"company.{feature}", subject=("company", company.slug), now=now, on=is_on
    )  # fmt: skip
    session.flush()  # the version is raised last
    state.raise_version(connection, company_id, now)
    return True
