"""A company's mapping rules: the list, one of them, every change to it, and counting history anew by them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.live import fragment
from dashboard.counting.rules import Rule
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Conflict, Invalid
from dashboard.extensions import db, engines
from dashboard.forms.reading import read_query
from dashboard.forms.rules import MoveForm, RuleForm
from dashboard.permissions import Action, requires
from dashboard.presenters.privacy import Veil
from dashboard.presenters.rules import ShownPreview, looked_at, share_done, show_preview
from dashboard.queries import companies
from dashboard.queries import rebuilds as histories
from dashboard.queries import rules as queries
from dashboard.services import rebuilds, rules

PATIENCE = timedelta(minutes=1)  # a job that was not begun by then may have no worker

blueprint = Blueprint("rules", __name__, url_prefix="/c/<slug:slug>/rules")


@blueprint.get("")
@requires(Action.ANALYTICS_VIEW)
def index() -> str:
    """List the rules in the order in which they are tried."""
    rows = queries.list_rules(db.session())
    return render_template(
        "rules/index.html", rows=rows, most=rules.MAX_RULES, looked_at=looked_at, **_history()
    )  # fmt: skip


@blueprint.get("/history")
@requires(Action.ANALYTICS_VIEW)
def history() -> Response:
    """Answer how far counting anew is, which is polled while it is at work."""
    return fragment(render_template("rules/_history.html", **_history()))


@blueprint.post("/history")
@requires(Action.RULE_MANAGE)
def rebuild() -> Redirect:
    """Let the worker count history anew."""
    is_new = rebuilds.ask_rebuild(
        db.session(), g.member.company.id, reason="rules", actor=g.member.actor, now=g.now
    )  # fmt: skip
    flash("Counting history anew was started." if is_new else "History is being counted anew already.")
    return _to_list()


@blueprint.get("/new")
@requires(Action.RULE_MANAGE)
def new() -> str:
    """Show an empty form."""
    return _form(RuleForm.empty())


@blueprint.post("")
@requires(Action.RULE_MANAGE)
def create() -> Redirect | tuple[str, int]:
    """Add a rule behind all others."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        rules.add_rule(
            db.session(), g.member.company.id, form.rule_id, form.rule, actor=g.member.actor, now=g.now
        )  # fmt: skip
    except Invalid as error:
        form.take(error)
        return _form(form), 422
    flash("The rule was added. New mail follows it.")
    return _to_list()


@blueprint.post("/preview")
@requires(Action.RULE_MANAGE)
def preview() -> str | tuple[str, int]:
    """Show what a new rule would change."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _form(form), 422
    return _form(form, preview=_preview(form.rule))


@blueprint.get("/<uuid:rule_id>")
@requires(Action.ANALYTICS_VIEW)
def show(rule_id: UUID) -> str:
    """Show one rule and what it does."""
    row = queries.get_rule(queries.list_rules(db.session()), rule_id)
    return render_template("rules/show.html", row=row, looked_at=looked_at, preview=_preview(row.rule, row.id))


@blueprint.get("/<uuid:rule_id>/edit")
@requires(Action.RULE_MANAGE)
def edit(rule_id: UUID) -> str:
    """Show the form of a rule."""
    row = queries.get_rule(queries.list_rules(db.session()), rule_id)
    return _form(RuleForm.of(row.rule), rule_id=rule_id)


@blueprint.post("/<uuid:rule_id>")
@requires(Action.RULE_MANAGE)
def update(rule_id: UUID) -> Redirect | tuple[str, int]:
    """Let a rule say something else."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _form(form, rule_id=rule_id), 422
    try:
        rules.change_rule(
            db.session(), g.member.company.id, rule_id, form.rule,
            seen=form.seen.data or "", actor=g.member.actor, now=g.now,
        )  # fmt: skip
    except Invalid as error:
        form.take(error)
        return _form(form, rule_id=rule_id), 422
    except Conflict as error:
        return _overtaken(form, rule_id, error)
    flash("The rule was changed. New mail follows it.")
    return _to_list()


@blueprint.post("/<uuid:rule_id>/preview")
@requires(Action.RULE_MANAGE)
def preview_change(rule_id: UUID) -> str | tuple[str, int]:
    """Show what a changed rule would change."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _form(form, rule_id=rule_id), 422
    return _form(form, rule_id=rule_id, preview=_preview(form.rule, rule_id))


@blueprint.post("/<uuid:rule_id>/move")
@requires(Action.RULE_MANAGE)
def move(rule_id: UUID) -> Redirect:
    """Let a rule change places with the one above or below."""
    asked = read_query(MoveForm, request.form)
    is_moved = rules.move_rule(
        db.session(), g.member.company.id, rule_id, asked.direction,
        place=asked.place, actor=g.member.actor, now=g.now,
    )  # fmt: skip
    flash("The order was changed." if is_moved else "The rule stands elsewhere by now. Nothing was moved.")
    return _to_list()


@blueprint.post("/<uuid:rule_id>/delete")
@requires(Action.RULE_MANAGE)
def delete(rule_id: UUID) -> Redirect:
    """Delete a rule."""
    rules.delete_rule(db.session(), g.member.company.id, rule_id, actor=g.member.actor, now=g.now)
    flash("The rule was deleted. New mail no longer follows it.")
    return _to_list()


def _history() -> dict[str, object]:
    found = histories.get_history(db.session())
    is_late = found.active is not None and found.active.run_at < g.now - PATIENCE
    return {"history": found, "share_done": share_done, "is_late": is_late}


def _preview(rule: Rule, rule_id: UUID | None = None) -> ShownPreview:
    """Return what a new rule would change, or one in place of another.

    It reads much, and so in a transaction of its own, which no writer waits for.
    """
    company_id = g.member.company.id
    with open_session(engines(), Mode.READ, company_id) as session:
        rows = queries.list_rules(session)
        if rule_id is not None:
            queries.get_rule(rows, rule_id)
        found = queries.preview(session, company_id, queries.propose(rows, rule, instead_of=rule_id), now=g.now)
        return show_preview(found, Veil(companies.is_private(session, company_id)))


def _form(form: RuleForm, *, rule_id: UUID | None = None, preview: ShownPreview | None = None) -> str:
    return render_template("rules/form.html", form=form, rule_id=rule_id, preview=preview)


def _overtaken(form: RuleForm, rule_id: UUID, error: Conflict) -> tuple[str, int]:
    """Say that somebody else was quicker; what was typed is kept, and can be saved over it."""
    row = queries.get_rule(queries.list_rules(db.session()), rule_id)
    form.seen.data = rules.fingerprint(row.rule)
    now_says = f"{row.rule.field} {row.rule.pattern} → {row.rule.type} {row.rule.resource_key}"
    form.form_errors.append(f"{error.message} It says now: {now_says}. Save again to replace that.")
    return _form(form, rule_id=rule_id), 409


def _to_list() -> Redirect:
    return redirect(url_for("rules.index"), 303)
