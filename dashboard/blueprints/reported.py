"""Reported numbers, row by row, and taking back a wrong one."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from dashboard.extensions import db
from dashboard.forms.queries import RowForm
from dashboard.forms.reading import read_query
from dashboard.permissions import Action, requires
from dashboard.queries import reported as queries
from dashboard.services import reported

blueprint = Blueprint("reported", __name__, url_prefix="/c/<slug:slug>/reported")

PAGE = 50


@blueprint.get("")
@requires(Action.REPORTED_DELETE)
def index() -> str:
    """List what programs reported, newest first."""
    before = request.args.get("before", type=int)
    rows = queries.list_reported(db.session(), g.member.company.id, limit=PAGE + 1, before=before)
    return render_template("reported/index.html", rows=rows[:PAGE], has_more=len(rows) > PAGE, before=before)


@blueprint.post("/delete")
@requires(Action.REPORTED_DELETE)
def delete() -> Response:
    """Take back one row; totals follow, and the audit log keeps the numbers that stood there."""
    asked = read_query(RowForm, request.form)
    key = (asked.type, asked.resourceId, asked.date)
    reported.delete_numbers(db.session(), g.member.company.id, asked.source_id, key, actor=g.member.actor, now=g.now)
    flash(f"The numbers of {asked.resourceId} on {asked.date} were taken back.")
    return redirect(url_for("reported.index"), 303)
