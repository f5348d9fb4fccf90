"""Mailboxes from a CSV file: choosing it, a dry run that changes nothing, and the progress of importing it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.bodies import takes
from dashboard.blueprints.live import fragment
from dashboard.blueprints.mailboxes import desk
from dashboard.blueprints.registers import change
from dashboard.errors import Conflict, Invalid, NotFound
from dashboard.extensions import db, settings
from dashboard.forms.mailbox_files import COLUMNS, MAX_BYTES, MAX_ROWS, MailboxFileForm, read_mailboxes
from dashboard.permissions import Action, requires
from dashboard.presenters.mailbox_imports import ImportView, show_import
from dashboard.presenters.resources import CALLED
from dashboard.queries import imports as queries
from dashboard.services import cursors, mailbox_import, uploads
from dashboard.services import mailbox_import_jobs as services

blueprint = Blueprint("mailbox_imports", __name__, url_prefix="/c/<slug:slug>/mailboxes/import")

QUESTION = "mailboxes of a file"
FORM_BYTES = 64 * 1024  # what surrounds the file
SHOWN = 50  # rows of each list of the dry run


@blueprint.get("")
@requires(Action.MAILBOX_MANAGE)
def new() -> str:
    """Show the form and what the file holds."""
    return _form(MailboxFileForm(formdata=None))


@blueprint.post("")
@requires(Action.MAILBOX_MANAGE)
@takes(MAX_BYTES + FORM_BYTES)
def create() -> Redirect | tuple[str, int]:
    """Take a file and lead to its dry run."""
    form = MailboxFileForm()
    if not form.validate_on_submit():
        return _form(form), 422
    with closing(form.stream) as stream:
        try:
            read = read_mailboxes(stream.read())
        except Invalid as error:
            form.take(error)
            return _form(form), 422
    id_ = services.keep_file(_folder(), read)
    token = cursors.make_cursor(_secret(), g.member.company.id, QUESTION, [id_.hex])
    return redirect(url_for("mailbox_imports.check", file=token), 303)


@blueprint.get("/check")
@requires(Action.MAILBOX_MANAGE)
def check() -> str:
    """Show what the file would make and change."""
    token = request.args.get("file", "")
    read = services.read_file(_folder(), _read(token))
    outcome = mailbox_import.compare(db.session(), change(), read.rows)
    faults = sorted([*read.faults, *outcome.faults], key=lambda fault: fault.line)
    return render_template(
        "mailboxes/import_check.html", desk=desk, read=read, outcome=outcome, faults=faults, file=token, most=SHOWN,
        called=CALLED,
    )  # fmt: skip


@blueprint.post("/run")
@requires(Action.MAILBOX_MANAGE)
def run() -> Redirect:
    """Have the rows imported that can be taken; the worker does it, and the page that follows shows how far it is."""
    id_ = _read(request.form.get("file", ""))
    if _find(id_) is None:
        services.ask_import(db.session(), change(), id_, services.read_file(_folder(), id_))
    return redirect(url_for("mailbox_imports.show", id_=id_), 303)


@blueprint.get("/<uuid:id_>")
@requires(Action.MAILBOX_MANAGE)
def show(id_: UUID) -> str:
    """Show how far an import is, and what it came to."""
    return render_template("mailboxes/import_run.html", desk=desk, id_=id_, shown=_get(id_))


@blueprint.get("/<uuid:id_>/progress")
@requires(Action.MAILBOX_MANAGE)
def progress(id_: UUID) -> Response:
    """Answer the part that changes; it asks for itself again until the import is over."""
    return fragment(render_template("mailboxes/_import_run.html", id_=id_, shown=_get(id_)))


def _get(id_: UUID) -> ImportView:
    """Return an import of this company; raises NotFound."""
    found = _find(id_)
    if found is None:
        raise NotFound("There is no such import. It may be long over.")
    return found


def _find(id_: UUID) -> ImportView | None:
    found = queries.find_job(db.session(), g.member.company.id, services.unique_key(id_))
    return show_import(services.Progress.read(found.payload), found.state) if found else None


def _read(token: str) -> UUID:
    """Return which file a token of this company names; raises Invalid for any other text."""
    if not token:
        raise Conflict(services.GONE)
    (name,) = cursors.read_cursor(_secret(), g.member.company.id, QUESTION, token)
    return UUID(name)


def _form(form: MailboxFileForm) -> str:
    return render_template("mailboxes/import.html", desk=desk, form=form, columns=COLUMNS, most=MAX_ROWS)


def _folder() -> Path:
    return uploads.folder_in(settings().instance)


def _secret() -> str:
    return settings().secret_key.get_secret_value()
