"""The overview of a company, and the part of it that is polled."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from dashboard.blueprints.live import Live, is_unchanged, not_modified, read_live, stamp
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
def cards() -> Response:
    """Answer the live part, or 304 while the page shows the newest version."""
    if is_unchanged():
        return not_modified()
    return stamp(make_response(render_template("overview/_cards.html", live=_live())))


def _live() -> Live:
    return read_live("overview.cards", "overview.show", league_limit=LEAGUE_LIMIT)
