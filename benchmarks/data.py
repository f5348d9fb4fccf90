"""Stores full of analytics rows, made quickly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask

from dashboard.app import create_app
from dashboard.cli.database import run_upgrade
from dashboard.config import load
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.services import identity
from dashboard.vocabulary.metrics import COUNTERS
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.roles import Role

LAST = date(2026, 11, 21)
PASSWORD = "correct horse battery"


def make_app(folder: Path, **settings: str) -> Flask:
    """Return an app on an empty, migrated store."""
    app = create_app(load(instance=folder, log_format="json", **settings))
    with app.app_context():
        run_upgrade(app)
    return app


def make_company(engines: Engines, slug: str) -> CompanyRef:
    now = datetime.now(UTC)
    with open_session(engines, Mode.WRITE, directory=True) as session:
        company = identity.add_company(session, slug, slug, now=now)
        identity.add_user(
            session, f"ada@{slug}.test", company_id=company.id, role=Role.ADMIN,
            password_hash=identity.hash_password(PASSWORD), now=now,
        )  # fmt: skip
        session.commit()
        return CompanyRef(company.id, slug, slug, "UTC")


def fill(engines: Engines, company: CompanyRef, *, days: int, resources: int) -> int:
    """Write `days * resources` campaign rows of one company, with totals; return how many rows."""
    names = ", ".join(COUNTERS)
    insert = f"""
        INSERT INTO analytics (company_id, basis, type, resource_key, day, source_id, origin, {names},
            serial, created_at, updated_at)
        VALUES (:c, 'sent', 'campaign', :k, :d, :s, 'reported', {", ".join(f":{name}" for name in COUNTERS)},
            :serial, :now, :now)
    """
    now = datetime.now(UTC)
    with engines[Mode.WRITE].begin() as connection:
        source = sql.run(connection, "SELECT id FROM sources WHERE company_id = :c", c=company.id).scalar()
    counts = dict.fromkeys(COUNTERS, 0) | {
        "sent": 100,
        "delivered": 95,
        "opened": 40,
        "clicked": 9,
        "replied": 2,
        "bounced": 5,
    }
    serial = 0
    for n in range(days):
        day = LAST - timedelta(days=n)
        rows = []
        for k in range(resources):
            serial += 1
            rows.append(
                counts | {"c": company.id, "k": f"campaign-{k:06}", "d": day, "s": source, "serial": serial, "now": now}
            )
        with engines[Mode.WRITE].begin() as connection:
            sql.run_many(connection, insert, rows)
    total = f"""
        INSERT INTO analytics_totals (company_id, basis, type, day, origin, {names})
        SELECT company_id, basis, type, day, origin, {", ".join(f"SUM({name})" for name in COUNTERS)}
        FROM analytics WHERE company_id = :c GROUP BY company_id, basis, type, day, origin
    """
    with engines[Mode.WRITE].begin() as connection:
        sql.run(connection, total, c=company.id)
        sql.run(
            connection, "UPDATE company_state SET next_serial = :n, version = version + 1, numbers_at = :now"
            " WHERE company_id = :c",
            n=serial + 1, c=company.id, now=now,
        )  # fmt: skip
    return serial
