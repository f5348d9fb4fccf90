"""Companies and people."""

from __future__ import annotations

import sys

import click

from dashboard.cli import context
from dashboard.cli.context import application, company_option, find_company, json_option, show, writing


@click.group()
def company() -> None:
    """Companies."""


@company.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option("--timezone", default="UTC", show_default=True, help="Its days are those of this IANA time zone.")
@json_option
def add_company(slug: str, name: str, timezone: str, as_json: bool) -> None:
    """Make a company."""
    from dashboard.services import identity

    with application() as app, writing(app.extensions["engines"]) as session:
        made = identity.add_company(session, slug, name, timezone=timezone, now=context.now())
        document = {"id": made.slug, "slug": made.slug, "name": made.name, "timezone": made.timezone}
    show(
        as_json,
        document,
        f"Made the company {slug}. Its first admin: dashboard user add EMAIL --company {slug} --role admin",
    )


@company.command("privacy")
@click.argument("slug")
@click.argument("switch", type=click.Choice(["on", "off"]))
@json_option
def switch_privacy(slug: str, switch: str, as_json: bool) -> None:
    """Show only who receives mail in place of recipients' addresses, and no raw bodies: on or off."""
    from dashboard.services import privacy

    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        with writing(engines, found.id) as session:
            now, actor = context.now(), context.ACTOR
            changed = privacy.set_privacy(session, found.id, is_on=switch == "on", actor=actor, now=now)
    state = f"Privacy is {switch} for {slug}." if changed else f"Privacy was {switch} for {slug} already."
    show(as_json, {"company": slug, "privacy": switch == "on", "changed": changed}, state)


@click.group("user")
def user() -> None:
    """People."""


@user.command("add")
@click.argument("email")
@company_option
@click.option("--role", required=True, type=click.Choice(["admin", "user", "guest"]), help="What they may do.")
@click.option("--name", default="", help="What they are called; default: the part before the @.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from the standard input.")
@json_option
def add_user(email: str, slug: str, role: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Make a person a member of a company. Somebody who is known already keeps name and password."""
    from dashboard.services import identity
    from dashboard.vocabulary.roles import Role

    del password_stdin  # required, so that nobody expects a prompt
    password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        password_hash = identity.hash_password(password)
        with writing(engines, found.id) as session:
            person = identity.add_user(
                session, email, company_id=found.id, role=Role.named(role), name=name,
                password_hash=password_hash, now=context.now(),
            )  # fmt: skip
            document = {"id": person.id, "email": person.email, "company": slug, "role": role}
    show(as_json, document, f"{document['email']} is {role} of {slug}.")


COMMANDS: tuple[click.Command, ...] = (company, user)
