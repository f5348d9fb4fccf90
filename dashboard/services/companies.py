"""Ending a company: all that belongs to it goes, in one transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.models import Base


def delete_company(session: Session, company_id: int) -> list[str]:
    """Delete a company with everything in it, and the people who belong to no other company.

    Tables are emptied in the reverse order of their references. Returns the keys of its files in the storage, which
    are to be deleted there after the commit.
    """
    connection = tenancy.connection(session, company_id)
    stored = sql.run(connection, "SELECT storage_key FROM files WHERE company_id = :company_id", company_id=company_id)
    keys = [row[0] for row in stored]
    people = [
        row[0]
        for row in sql.run(
            connection,
            "SELECT user_id FROM memberships WHERE company_id = :company_id",
            company_id=company_id,
        )
    ]
    for table in reversed(Base.metadata.sorted_tables):
        if "company_id" in table.c:
            statement = f"DELETE FROM {table.name} WHERE company_id = :company_id"
            sql.run(connection, statement, company_id=company_id)
    sql.run(connection, "DELETE FROM companies WHERE id = :company_id", company_id=company_id)
    for user_id in people:
        sql.run(
            connection,
            "DELETE FROM users WHERE id = :user_id AND NOT EXISTS (SELECT 1 FROM memberships WHERE user_id = :user_id)",
            user_id=user_id,
        )
    return keys
