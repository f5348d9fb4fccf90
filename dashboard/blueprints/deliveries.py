"""The deliveries of a source: the list, one with its request and events, and counting again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, after_this_request, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints import outside
from dashboard.blueprints.live import fragment
from dashboard.blueprints.paging import PAGE, next_cursor, read_position
from dashboard.errors import Forbidden, NotFound
from dashboard.extensions import db
from dashboard.forms.searches import read_choice, read_page
from dashboard.models.inbox import DeliveryState
from dashboard.permissions import Action, requires
from dashboard.presenters.deliveries import Line, Reading, make_lines, read_part, show_body
from dashboard.presenters.privacy import Veil
from dashboard.providers.base import Parsed, Unreadable
from dashboard.queries import companies, messages
from dashboard.queries import deliveries as queries
from dashboard.services import counting, deliveries

blueprint = Blueprint("deliveries", __name__, url_prefix="/c/<slug:slug>/sources/<int:source_id>/deliveries")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a source's deliveries."""

    source: queries.SourceName
    state: DeliveryState | None
    rows: list[queries.DeliveryRow]
    counts: dict[DeliveryState | None, int]
    cursor: str | None
    is_first: bool
    veil: Veil


@dataclass(frozen=True, slots=True)
class Opened:
    """One delivery with what was read from it."""

    source: queries.SourceName
    kept: queries.KeptDelivery
    is_report: bool
    reading: Reading
    lines: tuple[Line, ...]
    veil: Veil


@blueprint.get("")
@requires(Action.DELIVERY_VIEW)
def index(source_id: int) -> str:
    """List the deliveries, the newest first."""
    return render_template("deliveries/index.html", listing=_list(source_id))


@blueprint.get("/rows")
@requires(Action.DELIVERY_VIEW)
def rows(source_id: int) -> Response:
    """Answer the list alone, which is polled: what waits turns counted."""
    return fragment(render_template("deliveries/_rows.html", listing=_list(source_id)))


@blueprint.get("/<uuid:delivery_id>")
@requires(Action.DELIVERY_VIEW)
def show(source_id: int, delivery_id: UUID) -> str:
    """Show one delivery: what became of it, its events, and the request itself."""
    opened = _open(source_id, delivery_id)
    body = None
    if opened.kept.body is not None and not opened.veil.is_on:
        body = show_body(opened.kept.body, opened.kept.headers.get("content-type", ""))
    return render_template("deliveries/show.html", opened=opened, body=body)


@blueprint.get("/<uuid:delivery_id>/outcome")
@requires(Action.DELIVERY_VIEW)
def outcome(source_id: int, delivery_id: UUID) -> Response:
    """Answer what became of a delivery, which is polled while it waits."""
    return fragment(render_template("deliveries/_outcome.html", opened=_open(source_id, delivery_id)))


@blueprint.get("/<uuid:delivery_id>/body")
@requires(Action.DELIVERY_VIEW)
def body(source_id: int, delivery_id: UUID) -> Response:
    """Send the raw bytes as a file that no browser interprets."""
    if companies.is_private(db.session(), g.member.company.id):
        raise Forbidden("Privacy is on in this company: raw bodies are not shown.")
    kept = queries.get_delivery(db.session(), source_id, delivery_id)
    if kept.body is None:
        raise NotFound("The body of this delivery was not kept.")
    headers = {"Content-Disposition": f'attachment; filename="delivery-{delivery_id}.bin"'}
    return Response(kept.body, content_type="application/octet-stream", headers=headers)


@blueprint.post("/<uuid:delivery_id>/replay")
@requires(Action.DELIVERY_REPLAY)
def replay(source_id: int, delivery_id: UUID) -> Redirect:
    """Have one delivery counted again."""
    company_id = g.member.company.id
    deliveries.count_again(db.session(), company_id, source_id, delivery_id, actor=g.member.actor, now=g.now)
    after_this_request(outside.wake_counter)  # after the commit
    flash("The delivery is counted again.")
    return redirect(url_for("deliveries.show", source_id=source_id, delivery_id=delivery_id), 303)


@blueprint.post("/replay")
@requires(Action.DELIVERY_REPLAY)
def replay_unreadable(source_id: int) -> Redirect:
    """Have all that could not be read counted again."""
    company_id = g.member.company.id
    number = deliveries.count_unreadable_again(db.session(), company_id, source_id, actor=g.member.actor, now=g.now)
    after_this_request(outside.wake_counter)
    words = "1 delivery is" if number == 1 else f"{number:,} deliveries are"
    flash(f"{words} counted again." if number else "There was nothing unreadable to count again.")
    return redirect(url_for("deliveries.index", source_id=source_id), 303)


def _list(source_id: int) -> Listing:
    session, company_id = db.session(), g.member.company.id
    source = queries.get_source(session, source_id)
    state = read_choice(request.args, "state", DeliveryState)
    asked = ("deliveries", source_id, state)
    position = read_position(asked)
    after = queries.Position(datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    found = queries.list_deliveries(session, source_id, state=state, limit=PAGE + 1, after=after)
    last = found[PAGE - 1] if len(found) > PAGE else None
    cursor = next_cursor(asked, (last.received_at.isoformat(), last.id.hex)) if last else None
    counts = queries.count_states(session, company_id, source_id)
    veil = Veil(companies.is_private(session, company_id))
    return Listing(source, state, found[:PAGE], counts, cursor, position is None, veil)


def _open(source_id: int, delivery_id: UUID) -> Opened:
    session = db.session()
    source = queries.get_source(session, source_id)
    kept = queries.get_delivery(session, source_id, delivery_id)
    veil = Veil(companies.is_private(session, g.member.company.id))
    is_report = deliveries.is_report(kept.headers)
    parsed, refused = (Parsed(), "") if is_report or kept.body is None else _parse(source.kind, kept)
    reading = read_part(
        source_id, kept.row, parsed.events, parsed.unreadable, page=read_page(request.args), refused=refused
    )
    lines = make_lines(kept, reading, messages.get_tellings(session, reading.keys), veil)
    return Opened(source, kept, is_report, reading, lines, veil)


def _parse(kind: str, kept: queries.KeptDelivery) -> tuple[Parsed, str]:
    try:
        return counting.read_delivery(kind, kept.unpack()), ""
    except Unreadable as error:
        return Parsed(), str(error)
