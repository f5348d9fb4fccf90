"""Whether this process can work: the database answers, its migrations are the program's, the inbox is young."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode

OLDEST_PENDING = timedelta(minutes=5)
VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"


def list_problems(engines: Engines, now: datetime) -> list[str]:
    """Return what keeps this process from working, in sentences; none when all is well."""
    try:
        with engines[Mode.SINGLE].connect() as connection:
            found = sql.run(connection, "SELECT version_num FROM alembic_version").scalar()
            oldest = sql.run(connection, "SELECT MIN(received_at) FROM deliveries WHERE state = 'pending'").scalar()
    except SQLAlchemyError:
        return ["The database cannot be reached, or holds no tables yet."]
    problems = []
    if found != newest_migration():
        problems.append(f"The database is at migration {found}, the program at {newest_migration()}.")
    waiting = sql.as_instant(oldest)
    if waiting is not None and now - waiting > OLDEST_PENDING:
        problems.append(f"The oldest delivery has waited since {waiting.isoformat()} to be counted.")
    return problems


def is_migrated(engines: Engines) -> bool:
    """Say whether the store's tables are this program's."""
    try:
        with engines[Mode.SINGLE].connect() as connection:
            found = sql.run(connection, "SELECT version_num FROM alembic_version").scalar()
    except SQLAlchemyError:
        return False
    return bool(found == newest_migration())


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """Return the id of the program's newest migration: its file's name begins with it."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
