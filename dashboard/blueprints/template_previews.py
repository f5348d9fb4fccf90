"""Previews of templates: what stands beside an editor, and the documents of its sandboxed frames."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for

from dashboard.blueprints.registers import Desk, change, get_row
from dashboard.composing.text import make_text
from dashboard.extensions import db
from dashboard.forms.api_resources import read_id
from dashboard.forms.templates import TemplateForm
from dashboard.htmx import request as htmx_request
from dashboard.models import Template
from dashboard.permissions import Action, requires
from dashboard.presenters.templates import Outcome, compare_parts, draft_of, make_outcome, parts_of
from dashboard.queries import templates as queries
from dashboard.services import template_drafts
from dashboard.services.resources import Overtaken

# Nothing runs and nothing is loaded; the frame has `sandbox=""` besides.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def add_preview_views(blueprint: Blueprint, desk: Desk) -> None:
    """Give the blueprint the addresses of previews."""
    manage, view = Action.TEMPLATE_MANAGE, Action.RESOURCE_VIEW
    blueprint.add_url_rule("/preview", "preview", requires(manage)(partial(preview, desk)), methods=["POST"])
    blueprint.add_url_rule("/preview/<uuid:id_>", "draft", requires(manage)(draft))
    blueprint.add_url_rule("/<uuid:id_>/preview", "saved", requires(view)(partial(saved, desk)))


def preview(desk: Desk) -> str:
    """Show what the form's mail comes to; nothing of it is saved. Without script the whole form is answered."""
    form, is_made = TemplateForm.sent(request.form), "make_text" in request.form
    if is_made:
        form.text.data = make_text(form.content.data)
    outcome = outcome_of_form(form)
    if htmx_request.htmx.is_fragment and not is_made:
        return render_template("templates/_outcome.html", outcome=outcome, is_edited=True)
    edited = read_id(request.args.get("of", ""))
    return show_form(desk, form, get_row(desk, edited) if edited else None, outcome=outcome)


def draft(id_: UUID) -> Response:
    """Answer a document that the person's own editor shows in its frame."""
    return framed(queries.get_draft(db.session(), g.person.id, id_).document)


def saved(desk: Desk, id_: UUID) -> Response:
    """Answer the document of a template as it is saved; its faults where it cannot be rendered."""
    look = make_outcome(draft_of(get_row(desk, id_))).look
    return framed(look.document or render_template("templates/_broken.html", faults=look.faults))


def framed(document: str) -> Response:
    """Answer a document that may stand in a frame of our pages, and can do nothing there."""
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"}
    return Response(document, content_type="text/html; charset=utf-8", headers=headers)


def outcome_of_form(form: TemplateForm) -> Outcome:
    """Render what was typed, and keep the document for the frame, which asks for it next."""
    outcome = make_outcome(form.draft)  # takes longest, so it comes before the first write
    if not outcome.look.document or not form.draft.content.strip():
        return outcome
    id_ = template_drafts.keep_draft(db.session(), change(), g.person.id, outcome.look.document)
    return replace(outcome, frame=url_for("templates.draft", id_=id_))


def outcome_of(row: Template) -> Outcome:
    """Render a template as it is saved."""
    outcome = make_outcome(draft_of(row))
    has_frame = bool(outcome.look.document and row.content.strip())
    return replace(outcome, frame=url_for("templates.saved", id_=row.id) if has_frame else "")


def show_form(
    desk: Desk,
    form: TemplateForm,
    row: Template | None,
    *,
    outcome: Outcome | None = None,
    overtaken: Overtaken | None = None,
) -> str:
    """Show the editor; after an edit that came too late, what is saved now beside what was typed."""
    theirs = overtaken.row if overtaken else None
    return render_template(
        "templates/form.html", desk=desk, form=form, row=theirs or row, tab="edit",
        outcome=outcome or make_outcome(form.draft), categories=queries.list_categories(db.session()),
        saved=TemplateForm.of(theirs) if theirs else None,
        parts=compare_parts(_parts(TemplateForm.of(theirs)), _parts(form)) if theirs else (),
    )  # fmt: skip


def _parts(form: TemplateForm) -> dict[str, str]:
    return parts_of(form.subject.data or "", form.content.data, form.text.data, form.draft.variables)
