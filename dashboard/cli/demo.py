"""The demo companies."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import click

from dashboard.cli.context import application, now, writing
from dashboard.errors import Conflict

if TYPE_CHECKING:
    from flask import Flask

EVENTS = 0.3  # of the reports are followed by events of single mails
SIGN_INS = (
    ("ada@acme.test", "admin of acme"), ("uma@acme.test", "user of acme"), ("gil@acme.test", "guest of acme"),
    ("rex@rival.test", "admin of rival"),
)  # fmt: skip


@click.group()
def demo() -> None:
    """Two made-up companies to look around in."""


@demo.command("load")
@click.option(
    "--days", default=90, show_default=True, type=click.IntRange(2, 1000), help="How far back the story goes."
)
@click.option("--force", is_flag=True, help="Also when there are companies already; older demo companies are replaced.")
def load(days: int, force: bool) -> None:
    """Load the companies acme and rival, and print the password of their four people."""
    from dashboard.cli.database import run_upgrade
    from dashboard.queries import identity
    from dashboard.services import demo as service

    with application() as app:
        run_upgrade(app)
        if identity.list_all_companies(app.extensions["engines"]) and not force:
            raise Conflict("There are companies already. Add --force to load the demo beside them.")
        service.clear(app.extensions["engines"], app.extensions["storage"])
        password = load_demo(app, days)
    show_sign_ins(password)


@demo.command("clear")
def clear() -> None:
    """Remove the demo companies, their people and their numbers, and nothing else."""
    from dashboard.services import demo as service

    with application() as app:
        count = service.clear(app.extensions["engines"], app.extensions["storage"])
    click.echo(f"Removed {count} demo companies.")


@demo.command("traffic")
@click.option("--base-url", default="http://127.0.0.1:8000", show_default=True)
@click.option("--pause", default=3.0, show_default=True, help="Seconds between two reports.")
@click.option("--count", default=0, help="Stop after so many reports; 0: never.")
def traffic(base_url: str, pause: float, count: int) -> None:
    """Keep acme alive: post a few mails more of today, signed, again and again."""
    sent = 0
    dice = random.Random()  # noqa: S311  # made-up mail
    with application() as app:
        while not count or sent < count:
            time.sleep(pause * dice.uniform(0.5, 1.5))
            sent += post_traffic(app, base_url, dice)
            if dice.random() < EVENTS:
                post_events(app, base_url, dice)


def load_demo(app: Flask, days: int) -> str:
    """Load both companies and return the password of their people."""
    from dashboard.services import demo as service
    from dashboard.services import identity

    password = service.demo_password(app.extensions["settings"].instance)
    password_hash = identity.hash_password(password)
    for slug in service.COMPANIES:
        with writing(app.extensions["engines"]) as session:
            service.load_company(
                session, app.extensions["vault"], slug, password_hash=password_hash, days=days, now=now()
            )
    _tell_events(app)
    _add_files(app)
    return password


def _add_files(app: Flask) -> None:
    """Give acme some files."""
    from dashboard.queries import identity
    from dashboard.services import demo_files

    company = identity.find_company(app.extensions["engines"], "acme")
    assert company is not None  # noqa: S101  # it was just made
    demo_files.add_files(app.extensions["engines"], app.extensions["storage"], company, now())


def _tell_events(app: Flask) -> None:
    """Give acme the mail that is known by its events."""
    from dashboard.queries import identity
    from dashboard.services import demo_events

    engines = app.extensions["engines"]
    company = identity.find_company(engines, "acme")
    assert company is not None  # noqa: S101  # it was just made
    with writing(engines, company.id) as session:
        source_id = demo_events.add_source(session, app.extensions["vault"], company, now())
    demo_events.tell_history(engines, company, source_id, now())


def post_traffic(app: Flask, base_url: str, dice: random.Random) -> bool:
    """Post one signed report; False when today is full, the server is not reached, or the demo gone."""
    import httpx
    import orjson

    from dashboard.providers.signatures import sign_standard

    body, secret = _next_body(app, dice)
    if body is None:
        return False
    stamp, webhook_id = int(time.time()), f"demo-{time.time_ns()}"
    headers = {
        "content-type": "application/json", "webhook-id": webhook_id, "webhook-timestamp": str(stamp),
    }  # fmt: skip
    raw = orjson.dumps(body)
    headers["webhook-signature"] = sign_standard(webhook_id, stamp, raw, secret)
    try:
        return httpx.post(f"{base_url}/webhook/analytics", content=raw, headers=headers, timeout=10).is_success
    except httpx.HTTPError:
        return False


def post_events(app: Flask, base_url: str, dice: random.Random) -> bool:
    """Post one signed delivery of events; False when today is full, the server is not reached, or the demo gone."""
    import httpx

    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session
    from dashboard.providers.base import TrialKeys
    from dashboard.providers.registry import adapters
    from dashboard.queries import identity
    from dashboard.services import demo_events

    engines = app.extensions["engines"]
    company = identity.find_company(engines, "acme")
    if company is None:
        return False
    with open_session(engines, Mode.READ, company.id) as session:
        shared = demo_events.find_shared(session, app.extensions["vault"])
        has_room = demo_events.has_room(session, company, company.day_of(now()))
    if shared is None or not has_room:
        return False
    url = f"{base_url}/webhook/generic/{shared.token}"
    made = adapters()["generic"].compose(demo_events.next_events(dice, now()), TrialKeys(shared.secret), url, now())
    try:
        return httpx.post(url, content=made.body, headers=made.headers, timeout=10).is_success
    except httpx.HTTPError:
        return False


def _next_body(app: Flask, dice: random.Random) -> tuple[dict[str, object] | None, str]:
    """Return what acme's mail platform reports next, and the secret to sign it with."""
    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session
    from dashboard.queries import identity, rows
    from dashboard.services import demo as service
    from dashboard.vocabulary.analytics import AnalyticsFilter
    from dashboard.vocabulary.metrics import SIX

    engines = app.extensions["engines"]
    company = identity.find_company(engines, "acme")
    if company is None:
        return None, ""
    with open_session(engines, Mode.READ, company.id) as session:
        source = service.find_source(session)
        if source is None or source.sealed is None:
            return None, ""
        today = company.day_of(now())
        asked = AnalyticsFilter(today, today, source_id=source.id)
        so_far = rows.list_rows(session, company.id, asked, limit=1000)
        secret = app.extensions["vault"].open(source.sealed).secret
        told = service.next_updates(so_far, dice, company, now())
    if not told:
        return None, ""
    updates = [
        {"type": one.type, "resourceId": one.resource_key, "date": one.day.isoformat(),
         "metrics": {name: one.metrics[name] for name in SIX}}
        for one in told
    ]  # fmt: skip
    return {"companyId": "acme", "updates": updates}, secret


def show_sign_ins(password: str) -> None:
    """Print who can sign in, and the password of all of them."""
    click.echo("Demo sign-ins:")
    for email, what in SIGN_INS:
        click.echo(f"  {email}  ({what})")
    click.echo(f"password: {password}")


COMMANDS = (demo,)
