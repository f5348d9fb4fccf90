"""Exports: CSV and JSON, streamed in constant memory from a transaction of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from flask import Blueprint, Response, g, render_template, request

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.extensions import db, engines
from dashboard.forms.filters import PageFilter, read_filter
from dashboard.permissions import Action, requires
from dashboard.presenters import exports as presenter
from dashboard.queries import rows, totals
from dashboard.queries.keys import with_all_keys
from dashboard.services import exports
from dashboard.tenancy import connection
from dashboard.vocabulary.analytics import AnalyticsFilter
from dashboard.vocabulary.metrics import COUNTERS, SIX
from dashboard.vocabulary.people import CompanyRef

blueprint = Blueprint("exports", __name__, url_prefix="/c/<slug:slug>/exports")

Format = Literal["csv", "json"]


@blueprint.get("")
@requires(Action.EXPORT_MAKE)
def show() -> str:
    """Show the form, filled in with the view that one came from."""
    return render_template("exports/page.html", chosen=_chosen(request.args.to_dict()))


@blueprint.post("")
@requires(Action.EXPORT_MAKE)
def create() -> Response:
    """Send the file. It is asked for by POST, because each export leaves an entry in the audit log."""
    wanted: Format = "json" if request.form.get("format") == "json" else "csv"
    columns = "all" if request.form.get("columns") == "all" else "six"
    asked = with_all_keys(db.session(), _chosen(request.form.to_dict()).analytics)
    db.session.rollback()  # the entry is written in a transaction of its own
    return stream(
        g.member.company,
        asked,
        wanted,
        columns=columns,
        actor=g.member.actor,
    )


def _chosen(arguments: dict[str, str]) -> PageFilter:
    return read_filter(arguments, today=g.member.company.day_of(g.now))


def stream(company: CompanyRef, asked: AnalyticsFilter, wanted: Format, *, columns: str, actor: str) -> Response:
    """Return the streamed answer, after the audit entry is written."""
    exports.note(engines(), company.id, asked, wanted, actor=actor, now=g.now)
    body = stream_file(engines(), company.id, asked, wanted, COUNTERS if columns == "all" else SIX)
    media_type = "text/csv; charset=utf-8" if wanted == "csv" else "application/json"
    name = presenter.file_name(company.slug, asked, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    return Response(body, content_type=media_type, headers=headers, direct_passthrough=True)


def stream_file(
    engines: Engines, company_id: int, asked: AnalyticsFilter, wanted: str, counters: tuple[str, ...] = SIX
) -> Iterator[bytes]:
    """Yield the file's bytes, from one transaction."""
    with open_session(engines, Mode.READ, company_id) as session:
        chunks = rows.stream_rows(connection(session, company_id), company_id, asked, counters=counters)
        if wanted == "csv":
            yield from presenter.stream_csv(chunks, counters)
        else:
            total = totals.get_sum(session, company_id, asked)
            yield from presenter.stream_json(chunks, total, asked, counters)
