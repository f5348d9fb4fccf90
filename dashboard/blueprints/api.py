"""The API for programs: reading numbers, setting reported ones, exports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from dashboard.blueprints.exports import stream
from dashboard.blueprints.programs import Answer, answer_json, check_company, once
from dashboard.extensions import db, settings
from dashboard.forms import queries
from dashboard.forms import reported as forms
from dashboard.forms.openapi import describe
from dashboard.forms.reading import read_query
from dashboard.permissions import public, requires_scope
from dashboard.presenters import api as shapes
from dashboard.queries import league, rows, totals
from dashboard.services import cursors, reported
from dashboard.vocabulary.analytics import ReportedNumbers
from dashboard.vocabulary.roles import Scope

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/analytics")
@requires_scope(Scope.READ)
def list_analytics() -> Response:
    """Answer the sums over everything asked for, and one page of the rows under them."""
    asked = read_query(queries.AnalyticsPageQuery, request.args)
    check_company(asked.companyId)
    chosen, company_id = asked.filter(), g.key.company.id
    found = rows.list_rows(
        db.session(), company_id, chosen, limit=asked.limit + 1, after=_position(asked.cursor, chosen)
    )
    page, is_last = found[: asked.limit], len(found) <= asked.limit
    cursor = None if is_last else _cursor(chosen, page[-1])
    total = totals.get_sum(db.session(), company_id, chosen)
    return answer_json(shapes.analytics(total, page, asked.period(), cursor, g.key.company.slug))


@blueprint.get("/analytics/recent")
@requires_scope(Scope.READ)
def list_recent() -> Response:
    """Answer the newest rows."""
    asked = read_query(queries.RecentQuery, request.args)
    check_company(asked.companyId)
    found = rows.list_recent(db.session(), g.key.company.id, asked.filter(), limit=asked.limit)
    return answer_json([shapes.row(one, g.key.company.slug) for one in found])


@blueprint.get("/campaign-analytics")
@requires_scope(Scope.READ)
def list_campaigns() -> Response:
    """Answer each campaign's sums and days."""
    asked = read_query(queries.CampaignQuery, request.args)
    check_company(asked.companyId)
    found = league.list_campaigns(db.session(), g.key.company.id, asked.filter())
    return answer_json([shapes.campaign(one) for one in found])


@blueprint.post("/analytics")
@requires_scope(Scope.WRITE)
def create_analytics() -> Response:
    """Set the numbers of one key."""

    def work(body: Any) -> Answer:
        (outcome,) = _set([forms.read_update(body, today=g.key.company.day_of(g.now))])
        return shapes.outcome(outcome)

    return once(work)


@blueprint.post("/analytics/batch")
@requires_scope(Scope.WRITE)
def create_batch() -> Response:
    """Set the numbers of up to 10,000 keys, all or nothing."""

    def work(body: Any) -> Answer:
        outcomes = _set(forms.read_batch(body, today=g.key.company.day_of(g.now)))
        return {"results": [shapes.outcome(outcome) for outcome in outcomes]}

    return once(work)


@blueprint.delete("/analytics")
@requires_scope(Scope.WRITE)
def delete_analytics() -> Response:
    """Take back what the key's source reported for one key."""
    asked = read_query(queries.RowQuery, request.args)
    check_company(asked.companyId)
    key = (asked.type, asked.resourceId, asked.date)
    row_id = reported.delete_numbers(db.session(), g.key.company.id, g.key.source_id, key, actor=g.key.actor, now=g.now)
    return answer_json({"id": row_id, "action": "deleted"})


@blueprint.get("/export")
@requires_scope(Scope.EXPORT)
def export() -> Response:
    """Stream rows as CSV or JSON."""
    asked = read_query(queries.ExportQuery, request.args)
    check_company(asked.companyId)
    return stream(g.key.company, asked.filter(), asked.format, columns=asked.columns, actor=g.key.actor)


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """Describe the API."""
    return answer_json(describe())


def _set(updates: list[ReportedNumbers]) -> list[reported.Outcome]:
    return reported.set_numbers(db.session(), g.key.company.id, g.key.source_id, updates, now=g.now)


def _position(cursor: str | None, chosen: object) -> rows.Position | None:
    if not cursor:
        return None
    secret = settings().secret_key.get_secret_value()
    return shapes.position(cursors.read_cursor(secret, g.key.company.id, chosen, cursor))


def _cursor(chosen: object, last: Any) -> str:
    position = (last.day.isoformat(), last.resource_key, last.type.value)
    return cursors.make_cursor(settings().secret_key.get_secret_value(), g.key.company.id, chosen, position)
