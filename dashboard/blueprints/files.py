"""Files: the list, uploading, downloading, and deleting what nothing uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.bodies import takes
from dashboard.blueprints.downloads import send_stored
from dashboard.blueprints.paging import next_cursor, read_position
from dashboard.clients.storage import Storage
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Invalid
from dashboard.extensions import db, engines, settings
from dashboard.forms.files import FileForm, read_file_filter
from dashboard.forms.searches import MAX_SEARCH
from dashboard.permissions import Action, requires
from dashboard.queries import files as queries
from dashboard.queries.files import Position, Usage
from dashboard.services import files
from dashboard.services.file_types import TAKEN
from dashboard.vocabulary.files import MAX_FILE_BYTES, FileFilter

blueprint = Blueprint("files", __name__, url_prefix="/c/<slug:slug>/files")

PAGE = 25
FORM_BYTES = 256 * 1024  # what surrounds the file


@blueprint.context_processor
def _addresses() -> dict[str, Callable[[str], str]]:
    """Let templates write whole addresses, as mails need them."""
    base = settings().base_url or request.host_url.rstrip("/")
    return {"address": lambda path: base + path}


@blueprint.get("")
@requires(Action.FILE_VIEW)
def index() -> str:
    """List the files, the newest first."""
    return _page(FileForm(formdata=None), read_file_filter(request.args))


@blueprint.post("")
@requires(Action.FILE_MANAGE)
@takes(MAX_FILE_BYTES + FORM_BYTES)
def create() -> Redirect | tuple[str, int]:
    """Take a file."""
    form, usage = FileForm(), _usage()
    try:
        if form.validate_on_submit():
            made = files.upload_file(db.session(), _storage(), form.upload(), member=g.member, usage=usage, now=g.now)
            flash(f"{made.name} is uploaded.")
            return redirect(url_for("files.index"), 303)
    except Invalid as error:
        db.session.rollback()
        form.take(error)
    return _page(form, FileFilter()), 422


@blueprint.get("/<uuid:id_>")
@requires(Action.FILE_VIEW)
def download(id_: UUID) -> Response:
    """Send the file, to members only; `inline` shows a picture."""
    return send_stored(queries.get_file(db.session(), id_), _storage(), is_inline=request.args.get("inline") == "1")


@blueprint.get("/<uuid:id_>/details")
@requires(Action.FILE_VIEW)
def show(id_: UUID) -> str:
    """Show what is known of a file."""
    file = queries.get_file(db.session(), id_)
    return render_template("files/show.html", file=file, uses=queries.list_uses(db.session(), id_))


@blueprint.get("/<uuid:id_>/delete")
@requires(Action.FILE_MANAGE)
def confirm_delete(id_: UUID) -> str:
    """Ask before a file is deleted."""
    file = queries.get_file(db.session(), id_)
    return render_template("files/confirm_delete.html", file=file, uses=queries.list_uses(db.session(), id_))


@blueprint.post("/<uuid:id_>/delete")
@requires(Action.FILE_MANAGE)
def delete(id_: UUID) -> Redirect:
    """Delete a file."""
    name = files.delete_file(db.session(), g.member.company.id, id_, member=g.member, now=g.now)
    flash(f"{name} is deleted.")
    return redirect(url_for("files.index"), 303)


def _storage() -> Storage:
    return cast(Storage, current_app.extensions["storage"])


def _usage() -> Usage:
    """Read it in a transaction of its own: the one that writes begins when the bytes are stored."""
    with open_session(engines(), Mode.READ, g.member.company.id) as session:
        return queries.get_usage(session)


def _page(form: FileForm, asked: FileFilter) -> str:
    session = db.session()
    found = queries.list_files(session, asked, limit=PAGE + 1, after=_position(asked))
    is_more = len(found) > PAGE
    last = found[PAGE - 1].position if is_more else None
    return render_template(
        "files/index.html", form=form, asked=asked, rows=found[:PAGE], counts=queries.count_by_kind(session, asked),
        usage=queries.get_usage(session), most=MAX_SEARCH, most_bytes=MAX_FILE_BYTES, taken=TAKEN,
        is_first="cursor" not in request.args,
        cursor=next_cursor(asked, [last.at.isoformat(), last.id.hex]) if last else None,
    )  # fmt: skip


def _position(asked: FileFilter) -> Position | None:
    position = read_position(asked)
    return Position(datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
