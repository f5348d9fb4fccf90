"""The overview of a company, and the part of it that is polled."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from dashboard.blueprints.live import Live, polled, read_live, stamp
from dashboard.permissions import Action, requires

blueprint = Blueprint("overview", __name__, url_prefix="/c/<slug:slug>")

LEAGUE_LIMIT = 8


@blueprint.get("/")
@requires(Action.ANALYTICS_VIEW)
def show() -> Response:
    """Show the whole page."""
    return stamp(make_response(render_template("overview/page.html", live=_live())))


@blueprint.get("/cards")
@requires(Action.ANALYTICS_VIEW)
@polled
def cards() -> Response:
    """Answer the live part; while the page shows the newest version, lifecycle answers 304."""
    return stamp(make_response(render_template("overview/_cards.html", live=_live())))


def _live() -> Live:
    return read_live("overview.cards", "overview.show", league_limit=LEAGUE_LIMIT)
