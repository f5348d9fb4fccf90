"""Proof that the numbers are what the events say, and their repair."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial

import click

from dashboard.cli.context import application, find_company, json_option, now, show


@click.group()
def rollup() -> None:
    """Daily counters and their totals."""


@rollup.command("verify")
@click.option("--company", "slug", default=None, help="Only this company.")
@json_option
def verify(slug: str | None, as_json: bool) -> None:
    """Compare totals with rows, rows with messages, messages with their events; exit 1 on the first difference."""
    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session
    from dashboard.queries import identity
    from dashboard.queries.verification import find_difference
    from dashboard.services import proof

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
            event = proof.find_event_difference(engines, company, now())
            if event is not None:
                text = f"{company.slug}: {proof.describe(event)}"
                show(as_json, {"ok": False, "company": company.slug, "difference": asdict(event)}, text)
                sys.exit(1)
    show(
        as_json,
        {"ok": True, "companies": [one.slug for one in companies]},
        "Every total is the sum of its rows, every row the sum of its messages, every message what its events say.",
    )


@rollup.command("rebuild")
@click.option("--company", "slug", default=None, help="Only this company.")
@json_option
def rebuild(slug: str | None, as_json: bool) -> None:
    """Count all kept events anew and repair what differs; companies one after another, while they are at work."""
    from dashboard.queries import identity
    from dashboard.services import leases, rebuilds

    done = []
    with application() as app:
        engines = app.extensions["engines"]
        companies = [find_company(engines, slug)] if slug else identity.list_all_companies(engines)
        for company in companies:
            changed = rebuilds.rebuild(
                engines, company, leases.make_owner(), now,
                actor="command line", progress=partial(_say, company.slug),
            )  # fmt: skip
            done.append({"company": company.slug, "changed": changed})
    lines = [f"{one['company']}: {one['changed']:,} messages counted differently." for one in done]
    show(as_json, {"ok": True, "companies": done}, "\n".join(lines))


def _say(slug: str, step: str, messages: int) -> None:
    click.echo(f"{slug}: {messages:,} messages {step}", err=True)


COMMANDS = (rollup,)
