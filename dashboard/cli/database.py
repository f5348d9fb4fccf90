"""Migrations."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dashboard.cli.context import application

if TYPE_CHECKING:
    from flask import Flask


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to this program's state."""
    with application() as app:
        run_upgrade(app)
    click.echo("The database is up to date.")


@db.command("check")
def check() -> None:
    """Exit 1 when models and migrations differ, or the database is behind."""
    from flask_migrate import check as run_check

    with application() as app:
        _prepare(app)
        try:
            run_check()  # says what differs, and exits
        except SystemExit:
            click.echo("Models, migrations and database differ. Is it upgraded? (dashboard db upgrade)", err=True)
            sys.exit(1)
    click.echo("Models, migrations and database agree.")


@db.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Go back to an older state; `base` is nothing at all."""
    from flask_migrate import downgrade as run_downgrade

    with application() as app:
        _prepare(app)
        run_downgrade(revision=revision)


@db.command("revision", hidden=True)
@click.option("--id", "revision_id", required=True)
@click.option("--message", required=True)
def revision(revision_id: str, message: str) -> None:
    """Write a migration from the difference between models and database; for developers."""
    from flask_migrate import migrate

    with application() as app:
        _prepare(app)
        migrate(message=message, rev_id=revision_id)


def run_upgrade(app: Flask) -> None:
    """Upgrade within the app's context; a store that is up to date is left alone, and quickly."""
    from dashboard.queries.readiness import is_migrated

    if is_migrated(app.extensions["engines"]):
        return
    from flask_migrate import upgrade as run

    _prepare(app)
    run()


def _prepare(app: Flask) -> None:
    from dashboard.extensions import init_migrations

    init_migrations(app)


COMMANDS = (db,)
