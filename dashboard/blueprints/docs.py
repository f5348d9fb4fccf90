"""Help pages."""

from __future__ import annotations

from flask import Blueprint, render_template

from dashboard.errors import NotFound
from dashboard.forms.openapi import describe
from dashboard.permissions import public
from dashboard.presenters.sources import ASKS
from dashboard.providers.registry import adapters

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/docs")
@public
def api() -> str:
    """Show how programs talk to us; made from the same description as /api/openapi.json."""
    return render_template("docs/api.html", api=describe())


@blueprint.get("/docs/providers")
@public
def providers() -> str:
    """List the providers whose events are understood."""
    return render_template("docs/providers.html", adapters=adapters().values(), asks=ASKS)


@blueprint.get("/docs/providers/<name>")
@public
def provider(name: str) -> str:
    """Show how a provider is connected, and what its words mean here."""
    adapter = adapters().get(name)
    if adapter is None:
        raise NotFound
    return render_template("docs/provider.html", adapter=adapter)
