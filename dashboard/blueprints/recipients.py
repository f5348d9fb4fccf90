"""Bounced and suppressed recipients: the list, and the file of it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, g, render_template, request

from dashboard.blueprints.paging import PAGE, next_cursor, read_position
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.extensions import db, engines
from dashboard.forms.searches import MAX_SEARCH, read_trouble
from dashboard.permissions import Action, requires
from dashboard.presenters import recipients as presenter
from dashboard.presenters.privacy import Veil
from dashboard.queries import companies
from dashboard.queries import recipients as queries
from dashboard.services import exports

blueprint = Blueprint("recipients", __name__, url_prefix="/c/<slug:slug>/recipients")


@blueprint.get("")
@requires(Action.MESSAGE_VIEW)
def index() -> str:
    """List the recipients, the newest trouble first."""
    session, company_id = db.session(), g.member.company.id
    veil = Veil(companies.is_private(session, company_id))
    asked = read_trouble(request.args, is_private=veil.is_on)
    position = read_position(asked)
    after = queries.Position(position[0], bytes.fromhex(position[1])) if position else None
    found = queries.list_recipients(session, asked, limit=PAGE + 1, after=after)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return render_template(
        "recipients/index.html", rows=found[:PAGE], asked=asked, veil=veil, most=MAX_SEARCH,
        counts=queries.count_recipients(session, company_id, asked), is_first=position is None,
        cursor=next_cursor(asked, (last.at_us, last.message_key.hex())) if last else None,
    )  # fmt: skip


@blueprint.post("")
@requires(Action.EXPORT_MAKE)
def create() -> Response:
    """Send the list as a file. It is asked for by POST, because each file leaves an entry in the audit log."""
    company = g.member.company
    veil = Veil(companies.is_private(db.session(), company.id))
    asked = read_trouble(request.form, is_private=veil.is_on)
    db.session.rollback()  # the entry is written in a transaction of its own
    exports.note_recipients(engines(), company.id, asked, actor=g.member.actor, now=g.now)
    name = presenter.file_name(company.slug, asked.trouble, company.day_of(g.now))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    body = stream_file(engines(), company.id, asked, veil)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers, direct_passthrough=True)


def stream_file(engines: Engines, company_id: int, asked: queries.TroubleFilter, veil: Veil) -> Iterator[bytes]:
    """Yield the file's bytes, from one transaction."""
    with open_session(engines, Mode.READ, company_id) as session:
        yield from presenter.stream_csv(queries.stream_recipients(session, asked), veil)
