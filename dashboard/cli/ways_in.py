"""Sources and API keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dashboard.cli.context import (
    ACTOR,
    application,
    company_option,
    find_company,
    json_option,
    now,
    show,
    writing,
)

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from dashboard.vocabulary.people import CompanyRef

source_argument = click.argument("source_id", type=int)


@contextmanager
def changing(slug: str) -> Iterator[tuple[Flask, Session, CompanyRef]]:
    """Yield the app, a session of the company that is committed at the end, and the company."""
    with application() as app:
        engines = app.extensions["engines"]
        company = find_company(engines, slug)
        with writing(engines, company.id) as session:
            yield app, session, company


@click.group()
def source() -> None:
    """Ways in: providers' webhooks and the generic one."""


@source.command("add")
@company_option
@click.option("--provider", required=True, help="A provider's slug, or `generic`.")
@click.option("--name", required=True, help="What people call it.")
@click.option("--secret", default="", help="The signing secret; made up where we may choose it.")
@click.option("--public-key", default="", help="For providers that sign with a key pair.")
@json_option
def add_source(slug: str, provider: str, name: str, secret: str, public_key: str, as_json: bool) -> None:
    """Make a source; its address and secret are printed."""
    from dashboard.services import sources

    with changing(slug) as (app, session, company):
        wanted = sources.NewSource(provider, name, secret, public_key)
        vault = app.extensions["vault"]
        made, shared = sources.connect_source(session, vault, company.id, wanted, actor=ACTOR, now=now())
        path = f"/webhook/{provider}/{shared.token}"
        document = {
            "id": made.id,
            "provider": provider,
            "url_path": path,
            "token": shared.token,
            "secret": shared.secret,
        }
    lines = [f"Made the source {name!r}.", f"address: {path}", f"secret:  {shared.secret or '(none)'}"]
    if provider == "generic":
        lines.append("Daily totals are posted to /webhook/analytics, signed with the same secret.")
    show(as_json, document, "\n".join(lines))


@source.command("list")
@company_option
@json_option
def list_sources(slug: str, as_json: bool) -> None:
    """List the sources that are not deleted, by name."""
    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session
    from dashboard.queries import sources

    with application() as app:
        engines = app.extensions["engines"]
        company = find_company(engines, slug)
        with open_session(engines, Mode.READ, company.id) as session:
            found = sources.list_sources(session, company.id)
    documents = [
        {
            "id": one.id, "name": one.name, "provider": one.kind, "status": one.status,
            "last_event_at": one.last_event_at.isoformat() if one.last_event_at else None,
        }
        for one in found
    ]  # fmt: skip
    lines = [f"{one['id']:>6}  {one['provider']:<12} {one['status']:<8} {one['name']}" for one in documents]
    show(as_json, documents, "\n".join(lines) or "There are no sources.")


@source.command("pause")
@company_option
@source_argument
@json_option
def pause_source(slug: str, source_id: int, as_json: bool) -> None:
    """Hold what comes from now on; it is counted when the source is resumed."""
    from dashboard.services import sources

    with changing(slug) as (_, session, company):
        found = sources.pause_source(session, company.id, source_id, actor=ACTOR, now=now())
    show(as_json, {"id": source_id, "status": "paused"}, f"{found.name} is paused.")


@source.command("resume")
@company_option
@source_argument
@json_option
def resume_source(slug: str, source_id: int, as_json: bool) -> None:
    """Count again what comes, and first what was held."""
    from dashboard.services import sources

    with changing(slug) as (_, session, company):
        released = sources.resume_source(session, company.id, source_id, actor=ACTOR, now=now())
    document = {"id": source_id, "status": "active", "released": released.total}
    show(as_json, document, f"The source is active again; {released.total:,} held deliveries are counted now.")


@source.command("rotate")
@company_option
@source_argument
@click.option("--secret", default="", help="The new secret; made up where we may choose it.")
@click.option("--public-key", default="", help="The new key of a provider that signs with a key pair.")
@json_option
def rotate_secret(slug: str, source_id: int, secret: str, public_key: str, as_json: bool) -> None:
    """Give a source a new secret; the old one stays valid for a day."""
    from dashboard.services import sources

    with changing(slug) as (app, session, company):
        fresh = sources.rotate_secret(
            session, app.extensions["vault"], company.id, source_id, pasted=secret or public_key, actor=ACTOR, now=now()
        )
    until = fresh.old_until.isoformat(timespec="seconds") if fresh.old_until else ""
    document = {"id": source_id, "secret": fresh.secret, "old_until": until}
    show(as_json, document, f"secret: {fresh.secret or '(a public key)'}\nThe old one is valid until {until}.")


@source.command("delete")
@company_option
@source_argument
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@json_option
def delete_source(slug: str, source_id: int, is_sure: bool, as_json: bool) -> None:
    """End a source: its address answers 404 from then on, its numbers stay."""
    from dashboard.services import sources

    if not is_sure:
        click.confirm(f"Delete the source {source_id}? Its numbers stay.", abort=True, err=True)
    with changing(slug) as (_, session, company):
        found = sources.delete_source(session, company.id, source_id, actor=ACTOR, now=now())
    show(as_json, {"id": source_id, "status": "deleted"}, f"Deleted; its numbers are those of {found.name!r} now.")


@click.group("api-key")
def api_key() -> None:
    """Keys of programs."""


@api_key.command("add")
@company_option
@click.option("--name", required=True, help="What people call it.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(["read", "write", "export"]))
@click.option("--source", "source_id", type=int, default=None, help="Bind its writes to this source.")
@json_option
def add_key(slug: str, name: str, scopes: tuple[str, ...], source_id: int | None, as_json: bool) -> None:
    """Make a key; it is printed this once."""
    from dashboard.services import api_keys, audit
    from dashboard.vocabulary.roles import Scope

    with changing(slug) as (_, session, _company):
        wanted = frozenset(Scope(scope) for scope in scopes)
        key, text = api_keys.add_key(session, name=name, scopes=wanted, now=now(), source_id=source_id)
        subject = ("api_key", str(key.id))
        audit.record(session, actor=ACTOR, action="api_key.add", subject=subject, now=now(), name=name)
        document = {"id": key.id, "key": text}
    show(as_json, document, f"key: {text}\nIt is not shown again.")


@api_key.command("revoke")
@company_option
@click.argument("key_id", type=int)
@json_option
def revoke_key(slug: str, key_id: int, as_json: bool) -> None:
    """End a key at once."""
    from dashboard.services import api_keys, audit

    with changing(slug) as (_, session, _company):
        key = api_keys.revoke_key(session, key_id, now=now())
        audit.record(session, actor=ACTOR, action="api_key.revoke", subject=("api_key", str(key.id)), now=now())
    show(as_json, {"id": key_id, "revoked": True}, "The key is revoked.")


COMMANDS = (source, api_key)
