"""The ways in of a company."""

from __future__ import annotations

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql


def list_source_names(session: Session, company_id: int) -> dict[int, str]:
    """Return the names of the company's sources, deleted ones included because their numbers stay, by id."""
    rows = sql.run(
        tenancy.connection(session, company_id),
        "SELECT id, name FROM sources WHERE company_id = :company_id ORDER BY name",
        company_id=company_id,
    )
    return {row[0]: row[1] for row in rows}
