"""Whether uploaded files and their rows belong together."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from dashboard.cli.context import application, find_company, json_option, now, show


@click.group()
def files() -> None:
    """Uploaded files."""


@files.command("check")
@click.option("--company", "slug", default=None, help="Only this company.")
@click.option("--deep", is_flag=True, help="Read every file and compare its SHA-256.")
@click.option("--repair", is_flag=True, help="Delete bytes that no row has; rows are never deleted.")
@json_option
def check(slug: str | None, deep: bool, repair: bool, as_json: bool) -> None:
    """Compare rows with stored bytes, both ways; exit 1 when something is wrong and stays so."""
    from dashboard.queries import identity
    from dashboard.services import file_checks

    with application() as app:
        engines, storage = app.extensions["engines"], app.extensions["storage"]
        companies = [find_company(engines, slug)] if slug else identity.list_all_companies(engines)
        prefix = str(companies[0].id) if slug else ""
        found = file_checks.check_files(engines, storage, companies, prefix=prefix, now=now(), is_deep=deep)
        removed = file_checks.remove_orphans(storage, found) if repair else 0
    is_ok = len(found.faults) == removed
    lines = [
        f"{one.company or 'no company'}: {one.key} {one.name}: {one.reason}.".replace(" :", ":") for one in found.faults
    ]
    lines.append(f"{found.files:,} files, {len(found.faults):,} faults, {removed:,} left-over files removed.")
    show(as_json, {"ok": is_ok, "removed": removed} | asdict(found), "\n".join(lines))
    if not is_ok:
        sys.exit(1)


COMMANDS = (files,)
