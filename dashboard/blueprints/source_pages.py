"""What the pages about sources share: one source with its adapter and address, and secrets that are shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import current_app, g, render_template, request, url_for

from dashboard.errors import NotFound
from dashboard.extensions import db, settings
from dashboard.forms.sources import SecretForm
from dashboard.models import Source
from dashboard.presenters import sources as presenter
from dashboard.presenters.sources import SourceView
from dashboard.providers.base import Adapter, Guide, Secret
from dashboard.providers.registry import adapters
from dashboard.queries import deliveries
from dashboard.queries import sources as queries
from dashboard.queries.deliveries import DeliveryRow
from dashboard.services.credentials import speaks_through_topics
from dashboard.services.inbox import list_topics
from dashboard.services.vault import Vault
from dashboard.vocabulary.sources import SourceSecrets

LATEST = 6  # deliveries on a page


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One source and what its provider asks for; `guide` is None for our own ways in, which have no address."""

    source: Source
    title: str
    guide: Guide | None
    address: str
    is_proven: bool  # whether there is what its deliveries are checked with, or nothing is needed
    has_secret: bool
    old_until: datetime | None
    topics: tuple[str, ...] | None  # None where there are no topics

    @property
    def asks(self) -> str:
        """What the provider asks for: a value of Secret."""
        return self.guide.secret.value if self.guide else Secret.NONE.value


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """A secret on the one page that shows it; for a user and a password also the address that carries them."""

    secret: str
    address: str = ""


def vault() -> Vault:
    """Return what seals and opens the secrets of sources."""
    return cast(Vault, current_app.extensions["vault"])


def find_adapter(provider: str) -> Adapter:
    """Return a provider's adapter; raises NotFound."""
    adapter = adapters().get(provider)
    if adapter is None:
        raise NotFound
    return adapter


def read_page(source_id: int) -> SourcePage:
    """Return the company's source; raises NotFound."""
    return make_page(queries.get_source(db.session(), source_id))


def make_page(source: Source) -> SourcePage:
    """Return what the pages tell of a source."""
    adapter = adapters().get(source.kind)
    shared = vault().open(source.sealed) if source.sealed else None
    if adapter is None or shared is None:
        return SourcePage(source, presenter.title_of(source.kind), None, "", True, False, None, None)
    asked = adapter.guide.secret
    has_secret = bool(shared.public_key if asked is Secret.PUBLIC_KEY else shared.secret)
    is_proven = has_secret or asked in {Secret.NONE, Secret.BASIC}
    is_rotating = (
        shared.old_until is not None and g.now < shared.old_until and (shared.old_secret or shared.old_public_key)
    )
    topics = list_topics(source.config) if speaks_through_topics(adapter) else None
    return SourcePage(
        source, adapter.guide.title, adapter.guide, address_of(source, shared), is_proven, has_secret,
        shared.old_until if is_rotating else None, topics,
    )  # fmt: skip


def address_of(source: Source, shared: SourceSecrets) -> str:
    """Return the full public address that the provider posts to."""
    base = settings().base_url or request.host_url.rstrip("/")
    return base + url_for("webhooks.receive", provider=source.kind, token=shared.token)


def show_once(page: SourcePage, shared: SourceSecrets) -> ShownOnce | None:
    """Return a secret of our making, or a user and a password, to be shown this once; what was pasted is known."""
    if not shared.secret or page.asks not in {Secret.OURS, Secret.BASIC}:
        return None
    scheme, _, rest = page.address.partition("://")
    is_pair = page.asks == Secret.BASIC and ":" in shared.secret
    return ShownOnce(shared.secret, f"{scheme}://{quote(shared.secret, safe=':')}@{rest}" if is_pair else "")


def render_test(page: SourcePage, form: SecretForm | None = None, shown: ShownOnce | None = None) -> str:
    """Return step three of connecting a source; with a secret, it is the one page that shows it.

    A source of our own kinds has no such step: raises NotFound.
    """
    paste = form or SecretForm(find_adapter(page.source.kind), formdata=None)
    latest = list_latest(page.source.id)
    return render_template("connections/test.html", page=page, form=paste, shown=shown, latest=latest)


def list_latest(source_id: int) -> list[DeliveryRow]:
    """Return the newest deliveries of a source."""
    return deliveries.list_deliveries(db.session(), source_id, state=None, limit=LATEST)


def list_views(source_id: int | None = None) -> list[SourceView]:
    """Return the company's sources as they are shown, or the one of that number."""
    company, session = g.member.company, db.session()
    zone = ZoneInfo(company.timezone)
    today = datetime.combine(company.day_of(g.now), time.min, zone)
    activity = queries.list_activity(session, company.id, now=g.now, today=today)
    arrivals = queries.list_arrival_instants(session, company.id, now=g.now, source_id=source_id)
    return [
        presenter.show_source(row, activity[row.id], arrivals.get(row.id, []), now=g.now, zone=zone)
        for row in queries.list_sources(session, company.id)
        if source_id in {None, row.id}
    ]
