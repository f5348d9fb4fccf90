"""Made-up traffic of a provider, to try out a source before going live."""

from __future__ import annotations

import random
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from dashboard.cli.context import ACTOR, application, json_option, now, show, writing
from dashboard.errors import Conflict, Fault, Invalid, NotFound

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.providers.base import Adapter, TrialKeys
    from dashboard.simulation.plan import Posting
    from dashboard.simulation.posting import Sender
    from dashboard.vocabulary.metrics import Metrics
    from dashboard.vocabulary.sources import SealedSource

LOCAL = "http://127.0.0.1:8000"
USUAL_BATCH = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be posted; `rate` is in events a second, 0 as fast as they are taken."""

    messages: int
    duplicates: int
    is_shuffled: bool
    seed: int
    rate: float
    batch: int


@click.command()
@click.argument("provider")
@click.option("--source", "source_id", required=True, type=int, help="The source's id, as `source add` prints it.")
@click.option("--messages", default=200, show_default=True, type=click.IntRange(1, 250_000), help="How many mails.")
@click.option("--duplicates", default=0, show_default=True, type=click.IntRange(0, 100), help="Percent told again.")
@click.option("--shuffle", is_flag=True, help="Post the events in any order.")
@click.option("--base-url", default=None, help=f"Where the server is; default: DASHBOARD_BASE_URL, or {LOCAL}.")
@click.option("--seed", default=None, type=int, help="Equal seeds tell equal stories, of new messages each time.")
@click.option("--rate", default=0.0, type=click.FloatRange(0), help="Events a second; default: as fast as it goes.")
@click.option(
    "--batch", default=None, type=click.IntRange(1), help="Events in one request, where the provider batches."
)
@json_option
def simulate(
    *, provider: str, source_id: int, messages: int, duplicates: int, shuffle: bool, base_url: str | None,
    seed: int | None, rate: float, batch: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Post made-up, correctly signed webhooks of a provider to a source, and print what must be counted."""
    with application() as app:
        adapter = _find_adapter(provider)
        source = _find_source(app, provider, source_id)
        wish = Wish(
            messages, duplicates, shuffle, secrets.randbelow(2**31) if seed is None else seed, rate,
            _choose_batch(adapter, batch),
        )  # fmt: skip
        if source.is_paused:
            click.echo("The source is paused: what is posted is counted when it is resumed.", err=True)
        document = _simulate(app, adapter, source, wish, _read_base_url(app, base_url), as_json=as_json)
    show(as_json, document, _describe(document))


# --- what is asked for -----------------------------------------------------------------------------


def _find_adapter(provider: str) -> Adapter:
    from dashboard.providers.registry import adapters

    found = adapters().get(provider)
    if found is None:
        raise Invalid(f"{provider!r} is not a provider. Known: {', '.join(adapters())}.")
    return found


def _find_source(app: Flask, provider: str, source_id: int) -> SealedSource:
    from dashboard.queries import identity

    source = identity.find_source(app.extensions["engines"], source_id)
    if source is None:
        raise NotFound(f"There is no source {source_id} that takes webhooks.")
    if source.kind != provider:
        raise Conflict(f"The source {source_id} ({source.name!r}) is one of {source.kind}, not of {provider}.")
    return source


def _choose_batch(adapter: Adapter, asked: int | None) -> int:
    if asked is None:
        return min(adapter.batch, USUAL_BATCH)
    if asked > adapter.batch:
        raise Invalid(
            "Nothing was posted.",
            fields=[Fault("batch", f"{adapter.guide.title} puts at most {adapter.batch:,} into one request.")],
        )
    return asked


def _read_base_url(app: Flask, asked: str | None) -> str:
    """Return the server's address, in the form in which it is told to the server."""
    import httpx

    try:
        url = httpx.URL((asked or app.extensions["settings"].base_url or LOCAL).rstrip("/"))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise Invalid("Nothing was posted.", fields=[Fault("base-url", f"It must look like {LOCAL}.")])
    return str(url).rstrip("/")  # without a port that goes without saying


