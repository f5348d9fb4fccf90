"""Proof that the totals are the sums of their rows."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from dashboard.cli.context import application, find_company, json_option, show


@click.group()
def rollup() -> None:
    """Daily counters and their totals."""


@rollup.command("verify")
@click.option("--company", "slug", default=None, help="Only this company.")
@json_option
def verify(slug: str | None, as_json: bool) -> None:
    """Compare every total with the sum of its rows; exit 1 on the first difference and print it."""
    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session
    from dashboard.queries import identity
    from dashboard.queries.verification import find_difference

    with application() as app:
        engines = app.extensions["engines"]
        companies = [find_company(engines, slug)] if slug else identity.list_all_companies(engines)
        for company in companies:
            with open_session(engines, Mode.READ, company.id) as session:
                found = find_difference(session, company.id)
            if found is not None:
                text = (
                    f"{company.slug}: {found.counter} by {found.type} on {found.day} ({found.basis}, {found.origin}) "
                    f"is {found.total}, but its rows add up to {found.sum_of_rows}."
                )
                show(as_json, {"ok": False, "company": company.slug, "difference": asdict(found)}, text)
                sys.exit(1)
    show(
        as_json,
        {"ok": True, "companies": [one.slug for one in companies]},
        "Every total is the sum of its rows.",
    )


COMMANDS = (rollup,)
