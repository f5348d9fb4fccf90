"""Migrations."""

from __future__ import annotations

import sys

import click

from dashboard.cli.context import application


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to this program's state."""
    with application():
        run_upgrade()
    click.echo("The database is up to date.")


@db.command("check")
def check() -> None:
    """Exit 1 when models and migrations differ, or the database is behind."""
    from alembic.util.exc import CommandError
    from flask_migrate import check as run_check

    with application():
        try:
            run_check()
        except (CommandError, SystemExit) as error:
            click.echo(f"Models and migrations differ: {error}", err=True)
            sys.exit(1)


@db.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Go back to an older state; `base` is nothing at all."""
    from flask_migrate import downgrade as run_downgrade

    with application():
        run_downgrade(revision=revision)


@db.command("revision", hidden=True)
@click.option("--id", "revision_id", required=True)
@click.option("--message", required=True)
def revision(revision_id: str, message: str) -> None:
    """Write a migration from the difference between models and database; for developers."""
    from flask_migrate import migrate

    with application():
        migrate(message=message, rev_id=revision_id)


def run_upgrade() -> None:
    """Upgrade within an app context."""
    from flask_migrate import upgrade as run

    run()


COMMANDS = (db,)
