"""Back-fill of a source's history: uploading a provider's export, and watching it being read."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.bodies import takes
from dashboard.blueprints.live import fragment
from dashboard.blueprints.source_pages import find_adapter
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.extensions import db, engines, settings
from dashboard.forms.imports import UploadForm
from dashboard.permissions import Action, requires
from dashboard.presenters.imports import ImportView, show_import
from dashboard.queries import imports as queries
from dashboard.queries.imports import Target
from dashboard.services import uploads

blueprint = Blueprint("history", __name__, url_prefix="/c/<slug:slug>/sources/<int:source_id>/history")

MAX_UPLOAD_BYTES = 100 * 1024 * 1024


@blueprint.get("")
@requires(Action.SOURCE_MANAGE)
def show(source_id: int) -> str:
    """Show the form, and what was uploaded before."""
    target = queries.get_target(db.session(), source_id)
    return _page(target, UploadForm(find_adapter(target.kind), g.now, formdata=None))


@blueprint.get("/progress")
@requires(Action.SOURCE_MANAGE)
def progress(source_id: int) -> Response:
    """Answer the list of uploads alone, which is polled while one of them is being read or counted."""
    target = queries.get_target(db.session(), source_id)
    return fragment(render_template("history/_imports.html", target=target, imports=_list(target)))


@blueprint.post("")
@requires(Action.SOURCE_MANAGE)
@takes(MAX_UPLOAD_BYTES)
def create(source_id: int) -> Redirect | tuple[str, int]:
    """Take a file; a job reads it."""
    target = _find(source_id)
    form = UploadForm(find_adapter(target.kind), g.now)
    if not form.validate_on_submit():
        return _page(target, form), 422
    upload, folder = form.upload(source_id), uploads.folder_in(settings().instance)
    uploads.take_upload(db.session(), g.member.company.id, upload, folder, actor=g.member.actor, now=g.now)
    flash(f"{upload.name} is uploaded. It is read now, and you need not wait here.")
    return redirect(url_for("history.show", source_id=source_id), 303)


def _find(source_id: int) -> Target:
    """Return the source from a transaction of its own: the one that writes begins when the file is stored."""
    with open_session(engines(), Mode.READ, g.member.company.id) as session:
        return queries.get_target(session, source_id)


def _page(target: Target, form: UploadForm) -> str:
    adapter = find_adapter(target.kind)
    hint = getattr(adapter, "export_hint", "")
    return render_template(
        "history/page.html", target=target, guide=adapter.guide, hint=hint, form=form, imports=_list(target)
    )


def _list(target: Target) -> list[ImportView]:
    return [show_import(row) for row in queries.list_imports(db.session(), g.member.company.id, target.id)]
