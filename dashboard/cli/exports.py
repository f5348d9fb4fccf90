"""Numbers to a file."""

from __future__ import annotations

import sys
from typing import IO

import click

from dashboard.cli.context import ACTOR, application, company_option, find_company, now


@click.command()
@company_option
@click.option("--format", "wanted", required=True, type=click.Choice(["csv", "json"]))
@click.option(
    "--type",
    "kind",
    default=None,
    type=click.Choice(["campaign", "template", "mailbox", "domain", "receiver"]),
)
@click.option("--start", default=None, help="First day, such as 2026-11-01.")
@click.option("--end", default=None, help="Last day.")
@click.option("-o", "output", type=click.File("wb"), default=None, help="File to write; default: standard output.")
def export(
    slug: str, wanted: str, kind: str | None, start: str | None, end: str | None, output: IO[bytes] | None
) -> None:
    """Write a company's rows as CSV or JSON, in constant memory."""
    from dashboard.blueprints.exports import stream_file
    from dashboard.forms.queries import AnalyticsQuery
    from dashboard.forms.reading import read
    from dashboard.services import exports

    given = {"type": kind, "startDate": start, "endDate": end}
    asked = read(AnalyticsQuery, {name: value for name, value in given.items() if value is not None}).filter()
    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        exports.note(engines, found.id, asked, wanted, actor=ACTOR, now=now())
        target = output or sys.stdout.buffer
        for chunk in stream_file(engines, found.id, asked, wanted):
            target.write(chunk)


COMMANDS = (export,)
