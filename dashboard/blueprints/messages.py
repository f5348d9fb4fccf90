"""Looking messages up: a search, and the timeline of one message."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from dashboard.blueprints.paging import PAGE, next_cursor, read_position
from dashboard.extensions import db
from dashboard.forms.searches import MAX_SEARCH, read_message_key, read_search
from dashboard.permissions import Action, requires
from dashboard.presenters.messages import make_page
from dashboard.presenters.privacy import Veil
from dashboard.queries import companies
from dashboard.queries import messages as queries

blueprint = Blueprint("messages", __name__, url_prefix="/c/<slug:slug>/messages")


@blueprint.get("")
@requires(Action.MESSAGE_VIEW)
def index() -> str:
    """Show the newest messages, or those that are looked for."""
    search, veil = read_search(request.args), _veil()
    asked = ("messages", search, veil)
    position = read_position(asked)
    after = (
        queries.Position(position[0], bytes.fromhex(position[1]), queries.Way(position[2]), position[3])
        if position
        else None
    )
    way, found = queries.list_messages(db.session(), search, limit=PAGE + 1, after=after, is_exact=veil.is_on)
    return render_template(
        "messages/index.html", rows=found[:PAGE], way=way, veil=veil, search=search, text=request.args.get("q", ""),
        most=MAX_SEARCH, cursor=_cursor(asked, way, found, veil), is_first=position is None,
    )  # fmt: skip


@blueprint.get("/<key>")
@requires(Action.MESSAGE_VIEW)
def show(key: str) -> str:
    """Show everything that is known of one message."""
    session = db.session()
    row = queries.get_message(session, read_message_key(key))
    homes = {row.key: row.key} | queries.list_told_names(session, [row.key])
    events = queries.list_events(session, homes)
    repeats = queries.list_repeats(session, homes)
    brought_by = {one.delivery_id for one in events}.union(*repeats.values())
    kept = queries.list_kept(session, brought_by)
    page = make_page(row, events, repeats, kept, _veil())
    return render_template("messages/show.html", page=page, is_cut=len(events) == queries.MOST_EVENTS)


def _veil() -> Veil:
    return Veil(companies.is_private(db.session(), g.member.company.id))


def _cursor(asked: object, way: queries.Way, found: list[queries.MessageRow], veil: Veil) -> str | None:
    """Return where the next page begins; an address stands in it only where addresses are the order."""
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1]
    recipient = last.recipient if way is queries.Way.RECIPIENT and not veil.is_on else ""
    return next_cursor(asked, (last.last_at_us, last.key.hex(), way, recipient))