# --- doing it --------------------------------------------------------------------------------------


def _simulate(
    app: Flask, adapter: Adapter, source: SealedSource, wish: Wish, base_url: str, *, as_json: bool
) -> dict[str, Any]:
    from dashboard.clients.poster import Poster
    from dashboard.simulation import expectation
    from dashboard.simulation.plan import make_plan
    from dashboard.simulation.posting import Sender
    from dashboard.simulation.stories import make_messages

    path = f"/webhook/{source.kind}/{app.extensions['vault'].open(source.sealed).token}"
    signed_url = (app.extensions["settings"].base_url or base_url) + path  # as the server knows its own address
    with _trial(app, adapter, source) as keys, Poster(base_url + path) as poster:
        sender = Sender(adapter, keys, signed_url, lambda made: poster.post(made.body, made.headers), now)
        events = sender.can_tell(
            event for message in make_messages(wish.seed, wish.messages, now()) for event in message.events
        )
        plan = make_plan(
            events, batch=wish.batch, duplicates=wish.duplicates, is_shuffled=wish.is_shuffled,
            dice=random.Random(wish.seed),  # noqa: S311  # made-up mail
        )  # fmt: skip
        began = time.monotonic()
        _run(sender, plan, wish.rate, as_json=as_json)
        took_s = time.monotonic() - began
    days = expectation.by_send_day(sender.told, source.company.timezone, now())
    posted = sum(len(posting.events) for posting in plan)
    return _document(wish, len(plan), posted, took_s, days)


@contextmanager
def _trial(app: Flask, adapter: Adapter, source: SealedSource) -> Iterator[TrialKeys]:
    """Have the source take our signatures; whatever happens, not for longer than needed."""
    from dashboard.services import audit, trials

    engines, vault = app.extensions["engines"], app.extensions["vault"]
    keys = trials.make_keys(adapter, vault.open(source.sealed))  # slow, so before anything is written
    with writing(engines, source.company.id) as session:
        trials.begin_trial(session, vault, source.id, keys, now=now())
        subject = ("source", str(source.id))
        audit.record(session, actor=ACTOR, action="source.simulate", subject=subject, now=now(), name=source.name)
    try:
        yield keys
    finally:
        with writing(engines, source.company.id) as session:
            trials.end_trial(session, vault, source.id, keys)


def _run(sender: Sender, plan: list[Posting], rate: float, *, as_json: bool) -> None:
    from dashboard.simulation.posting import paced

    with click.progressbar(length=len(plan), label="Posting", file=sys.stderr, hidden=as_json) as shown:
        for _ in paced(sender.run(plan), rate):
            shown.update(1)


# --- telling of it ---------------------------------------------------------------------------------


def _document(wish: Wish, requests: int, events: int, took_s: float, days: dict[date, Metrics]) -> dict[str, Any]:
    from dashboard.vocabulary.metrics import Metrics

    return {
        "requests": requests,
        "events": events,
        "expected": asdict(Metrics.total(days.values()) if days else Metrics()),
        "by_day": {day.isoformat(): asdict(counts) for day, counts in days.items()},
        "messages": wish.messages,
        "seed": wish.seed,
        "seconds": round(took_s, 3),
    }


def _describe(document: dict[str, Any]) -> str:
    sizes = [f"{document[name]:,} {name}" for name in ("requests", "events", "messages")]
    lines = [
        f"Posted {sizes[0]} with {sizes[1]} of {sizes[2]} (seed {document['seed']}).",
        "By send day, over all campaigns, these numbers must grow by:",
    ]
    width = max(map(len, document["expected"]))
    lines += [f"  {name:<{width}} {count:>9,}" for name, count in document["expected"].items()]
    return "\n".join(lines)


COMMANDS = (simulate,)
