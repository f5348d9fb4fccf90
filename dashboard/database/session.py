"""The session: explicit about its mode, scoped to one company by the hooks of tenancy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from dashboard import tenancy
from dashboard.database.engine import Engines, Mode

MODE = "mode"  # the key in session.info


class CompanySession(orm.Session):
    """A session whose transaction reads or writes as `session.info["mode"]` says; reading is the default."""

    engines: Engines

    def get_bind(self, *_args: Any, **_rest: Any) -> sa.Engine:
        """Return the engine of the session's mode."""
        return self.engines[self.info.get(MODE, Mode.READ)]


tenancy.install(CompanySession)


@contextmanager
def open_session(engines: Engines, mode: Mode, company_id: int | None = None, **info: Any) -> Iterator[CompanySession]:
    """Open a short session of its own; nothing is committed unless the caller does, and it is always closed."""
    session = CompanySession(info={MODE: mode, **info}, expire_on_commit=False)
    session.engines = engines
    if company_id is not None:
        tenancy.bind(session, company_id)
    try:
        yield session
    finally:
        session.close()
