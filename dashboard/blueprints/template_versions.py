"""Versions of a template: the list, two of them beside each other, restoring one, and files of them."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.downloads import POLICY as SHUT
from dashboard.blueprints.downloads import disposition
from dashboard.blueprints.paging import next_cursor, read_position
from dashboard.blueprints.registers import Desk, change, get_row
from dashboard.composing.export import inline_styles
from dashboard.errors import Fault, Invalid
from dashboard.extensions import db
from dashboard.permissions import Action, requires
from dashboard.presenters.templates import compare_versions
from dashboard.queries import templates as queries
from dashboard.services import templates as services

EXTENSION = "html"
PAGE = 50
MOST_OFFERED = 500  # versions to choose from


def add_version_views(blueprint: Blueprint, desk: Desk) -> None:
    """Give the blueprint the pages of versions."""
    view, manage = requires(Action.RESOURCE_VIEW), requires(Action.TEMPLATE_MANAGE)
    blueprint.add_url_rule("/<uuid:id_>/versions", "versions", view(partial(versions, desk)))
    blueprint.add_url_rule("/<uuid:id_>/versions/compare", "compare", view(partial(compare, desk)))
    blueprint.add_url_rule("/<uuid:id_>/download", "download_html", view(partial(download, desk)))
    blueprint.add_url_rule(
        "/<uuid:id_>/versions/<int:number>/restore", "restore", manage(restore), methods=["POST"]
    )  # fmt: skip


def versions(desk: Desk, id_: UUID) -> str:
    """List the versions, the newest first."""
    row, asked = get_row(desk, id_), ("versions", str(id_))
    position = read_position(asked)
    before = position[0] if position else None
    found = queries.list_versions(db.session(), id_, limit=PAGE + 1, before=before)
    cursor = next_cursor(asked, [found[PAGE - 1].number]) if len(found) > PAGE else None
    return render_template(
        "templates/versions.html", desk=desk, row=row, tab="versions", rows=found[:PAGE], cursor=cursor,
        is_first=before is None,
    )  # fmt: skip


def compare(desk: Desk, id_: UUID) -> str:
    """Show two versions beside each other, the older on the left."""
    row, session = get_row(desk, id_), db.session()
    one, other = sorted((_number("left", max(row.version - 1, 1)), _number("right", row.version)))
    old, new = (queries.get_version(session, id_, number) for number in (one, other))
    numbers = [found.number for found in queries.list_versions(session, id_, limit=MOST_OFFERED)]
    return render_template(
        "templates/compare.html", desk=desk, row=row, tab="versions", old=old, new=new,
        parts=compare_versions(old, new), numbers=numbers,
    )  # fmt: skip


def restore(id_: UUID, number: int) -> Redirect:
    """Say again what a version said, as a new one."""
    row, is_new = services.restore_version(db.session(), change(), id_, number)
    if is_new:
        flash(f"Version {number} is restored, as version {row.version}.")
    else:
        flash(f"Version {number} is what it says already.")
    return redirect(url_for("templates.versions", id_=id_), 303)


def download(desk: Desk, id_: UUID) -> Response:
    """Send the HTML: as it was written, or with its styles written into the elements."""
    row = get_row(desk, id_)
    number, form = _number("version", 0), request.args.get("form", "written")
    content = queries.get_version(db.session(), id_, number).content if number else row.content
    if form not in {"written", "inlined"}:
        raise Invalid("Nothing was sent.", fields=[Fault("form", "must be written or inlined")])
    text = inline_styles(content) if form == "inlined" else content
    end = f"{f' version {number}' if number else ''}{' inlined' if form == 'inlined' else ''}.{EXTENSION}"
    headers = {"Content-Disposition": disposition(row.name + end), "Content-Security-Policy": SHUT}
    return Response(text, content_type="text/html; charset=utf-8", headers=headers)


def _number(name: str, default: int) -> int:
    """Return a number of the query string; raises Invalid."""
    text = request.args.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("There is no such version.", fields=[Fault(name, "must be the number of a version")])
    return int(text)
