"""Mailboxes: their list and pages, what each may send today, its warm-up, and every change to them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.registers import (
    TABS,
    Desk,
    Done,
    Verb,
    add_views,
    archive_verb,
    change,
    get_row,
    show_numbers,
)
from dashboard.errors import Invalid, NotFound
from dashboard.extensions import db
from dashboard.forms.mailboxes import MailboxForm
from dashboard.forms.resources import ReasonForm
from dashboard.models import Mailbox
from dashboard.models.campaigns import MAX_DAILY_LIMIT
from dashboard.permissions import Action, requires
from dashboard.presenters.mailboxes import make_allowance, make_allowances, make_warm_up
from dashboard.presenters.resources import ResourceRow
from dashboard.queries import mailboxes as queries
from dashboard.services import mailbox_adoption
from dashboard.services import mailboxes as services
from dashboard.services.resources import Change, Overtaken
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.warmup import Preset

blueprint = Blueprint("mailboxes", __name__, url_prefix="/c/<slug:slug>/mailboxes")


def _move_all(verb: str, session: Session, who: Change, ids: Sequence[UUID], reason: str) -> Done:
    return services.move_many(session, who, ids, verb, reason=reason)


def _cells(row: Mailbox) -> Sequence[object]:
    status, plan = "archived" if row.archived_at else row.status.value, services.plan_of(row)
    return row.email, row.name, status, row.daily_limit, row.tracks_replies, plan.text if plan else "off"


def _beside(rows: list[ResourceRow]) -> dict[str, Any]:
    """Return what the list shows beside the numbers: two statements for however many rows."""
    today, boxes = g.member.company.day_of(g.now), [one.row for one in rows]
    sends = queries.list_sends(db.session(), g.member.company.id, [row.id for row in boxes], today)
    domains = queries.list_domains(db.session(), {row.domain_id for row in boxes})
    return {"allowances": make_allowances(boxes, sends, today), "domains": domains, **_ways()}


def _ways() -> dict[str, bool]:
    return {"has_domain_pages": "domains.show" in current_app.view_functions}


desk = Desk(
    ResourceType.MAILBOX, Action.MAILBOX_MANAGE, mailbox_adoption.adopt_keys,
    ("Address", "Name", "Status", "Daily limit", "Tracks replies", "Warm-up"), _cells,
    "mailboxes/index.html", "mailboxes/show.html",
    {
        "activate": Verb("Activate", "activated", partial(_move_all, "activate"), asks_reason=True),
        "deactivate": Verb("Deactivate", "deactivated", partial(_move_all, "deactivate"), asks_reason=True),
        "archive": archive_verb(ResourceType.MAILBOX),
    },
    _beside,
    tabs=(TABS[0], ("warm_up", "warm_up", "Warm-up"), *TABS[1:]),
    why_not=mailbox_adoption.why_not,
)  # fmt: skip
add_views(blueprint, desk)


@blueprint.get("/<uuid:id_>")
@requires(Action.RESOURCE_VIEW)
def show(id_: UUID) -> Response:
    """Show one mailbox."""
    row: Mailbox = get_row(desk, id_)
    return show_numbers(desk, id_, **_facts(row))


@blueprint.get("/<uuid:id_>/warm-up")
@requires(Action.RESOURCE_VIEW)
def warm_up(id_: UUID) -> str:
    """Show how a mailbox's allowance is made, and the days of its warm-up."""
    row: Mailbox = get_row(desk, id_)
    return render_template("mailboxes/warm_up.html", desk=desk, row=row, tab="warm_up", **_facts(row))


def _facts(row: Mailbox) -> dict[str, Any]:
    today = g.member.company.day_of(g.now)
    sends = queries.list_sends(db.session(), g.member.company.id, [row.id], today).get(row.id, {})
    domain = queries.list_domains(db.session(), {row.domain_id})[row.domain_id]
    return {
        "allowance": make_allowance(row, sends, today), "warmth": make_warm_up(row, sends, today), "domain": domain,
        "today": today, "moves": services.moves_of(row), **_ways(),
    }  # fmt: skip


@blueprint.get("/new")
@requires(Action.MAILBOX_MANAGE)
def new() -> str:
    """Show an empty form."""
    return _form(MailboxForm.empty(request.args.get("email", "")[:254]))


@blueprint.post("")
@requires(Action.MAILBOX_MANAGE)
def create() -> Redirect | tuple[str, int]:
    """Make a mailbox."""
    form = _filled()
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        row, is_new = services.create_mailbox(db.session(), change(), form.new_id, form.values(), form.chosen_status)
    except Invalid as error:
        form.take(error)
        return _form(form), 422
    if is_new:
        flash(f"{row.email} was made.")
    return _to(row.id)


@blueprint.get("/<uuid:id_>/edit")
@requires(Action.MAILBOX_MANAGE)
def edit(id_: UUID) -> str:
    """Show the form of a mailbox."""
    row = get_row(desk, id_)
    return _form(MailboxForm.of(row), row)


@blueprint.post("/<uuid:id_>/edit")
@requires(Action.MAILBOX_MANAGE)
def update(id_: UUID) -> Redirect | tuple[str, int]:
    """Change a mailbox."""
    row, form = get_row(desk, id_), _filled()
    if not form.validate_on_submit():
        return _form(form, row), 422
    try:
        _save(row, form)
    except Invalid as error:
        form.take(error)
        return _form(form, row), 422
    except Overtaken as error:
        form.revision.data = str(error.row.revision)
        return _form(form, error.row, saved=MailboxForm.of(error.row)), 409
    flash("Saved.")
    return _to(id_)


def _save(row: Mailbox, form: MailboxForm) -> None:
    values, status = form.values(services.values_of(row)), form.chosen_status
    services.edit_mailbox(db.session(), change(), row.id, values, revision=form.seen_revision, status=status)


@blueprint.get("/<uuid:id_>/move/<verb>")
@requires(Action.MAILBOX_MANAGE)
def confirm_move(id_: UUID, verb: str) -> str:
    """Ask before the state is changed, and why."""
    _check_verb(verb)
    return render_template("mailboxes/move.html", row=get_row(desk, id_), verb=verb, form=ReasonForm(formdata=None))


@blueprint.post("/<uuid:id_>/move/<verb>")
@requires(Action.MAILBOX_MANAGE)
def move(id_: UUID, verb: str) -> Redirect | tuple[str, int]:
    """Change the state."""
    _check_verb(verb)
    form = ReasonForm()
    if not form.validate_on_submit():
        return render_template("mailboxes/move.html", row=get_row(desk, id_), verb=verb, form=form), 422
    row = services.move_mailbox(db.session(), change(), id_, verb, reason=form.reason.data or "")
    flash(f"{row.email} was {services.MOVES[verb][2]}.")
    return _to(id_)


def _check_verb(verb: str) -> None:
    if verb not in services.MOVES:
        raise NotFound


def _filled() -> MailboxForm:
    form = MailboxForm()
    form.today = g.member.company.day_of(g.now)
    return form


def _form(form: MailboxForm, row: Mailbox | None = None, *, saved: MailboxForm | None = None) -> str:
    return render_template(
        "mailboxes/form.html", form=form, row=row, saved=saved, most=MAX_DAILY_LIMIT, tab="edit", desk=desk,
        names=queries.list_domain_names(db.session()), presets=Preset, can_make_domains=_can_make_domains(),
    )  # fmt: skip


def _can_make_domains() -> bool:
    return "domains.new" in current_app.view_functions


def _to(id_: UUID) -> Redirect:
    return redirect(url_for("mailboxes.show", id_=id_), 303)
