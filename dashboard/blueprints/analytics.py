"""The explorer: the same numbers as the overview, by resource and by day, for any filter."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from dashboard.blueprints.live import Live, polled, read_live, stamp
from dashboard.permissions import Action, requires

blueprint = Blueprint("analytics", __name__, url_prefix="/c/<slug:slug>/analytics")

LEAGUE_LIMIT = 100


@blueprint.get("")
@requires(Action.ANALYTICS_VIEW)
def show() -> Response:
    """Show the whole page."""
    return stamp(make_response(render_template("analytics/page.html", live=_live())))


@blueprint.get("/explorer")
@requires(Action.ANALYTICS_VIEW)
@polled
def explorer() -> Response:
    """Answer the live part; while the page shows the newest version, lifecycle answers 304."""
    return stamp(make_response(render_template("analytics/_explorer.html", live=_live())))


def _live() -> Live:
    return read_live("analytics.explorer", "analytics.show", league_limit=LEAGUE_LIMIT)
