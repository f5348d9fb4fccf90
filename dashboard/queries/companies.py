"""What a company has chosen for itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dashboard.models import Company
from dashboard.models.companies import PRIVACY


def is_private(session: Session, company_id: int) -> bool:
    """Say whether the company's pages show of a recipient only who receives their mail."""
    features = session.scalar(select(Company.features).where(Company.id == company_id))
    return PRIVACY in (features or ())
