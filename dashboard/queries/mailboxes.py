"""What mailboxes sent day by day, under all their keys, and the domains they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.counting.allowances import HEALTH_DAYS, Sends
from dashboard.database import sql
from dashboard.models import Domain, Mailbox, ResourceKey
from dashboard.vocabulary.analytics import ResourceType

ByDay = dict[date, Sends]


def list_sends(session: Session, company_id: int, ids: Sequence[UUID], today: date) -> dict[UUID, ByDay]:
    """Return what each of the mailboxes sent, by send day in the company's time zone. One statement.

    Of one that is warming up all days since that began; of others the days that tell its health: today and the
    three before, which hold the last 72 hours. A mailbox without mail is missing.
    """
    if not ids:
        return {}
    names, values = sql.in_list([*ids], "id")
    rows = sql.run(
        tenancy.connection(session, company_id),
        f"""
        SELECT k.mailbox_id, a.day, SUM(a.sent), SUM(a.delivered), SUM(a.bounced), SUM(a.complained)
        FROM resource_keys k CROSS JOIN mailboxes m CROSS JOIN analytics a
        WHERE k.company_id = :company_id AND k.type = 'mailbox' AND k.mailbox_id IN ({names})
            AND m.company_id = k.company_id AND m.id = k.mailbox_id
            AND a.company_id = k.company_id AND a.basis = 'sent' AND a.type = 'mailbox'
            AND a.resource_key = k.key AND a.day <= :today
            AND a.day >= CASE WHEN m.is_warming_up AND m.warm_up_since < :recent THEN m.warm_up_since ELSE :recent END
        GROUP BY k.mailbox_id, a.day
        """,
        company_id=company_id, today=today, recent=today - timedelta(days=HEALTH_DAYS - 1), **values,
    )  # fmt: skip
    found: dict[UUID, ByDay] = defaultdict(dict)
    for value, day, *counts in rows:
        id_ = sql.as_id(value)
        if id_ is not None:
            found[id_][sql.as_day(day)] = Sends(*map(int, counts))
    return dict(found)


def list_domains(session: Session, ids: Collection[UUID]) -> dict[UUID, Domain]:
    """Return the domains by their ids."""
    return {row.id: row for row in session.scalars(sa.select(Domain).where(Domain.id.in_(ids)))}


def find_domain(session: Session, name: str) -> Domain | None:
    """Return the domain of that name, or that has it as a further key; archived or not."""
    return list_all_domains(session, name).get(name)


def list_all_domains(session: Session, *names: str) -> dict[str, Domain]:
    """Return all domains, or those of the names, by name and by further key."""
    named = sa.select(ResourceKey.key, Domain).join(Domain, Domain.id == ResourceKey.domain_id)
    own = sa.select(Domain.name, Domain)
    if names:
        named, own = named.where(ResourceKey.key.in_(names)), own.where(Domain.name.in_(names))
    return {key: row for statement in (own, named) for key, row in session.execute(statement)}


def list_domain_names(session: Session) -> list[str]:
    """Return the names of the domains that are in use, in order."""
    return list(session.scalars(sa.select(Domain.name).where(Domain.archived_at.is_(None)).order_by(Domain.sort_name)))


def list_by_email(session: Session, emails: Collection[str]) -> dict[str, Mailbox]:
    """Return those of the mailboxes that are there, by address."""
    rows: dict[str, Mailbox] = {}
    wanted = list(emails)
    for start in range(0, len(wanted), 500):
        statement = sa.select(Mailbox).where(Mailbox.email.in_(wanted[start : start + 500]))
        rows |= {row.email: row for row in session.scalars(statement)}
    return rows


def list_owners(session: Session, keys: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the mailboxes that the keys name, by key."""
    found: dict[str, UUID] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        statement = sa.select(ResourceKey.key, ResourceKey.mailbox_id).where(
            ResourceKey.type == ResourceType.MAILBOX, ResourceKey.key.in_(wanted[start : start + 500])
        )
        found |= {key: id_ for key, id_ in session.execute(statement) if id_ is not None}
    return found
