"""Templates: their list and pages, the editor, files that become one, and whether they are in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.bodies import takes
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
from dashboard.blueprints.template_previews import add_preview_views, outcome_of, show_form
from dashboard.blueprints.template_versions import add_version_views
from dashboard.composing.reading import FILE_BYTES
from dashboard.errors import Invalid, NotFound
from dashboard.extensions import db
from dashboard.forms.api_resources import read_id
from dashboard.forms.templates import ImportForm, TemplateForm
from dashboard.models import Template
from dashboard.permissions import Action, requires
from dashboard.presenters.resources import ResourceRow
from dashboard.queries import templates as queries
from dashboard.services import resources
from dashboard.services import templates as services
from dashboard.services.resources import Change, Overtaken
from dashboard.vocabulary.analytics import ResourceType

FORM_BYTES = 256 * 1024  # what surrounds a file

blueprint = Blueprint("templates", __name__, url_prefix="/c/<slug:slug>/templates")


def _switch_all(is_active: bool, session: Session, who: Change, ids: Sequence[UUID], _reason: str) -> Done:  # noqa: FBT001
    return services.set_active_many(session, who, ids, is_active=is_active)


def _cells(row: Template) -> Sequence[object]:
    status = "archived" if row.archived_at else "active" if row.is_active else "inactive"
    changed = row.updated_at.isoformat(timespec="seconds")
    return row.name, row.key, row.category or "", status, row.subject, " ".join(row.variables), row.version, changed


def _categories(_rows: list[ResourceRow]) -> dict[str, Any]:
    return {"categories": queries.list_categories(db.session())}


desk = Desk(
    ResourceType.TEMPLATE, Action.TEMPLATE_MANAGE, services.adopt_keys,
    ("Name", "Key", "Category", "Status", "Subject", "Variables", "Version", "Changed"), _cells,
    "templates/index.html", "templates/show.html",
    {
        "activate": Verb("Activate", "activated", partial(_switch_all, True)),
        "deactivate": Verb("Deactivate", "deactivated", partial(_switch_all, False)),
        "archive": archive_verb(ResourceType.TEMPLATE),
    },
    _categories,
    (*TABS[:1], ("content", "content", "Content"), ("versions", "versions", "Versions"), *TABS[1:4],
     ("edit", "edit", "Edit")),
)  # fmt: skip
add_views(blueprint, desk)
add_preview_views(blueprint, desk)
add_version_views(blueprint, desk)


@blueprint.get("/<uuid:id_>")
@requires(Action.RESOURCE_VIEW)
def show(id_: UUID) -> Response:
    """Show one template's numbers."""
    return show_numbers(desk, id_)


@blueprint.get("/<uuid:id_>/content")
@requires(Action.RESOURCE_VIEW)
def content(id_: UUID) -> str:
    """Show what a template says."""
    row = get_row(desk, id_)
    return render_template("templates/content.html", desk=desk, row=row, tab="content", outcome=outcome_of(row))


@blueprint.get("/new")
@requires(Action.TEMPLATE_MANAGE)
def new() -> str:
    """Show an empty editor, or one filled in with what is copied."""
    source = request.args.get("copy")
    if not source:
        return show_form(desk, TemplateForm.empty(), None)
    row = _get_copied(source)
    form = TemplateForm.empty(services.clone_values(db.session(), row))
    return show_form(desk, form, None, outcome=outcome_of(row))


def _get_copied(text: str) -> Template:
    id_ = read_id(text)
    if id_ is None:
        raise NotFound("There is no such template.")
    row: Template = get_row(desk, id_)
    return row


@blueprint.post("")
@requires(Action.TEMPLATE_MANAGE)
def create() -> Redirect | tuple[str, int]:
    """Make a template."""
    form = TemplateForm.sent(request.form)
    if not form.validate_on_submit():
        return show_form(desk, form, None), 422
    try:
        row, is_new = services.create_template(
            db.session(), change(), form.new_id, form.values, note=form.note.data or ""
        )  # fmt: skip
    except Invalid as error:
        form.take(error)
        return show_form(desk, form, None), 422
    if is_new:
        flash(f"{row.name} was made.")
    return _to(row.id)


@blueprint.get("/<uuid:id_>/edit")
@requires(Action.TEMPLATE_MANAGE)
def edit(id_: UUID) -> str:
    """Show the editor of a template."""
    row = get_row(desk, id_)
    return show_form(desk, TemplateForm.of(row), row, outcome=outcome_of(row))


@blueprint.post("/<uuid:id_>/edit")
@requires(Action.TEMPLATE_MANAGE)
def update(id_: UUID) -> Redirect | tuple[str, int]:
    """Change a template."""
    form, session = TemplateForm.sent(request.form), db.session()
    if not form.validate_on_submit():
        return show_form(desk, form, get_row(desk, id_)), 422
    try:
        row = services.edit_template(
            session, change(), id_, form.values, revision=form.seen_revision, note=form.note.data or ""
        )  # fmt: skip
    except Invalid as error:
        form.take(error)
        return show_form(desk, form, get_row(desk, id_)), 422
    except Overtaken as error:
        form.revision.data = str(error.row.revision)
        return show_form(desk, form, None, overtaken=error), 409
    flash(f"Saved; it is at version {row.version}.")
    return _to(id_)


@blueprint.post("/<uuid:id_>/activate")
@requires(Action.TEMPLATE_MANAGE)
def activate(id_: UUID) -> Redirect | tuple[str, int]:
    """Use it; what keeps it from being used is shown in the editor."""
    row = get_row(desk, id_)
    try:
        services.set_active(db.session(), change(), id_, is_active=True)
    except Invalid as error:
        form = TemplateForm.of(row)
        form.take(error)
        return show_form(desk, form, row, outcome=outcome_of(row)), 422
    flash(f"{row.name} is active.")
    return _to(id_)


@blueprint.post("/<uuid:id_>/deactivate")
@requires(Action.TEMPLATE_MANAGE)
def deactivate(id_: UUID) -> Redirect:
    """Use it no more."""
    row = services.set_active(db.session(), change(), id_, is_active=False)
    flash(f"{row.name} is not active any more.")
    return _to(id_)


@blueprint.get("/import")
@requires(Action.TEMPLATE_MANAGE)
def choose_file() -> str:
    """Ask for an HTML file."""
    return _import_page(ImportForm.empty())


@blueprint.post("/import")
@requires(Action.TEMPLATE_MANAGE)
@takes(FILE_BYTES + FORM_BYTES)
def import_file() -> Redirect | tuple[str, int]:
    """Make a template of an HTML file; it is not in use."""
    form = ImportForm()
    try:
        if form.validate_on_submit():
            values = form.read()  # before anything is locked
            name = form.name.data or resources.free_name(db.session(), ResourceType.TEMPLATE, values.name)
            row, _ = services.create_template(
                db.session(), change(), form.new_id, replace(values, name=name), note=f"imported from {form.file_name}"
            )
            return redirect(url_for("templates.edit", id_=row.id), 303)
    except Invalid as error:
        form.take(error)
    return _import_page(form), 422


def _import_page(form: ImportForm) -> str:
    return render_template("templates/import.html", form=form, desk=desk, most_bytes=FILE_BYTES)


def _to(id_: UUID) -> Redirect:
    return redirect(url_for("templates.content", id_=id_), 303)
