"""Our app with one view more: the strip of six alone, which pages only ever render together with the rest."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Flask, current_app, g, request
from jinja2 import Template

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
TEMPLATE = '{% from "components/numbers.html" import strip with context %}{{ strip(live) }}'


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
    series = get_series(db.session(), company.id, chosen.analytics.within(span))
    now, before = series.total(chosen.full_days), series.total(chosen.previous)
    cards = make_cards(series.total(chosen.days), now, before, series.over(chosen.days), len(chosen.full_days))
    part = Part(cards, list_source_names(db.session(), company.id))
    live = Live(chosen, part, "strip.show", "overview.show", version_of(g.member))
    return _template().render(live=live, member=g.member)


@cache
def _template() -> Template:
    return current_app.jinja_env.from_string(TEMPLATE)


def create_app() -> Flask:
    blueprints.ALL = (*blueprints.ALL, blueprint)
    return program.create_app()
