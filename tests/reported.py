"""What tests look at in the tables of reported numbers, past every page and API."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import AnalyticsRecord, Base
from dashboard.queries.verification import Difference, find_difference
from dashboard.vocabulary.metrics import SIX
from dashboard.vocabulary.people import CompanyRef
from tests.factories import Cast

# What a write may change; the time of a key's last use is not among it.
WRITTEN = (
    "analytics", "analytics_totals", "company_state", "deliveries", "webhook_ids", "idempotency_keys", "audit_entries",
)  # fmt: skip


def rows(engines: Engines, company: CompanyRef) -> list[AnalyticsRecord]:
    """Return every row of a company, ordered by its key."""
    with open_session(engines, Mode.READ, company.id) as session:
        return list(session.scalars(sa.select(AnalyticsRecord).order_by(*AnalyticsRecord.__table__.primary_key)))


def six(row: AnalyticsRecord) -> tuple[int, ...]:
    """Return the six counts of a row."""
    return tuple(getattr(row, name) for name in SIX)


def sent(engines: Engines, company: CompanyRef) -> dict[tuple[str, str, date], int]:
    """Return what each key of a company sent, by send day; a company with two sources of a key is not for this."""
    return {(row.type, row.resource_key, row.day): row.sent for row in rows(engines, company) if row.basis == "sent"}


def version(engines: Engines, company: CompanyRef) -> int:
    """Return the company's version."""
    with engines[Mode.SINGLE].connect() as connection:
        statement = sa.select(sa.column("version")).select_from(sa.table("company_state"))
        return connection.execute(statement.where(sa.column("company_id") == company.id)).scalar_one()


def everything(engines: Engines) -> dict[str, list[Any]]:
    """Return all rows that a write may have touched, of all companies."""
    with engines[Mode.READ].connect() as connection:
        tables = [Base.metadata.tables[name] for name in WRITTEN]
        return {
            table.name: list(connection.execute(sa.select(table).order_by(*table.primary_key)).all())
            for table in tables
        }


def difference(engines: Engines, company: CompanyRef) -> Difference | None:
    """Return the first total that is not the sum of its rows."""
    with open_session(engines, Mode.READ, company.id) as session:
        return find_difference(session, company.id)


def check_sums(engines: Engines, cast: Cast) -> None:
    """Fail unless the totals of both companies are the sums of their rows."""
    assert difference(engines, cast.acme) is None
    assert difference(engines, cast.rival) is None


def paths(response: TestResponse) -> list[str]:
    """Return the paths of the fields that a refusal names, from the API or the webhook."""
    assert response.json is not None
    return [fault["path"] for fault in response.json.get("error", response.json)["fields"]]
