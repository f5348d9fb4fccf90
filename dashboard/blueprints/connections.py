"""Connecting a source in four steps, each with an address of its own: provider, name and secret, test event, done."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template

from dashboard.blueprints.live import fragment
from dashboard.blueprints.source_pages import (
    find_adapter,
    list_latest,
    make_page,
    read_page,
    render_test,
    show_once,
    vault,
)
from dashboard.errors import Invalid
from dashboard.extensions import db
from dashboard.forms.sources import ConnectForm
from dashboard.permissions import Action, requires
from dashboard.presenters.sources import ASKS
from dashboard.providers.base import Secret
from dashboard.providers.registry import adapters
from dashboard.services import credentials, sources

blueprint = Blueprint("connections", __name__, url_prefix="/c/<slug:slug>/sources")


@blueprint.get("/connect")
@requires(Action.SOURCE_MANAGE)
def index() -> str:
    """Step one: choose the provider."""
    return render_template("connections/index.html", adapters=adapters().values(), asks=ASKS)


@blueprint.get("/connect/<provider>")
@requires(Action.SOURCE_MANAGE)
def new(provider: str) -> str:
    """Step two: name the source, and paste what the provider shows."""
    adapter = find_adapter(provider)
    suggested = credentials.make_secret_for(adapter) if adapter.guide.secret is Secret.BASIC else ""
    form = ConnectForm(adapter, formdata=None, name=adapter.guide.title, secret=suggested)
    return render_template("connections/new.html", adapter=adapter, form=form)


@blueprint.post("/connect/<provider>")
@requires(Action.SOURCE_MANAGE)
def create(provider: str) -> str | tuple[str, int]:
    """Make the source and go on to step three; this answer alone shows the secret."""
    adapter = find_adapter(provider)
    form = ConnectForm(adapter)
    if not form.validate_on_submit():
        return render_template("connections/new.html", adapter=adapter, form=form), 422
    try:
        source, shared = sources.connect_source(
            db.session(), vault(), g.member.company.id, _wanted(provider, form), actor=g.member.actor, now=g.now
        )
    except (Invalid, sources.NameTaken) as error:
        form.refuse(error)
        return render_template("connections/new.html", adapter=adapter, form=form), 422
    page = make_page(source)
    return render_test(page, shown=show_once(page, shared))


@blueprint.get("/<int:source_id>/test")
@requires(Action.SOURCE_MANAGE)
def test(source_id: int) -> str:
    """Step three: the address, what to do at the provider, and the first deliveries as they arrive."""
    return render_test(read_page(source_id))


@blueprint.get("/<int:source_id>/arrivals")
@requires(Action.ANALYTICS_VIEW)
def arrivals(source_id: int) -> Response:
    """Answer the newest deliveries of a source; polled by step three, for what waits raises no version."""
    page = read_page(source_id)
    latest = list_latest(source_id)
    return fragment(render_template("connections/_arrivals.html", page=page, latest=latest))


@blueprint.get("/<int:source_id>/done")
@requires(Action.SOURCE_MANAGE)
def done(source_id: int) -> str:
    """Step four: what comes next."""
    page = read_page(source_id)
    find_adapter(page.source.kind)
    return render_template("connections/done.html", page=page, latest=list_latest(source_id))


def _wanted(provider: str, form: ConnectForm) -> sources.NewSource:
    is_key = find_adapter(provider).guide.secret is Secret.PUBLIC_KEY
    secret, key = ("", form.pasted) if is_key else (form.pasted, "")
    return sources.NewSource(provider, form.name.data, secret, key)
