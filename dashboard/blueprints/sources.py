"""The sources of a company: the list, one of them, and every change to it; connecting is in connections.py."""

from __future__ import annotations

from flask import Blueprint, Response, after_this_request, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints import outside
from dashboard.blueprints.live import fragment
from dashboard.blueprints.source_pages import (
    SourcePage,
    find_adapter,
    list_latest,
    list_views,
    read_page,
    render_test,
    show_once,
    vault,
)
from dashboard.errors import Invalid
from dashboard.extensions import db
from dashboard.forms.sources import NameForm, SecretForm, TopicsForm
from dashboard.permissions import Action, requires
from dashboard.presenters.sources import show_last_hour
from dashboard.queries import sources as queries
from dashboard.services import sources

blueprint = Blueprint("sources", __name__, url_prefix="/c/<slug:slug>/sources")


@blueprint.get("")
@requires(Action.ANALYTICS_VIEW)
def index() -> str:
    """List the sources with their health."""
    return render_template("sources/index.html", views=list_views())


@blueprint.get("/list")
@requires(Action.ANALYTICS_VIEW)
def rows() -> Response:
    """Answer the list alone, which is polled: a silence grows without anything happening."""
    return fragment(render_template("sources/_rows.html", views=list_views()))


@blueprint.get("/<int:source_id>")
@requires(Action.ANALYTICS_VIEW)
def show(source_id: int) -> str:
    """Show one source."""
    return _page(read_page(source_id))


@blueprint.get("/<int:source_id>/now")
@requires(Action.ANALYTICS_VIEW)
def now(source_id: int) -> Response:
    """Answer the part of a source's page that is polled."""
    return fragment(render_template("sources/_now.html", **_live(read_page(source_id))))


@blueprint.post("/<int:source_id>/rename")
@requires(Action.SOURCE_MANAGE)
def rename(source_id: int) -> Redirect | tuple[str, int]:
    """Give a source another name."""
    page, form = read_page(source_id), NameForm()
    if not form.validate_on_submit():
        return _page(page, name_form=form), 422
    try:
        sources.rename_source(
            db.session(), g.member.company.id, source_id, form.name.data, actor=g.member.actor, now=g.now
        )
    except (Invalid, sources.NameTaken) as error:
        form.refuse(error)
        return _page(page, name_form=form), 422
    return _done(source_id, "Renamed.")


@blueprint.post("/<int:source_id>/secret")
@requires(Action.SOURCE_MANAGE)
def rotate(source_id: int) -> Redirect | str | tuple[str, int]:
    """Take a new secret, or make one and show it on this answer alone."""
    page = read_page(source_id)
    form = SecretForm(find_adapter(page.source.kind))
    if not form.validate_on_submit():
        return _refused(page, form)
    pasted = form.secret.data or ""
    try:
        shared = sources.rotate_secret(
            db.session(), vault(), g.member.company.id, source_id, pasted=pasted, actor=g.member.actor, now=g.now
        )
    except Invalid as error:
        form.take(error)
        return _refused(page, form)
    if pasted:
        return _done(source_id, "The new one is stored.", endpoint=_asked_from())
    return render_template("sources/secret.html", page=read_page(source_id), shown=show_once(page, shared))


@blueprint.post("/<int:source_id>/topics")
@requires(Action.SOURCE_MANAGE)
def pin_topics(source_id: int) -> Redirect | tuple[str, int]:
    """Say which topics may speak to a source."""
    page, form = read_page(source_id), TopicsForm()
    if not form.validate_on_submit():
        return _page(page, topics_form=form), 422
    sources.pin_topics(
        db.session(), g.member.company.id, source_id, form.names, actor=g.member.actor, now=g.now
    )  # fmt: skip
    return _done(source_id, "The topics are kept.")


@blueprint.post("/<int:source_id>/pause")
@requires(Action.SOURCE_MANAGE)
def pause(source_id: int) -> Redirect:
    """Hold what comes from now on."""
    found = sources.pause_source(db.session(), g.member.company.id, source_id, actor=g.member.actor, now=g.now)
    return _done(source_id, f"{found.name} is paused. What comes is held until you resume it.")


@blueprint.post("/<int:source_id>/resume")
@requires(Action.SOURCE_MANAGE)
def resume(source_id: int) -> Redirect:
    """Count again what comes, and first what was held."""
    released = sources.resume_source(db.session(), g.member.company.id, source_id, actor=g.member.actor, now=g.now)
    after_this_request(outside.wake_counter)  # after the commit
    held = f" {released.total:,} held deliveries are counted now." if released.total else ""
    return _done(source_id, f"The source is active again.{held}")


@blueprint.get("/<int:source_id>/delete")
@requires(Action.SOURCE_MANAGE)
def confirm_delete(source_id: int) -> str:
    """Ask before a source is deleted, and say what stays."""
    page = read_page(source_id)
    sources.check_deletable(page.source)
    (view,) = list_views(source_id)
    return render_template("sources/confirm_delete.html", page=page, view=view)


@blueprint.post("/<int:source_id>/delete")
@requires(Action.SOURCE_MANAGE)
def delete(source_id: int) -> Redirect:
    """End a source; its numbers stay."""
    found = sources.delete_source(db.session(), g.member.company.id, source_id, actor=g.member.actor, now=g.now)
    flash(f"Deleted. Its numbers stay, under the name {found.name}.")
    return redirect(url_for("sources.index"), 303)


def _live(page: SourcePage) -> dict[str, object]:
    session, company_id, source_id = db.session(), g.member.company.id, page.source.id
    (view,) = list_views(source_id)
    return {
        "page": page,
        "view": view,
        "hour": show_last_hour(queries.list_minutes(session, company_id, source_id, now=g.now), now=g.now),
        "latest": list_latest(source_id),
    }


def _page(page: SourcePage, **forms: object) -> str:
    """Return one source's page; forms that were refused come filled in, the others as things stand."""
    usual: dict[str, object] = {
        "name_form": NameForm(formdata=None, name=page.source.name),
        "topics_form": TopicsForm(formdata=None, topics="\n".join(page.topics or ())),
        "secret_form": SecretForm(find_adapter(page.source.kind), formdata=None) if page.guide else None,
    }
    return render_template("sources/show.html", **_live(page), **(usual | forms))


def _refused(page: SourcePage, form: SecretForm) -> tuple[str, int]:
    if _asked_from() == "connections.test":
        return render_test(page, form), 422
    return _page(page, secret_form=form), 422


def _asked_from() -> str:
    """Return the page to go back to: a source that is being connected asks for its key on the way."""
    return "connections.test" if request.form.get("step") == "test" else "sources.show"


def _done(source_id: int, message: str, *, endpoint: str = "sources.show") -> Redirect:
    flash(message)
    return redirect(url_for(endpoint, source_id=source_id), 303)
