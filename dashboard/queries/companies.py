"""What a company has chosen for itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dashboard.models import Company
from dashboard.models.companies import PRIVACY


def is_private(session: Session, company_id: int) -> bool:
    """Say whether the company's pages show of a recipient only who receives their mail."""
    return has_feature(session, company_id, PRIVACY)


def has_feature(session: Session, company_id: int, feature: str) -> bool:
    """Say whether the company has switched something on."""
    features = session.scalar(select(Company.features).where(Company.id == company_id))
    return feature in (features or ())


def is_demo(session: Session, company_id: int) -> bool:
    """Say whether the company is one of the demo, whose names do not exist in the DNS."""
    return bool(session.scalar(select(Company.is_demo).where(Company.id == company_id)))
