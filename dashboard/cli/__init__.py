"""The `dashboard` command: thin, one module per noun; everything slow is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from dashboard import __version__
from dashboard.cli import accounts, database, demo, dns, exports, files, rollups, serving, simulation, ways_in
from dashboard.config import BadSettings
from dashboard.errors import DashboardError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Sendscope")
def cli() -> None:
    """Sendscope: the dashboard that e-mail teams trust."""


for module in (accounts, database, demo, dns, exports, files, rollups, serving, simulation, ways_in):
    for command in module.COMMANDS:
        cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; what a person did wrong is said in one sentence, without a traceback."""
    try:
        cli(arguments, prog_name="dashboard")
    except BadSettings as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except DashboardError as error:
        click.echo(error.message, err=True)
        for fault in error.fields:
            click.echo(f"  {fault.path}: {fault.message}", err=True)
        sys.exit(1)
    except Exception as error:
        if type(error).__name__ != "OperationalError":  # sqlalchemy's, which --help need not import
            raise
        click.echo(
            f"The database cannot be used: {error.__cause__ or error}. Is it upgraded? (dashboard db upgrade)",
            err=True,
        )
        sys.exit(1)
