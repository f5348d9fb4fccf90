"""Our app with one view more: the strip of six alone, which pages only ever render together with the rest.

Nothing is kept between requests: each answer is admitted, read from the store and rendered anew.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, g, request

from dashboard import app as program
from dashboard import blueprints
from dashboard.blueprints.live import Live, version_of
from dashboard.extensions import db
from dashboard.forms.filters import read_filter
from dashboard.permissions import Action, requires
from dashboard.presenters.cards import make_cards
from dashboard.queries.sources import list_source_names
from dashboard.queries.totals import get_series
from dashboard.vocabulary.analytics import Days

blueprint = Blueprint("strip", __name__, url_prefix="/c/<slug:slug>/strip")
TEMPLATE = "components/numbers.html"


class Part:
    """As much of a page as the strip shows."""

    def __init__(self, cards: list[object], sources: dict[int, str]) -> None:
        self.cards, self.sources = cards, sources


@blueprint.get("")
@requires(Action.ANALYTICS_VIEW)
def show() -> str:
    company = g.member.company
    chosen = read_filter(request.args, today=company.day_of(g.now))
    span = Days(chosen.previous.start, chosen.days.end)
    numbers = get_series(db.session(), company.id, chosen.analytics, span).numbers
    now, before = numbers.within(chosen.full_days).total(), numbers.within(chosen.previous).total()
    shown = numbers.within(chosen.days)
    cards = make_cards(shown.total(), now, before, shown, len(chosen.full_days))
    part = Part(cards, list_source_names(db.session(), company.id))
    live = Live(chosen, part, g.member, "", "", version_of(g.member))
    macros: Any = current_app.jinja_env.get_template(TEMPLATE).module
    return macros.strip(live, macros.provenance(live))


def create_app() -> Flask:
    blueprints.ALL = (*blueprints.ALL, blueprint)
    return program.create_app()
