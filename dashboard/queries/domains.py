"""Sending domains: their checks, and how much of their mail was complained about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.dns.kept import KeptFinding, from_document
from dashboard.models import Domain, DomainCheck
from dashboard.queries import totals
from dashboard.queries.keys import with_all_keys
from dashboard.vocabulary.analytics import AnalyticsFilter, Days, ResourceType

MIN_DELIVERED = 200  # below it a rate says nothing


def list_checks(
    session: Session, domain_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[DomainCheck]:
    """Return the kept checks of a domain, the newest first."""
    statement = sa.select(DomainCheck).where(DomainCheck.domain_id == domain_id)
    if after is not None:
        at, id_ = after
        is_same = sa.and_(DomainCheck.first_at == at, DomainCheck.id < id_)
        statement = statement.where(sa.or_(DomainCheck.first_at < at, is_same))
    return list(session.scalars(statement.order_by(DomainCheck.first_at.desc(), DomainCheck.id.desc()).limit(limit)))


def list_newest(session: Session, ids: Collection[UUID]) -> dict[UUID, DomainCheck]:
    """Return the newest kept check of each of the domains; those that were never checked are missing."""
    inner = sa.orm.aliased(DomainCheck)
    newest = sa.select(sa.func.max(inner.first_at)).where(
        inner.domain_id == DomainCheck.domain_id, inner.company_id == DomainCheck.company_id
    )
    statement = sa.select(DomainCheck).where(
        DomainCheck.domain_id.in_(ids), DomainCheck.first_at == newest.scalar_subquery()
    )
    return {row.domain_id: row for row in session.scalars(statement.order_by(DomainCheck.id))}


def findings_of(check: DomainCheck) -> list[KeptFinding]:
    """Return what was found."""
    return [from_document(one) for one in check.findings]


def get_complaint_rate(session: Session, company_id: int, domain: Domain, days: Days) -> float | None:
    """Return how much of the mail delivered in the days was complained about; None where there was too little."""
    asked = with_all_keys(session, AnalyticsFilter(type=ResourceType.DOMAIN, resource_key=domain.name))
    found = totals.get_sum(session, company_id, asked.within(days))
    return found.complained / found.delivered if found.delivered >= MIN_DELIVERED else None
