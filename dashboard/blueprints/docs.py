"""Help pages."""

from __future__ import annotations

from flask import Blueprint, render_template

from dashboard.forms.openapi import describe
from dashboard.permissions import public

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/docs")
@public
def api() -> str:
    """Show how programs talk to us; made from the same description as /api/openapi.json."""
    return render_template("docs/api.html", api=describe())
