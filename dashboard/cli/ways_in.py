"""Sources and API keys."""

from __future__ import annotations

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


@click.group()
def source() -> None:
    """Ways in: providers' webhooks and the generic one."""


@source.command("add")
@company_option
@click.option("--provider", required=True, help="A provider's slug, or `generic`.")
@click.option("--name", required=True, help="What people call it.")
@click.option("--secret", default=None, help="The signing secret; made up where we may choose it.")
@click.option("--public-key", default=None, help="For providers that sign with a key pair.")
@json_option
def add_source(slug: str, provider: str, name: str, secret: str | None, public_key: str | None, as_json: bool) -> None:
    """Make a source; its address and secret are printed."""
    from dashboard.services import audit, sources

    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        with writing(engines, found.id) as session:
            made, shared = sources.add_source(
                session,
                app.extensions["vault"],
                kind=provider,
                name=name,
                secret=secret,
                public_key=public_key,
            )
            audit.record(
                session,
                actor=ACTOR,
                action="source.add",
                subject=("source", str(made.id)),
                now=now(),
                name=name,
            )
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
    from dashboard.services import audit, sources
    from dashboard.vocabulary.roles import Scope

    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        with writing(engines, found.id) as session:
            wanted = frozenset(Scope(scope) for scope in scopes)
            key, text = sources.add_key(session, name=name, scopes=wanted, now=now(), source_id=source_id)
            audit.record(
                session,
                actor=ACTOR,
                action="api_key.add",
                subject=("api_key", str(key.id)),
                now=now(),
                name=name,
            )
            document = {"id": key.id, "key": text}
    show(as_json, document, f"key: {text}\nIt is not shown again.")


@api_key.command("revoke")
@company_option
@click.argument("key_id", type=int)
@json_option
def revoke_key(slug: str, key_id: int, as_json: bool) -> None:
    """End a key at once."""
    from dashboard.services import audit, sources

    with application() as app:
        engines = app.extensions["engines"]
        found = find_company(engines, slug)
        with writing(engines, found.id) as session:
            key = sources.revoke_key(session, key_id, now=now())
            audit.record(session, actor=ACTOR, action="api_key.revoke", subject=("api_key", str(key.id)), now=now())
    show(as_json, {"id": key_id, "revoked": True}, "The key is revoked.")


COMMANDS = (source, api_key)
