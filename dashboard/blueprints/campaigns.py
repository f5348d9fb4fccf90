"""Campaigns: their list and pages, every change to them, and up to five beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.registers import Desk, Done, Verb, add_views, archive_verb, change, get_row, show_numbers
from dashboard.errors import Invalid, NotFound
from dashboard.extensions import db
from dashboard.forms.campaigns import CampaignForm, zones
from dashboard.forms.comparisons import MOST_COMPARED, read_comparison
from dashboard.forms.resources import ReasonForm
from dashboard.models import Campaign
from dashboard.models.campaigns import MAX_DAILY_LIMIT
from dashboard.permissions import Action, check_role, may, requires
from dashboard.presenters.comparisons import make_comparison
from dashboard.presenters.resources import ResourceRow
from dashboard.queries import comparisons, today
from dashboard.queries import resources as queries
from dashboard.services import campaigns as services
from dashboard.services.resources import Change, Overtaken
from dashboard.vocabulary.analytics import ResourceType

blueprint = Blueprint("campaigns", __name__, url_prefix="/c/<slug:slug>/campaigns")


def _move_all(verb: str, session: Session, who: Change, ids: Sequence[UUID], reason: str) -> Done:
    return services.move_many(session, who, ids, verb, reason=reason)


def _cells(row: Campaign) -> Sequence[object]:
    status = "archived" if row.archived_at else row.status.value
    return row.name, row.key, status, row.daily_limit, row.timezone, row.track_opens, row.track_clicks


def _today(rows: list[ResourceRow]) -> dict[str, Any]:
    found = today.list_sent_today(db.session(), g.member.company.id, [one.row for one in rows], g.now)
    return {"sent_today": found}


desk = Desk(
    ResourceType.CAMPAIGN, Action.CAMPAIGN_MANAGE, services.adopt_keys,
    ("Name", "Key", "Status", "Daily limit", "Time zone", "Tracks opens", "Tracks clicks"), _cells,
    "campaigns/index.html", "campaigns/show.html",
    {
        "pause": Verb("Pause", "paused", partial(_move_all, "pause"), asks_reason=True),
        "resume": Verb("Resume", "resumed", partial(_move_all, "resume"), asks_reason=True),
        "complete": Verb("Complete", "completed", partial(_move_all, "complete"), asks_reason=True),
        "compare": Verb("Compare", "compared", None, leads_to="campaigns.compare"),
        "archive": archive_verb(ResourceType.CAMPAIGN),
    },
    _today,
)  # fmt: skip
add_views(blueprint, desk)


@blueprint.get("/compare")
@requires(Action.RESOURCE_VIEW)
def compare() -> str:
    """Show up to five campaigns on one chart."""
    company, session = g.member.company, db.session()
    asked = read_comparison(request.args, today=company.day_of(g.now))
    rows = queries.list_by_ids(session, ResourceType.CAMPAIGN, asked.ids)
    series = comparisons.list_series(session, company.id, ResourceType.CAMPAIGN, rows, asked.chosen)
    page = make_comparison(rows, series, metric=asked.metric, unit=asked.chosen.unit, today=asked.chosen.today)
    return render_template("campaigns/compare.html", asked=asked, page=page, most=MOST_COMPARED)


@blueprint.get("/<uuid:id_>")
@requires(Action.RESOURCE_VIEW)
def show(id_: UUID) -> Response:
    """Show one campaign."""
    row: Campaign = get_row(desk, id_)
    sent = today.list_sent_today(db.session(), g.member.company.id, [row], g.now)
    return show_numbers(desk, id_, moves=_moves(row), sent_today=sent.get(row.id, 0))


def _moves(row: Campaign) -> list[str]:
    """Return what the member may do to its state."""
    return [
        verb for verb in services.moves_of(row)
        if verb not in services.ADMIN_MOVES or may(g.member.role, Action.CAMPAIGN_REOPEN)
    ]  # fmt: skip


@blueprint.get("/new")
@requires(Action.CAMPAIGN_MANAGE)
def new() -> str:
    """Show an empty form, or one filled in with what is copied."""
    source = request.args.get("copy")
    values = None
    if source:
        values = services.clone_values(db.session(), get_row(desk, _id(source)))
    return _form(CampaignForm.empty(g.member.company.timezone, values))


@blueprint.post("")
@requires(Action.CAMPAIGN_MANAGE)
def create() -> Redirect | tuple[str, int]:
    """Make a draft."""
    form = CampaignForm()
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        row, is_new = services.create_campaign(db.session(), change(), form.new_id, form.values)
    except Invalid as error:
        form.take(error)
        return _form(form), 422
    if is_new:
        flash(f"{row.name} was made, as a draft.")
    return _to(row.id)


@blueprint.get("/<uuid:id_>/edit")
@requires(Action.CAMPAIGN_MANAGE)
def edit(id_: UUID) -> str:
    """Show the form of a campaign."""
    row = get_row(desk, id_)
    return _form(CampaignForm.of(row), row)


@blueprint.post("/<uuid:id_>/edit")
@requires(Action.CAMPAIGN_MANAGE)
def update(id_: UUID) -> Redirect | tuple[str, int]:
    """Change a campaign."""
    row, form = get_row(desk, id_), CampaignForm()
    if not form.validate_on_submit():
        return _form(form, row), 422
    try:
        services.edit_campaign(db.session(), change(), id_, form.values, revision=form.seen_revision)
    except Invalid as error:
        form.take(error)
        return _form(form, row), 422
    except Overtaken as error:
        form.revision.data = str(error.row.revision)
        return _form(form, error.row, saved=CampaignForm.of(error.row)), 409
    flash("Saved.")
    return _to(id_)


@blueprint.get("/<uuid:id_>/move/<verb>")
@requires(Action.CAMPAIGN_MANAGE)
def confirm_move(id_: UUID, verb: str) -> str:
    """Ask before the state is changed, and why."""
    _check_verb(verb)
    return render_template("campaigns/move.html", row=get_row(desk, id_), verb=verb, form=ReasonForm(formdata=None))


@blueprint.post("/<uuid:id_>/move/<verb>")
@requires(Action.CAMPAIGN_MANAGE)
def move(id_: UUID, verb: str) -> Redirect | tuple[str, int]:
    """Change the state."""
    _check_verb(verb)
    if verb in services.ADMIN_MOVES:
        check_role(g.member.role, Action.CAMPAIGN_REOPEN)
    form = ReasonForm()
    if not form.validate_on_submit():
        return render_template("campaigns/move.html", row=get_row(desk, id_), verb=verb, form=form), 422
    row = services.move_campaign(db.session(), change(), id_, verb, reason=form.reason.data or "")
    flash(f"{row.name} was {services.MOVES[verb][2]}.")
    return _to(id_)


def _check_verb(verb: str) -> None:
    if verb not in services.MOVES:
        raise NotFound


def _form(form: CampaignForm, row: Campaign | None = None, *, saved: CampaignForm | None = None) -> str:
    return render_template(
        "campaigns/form.html", form=form, row=row, saved=saved, zones=zones(), most=MAX_DAILY_LIMIT, tab="edit",
        desk=desk,
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such campaign.") from None


def _to(id_: UUID) -> Redirect:
    return redirect(url_for("campaigns.show", id_=id_), 303)
