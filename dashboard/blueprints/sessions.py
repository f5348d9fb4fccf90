"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from dashboard.errors import TooMany, Unauthenticated
from dashboard.extensions import db, engines
from dashboard.forms.sessions import LoginForm, safe_next
from dashboard.htmx import request
from dashboard.permissions import public
from dashboard.queries import identity
from dashboard.services import identity as people
from dashboard.vocabulary.people import COOKIE_TOKEN

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/login")
@public
def new() -> Response | str:
    """Show the sign-in page, or go on for whoever is signed in."""
    if not identity.has_users(engines()):
        return redirect(url_for("companies.index"))
    if identity.find_person(engines(), session.get(COOKIE_TOKEN, ""), g.now):
        return redirect(safe_next(request.args.get("next")) or url_for("companies.index"))
    form = LoginForm(next=safe_next(request.args.get("next")) or "")
    return render_template("sessions/page.html", form=form, refusal=None)


@blueprint.post("/login")
@public
def create() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Sign in: a new session in place of whatever the browser had."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("sessions/page.html", form=form, refusal=None), 422
    address = request.remote_addr or ""
    try:
        user_id = people.check_password(engines(), form.email.data, form.password.data, address, g.now)
    except (Unauthenticated, TooMany) as error:
        status = 429 if isinstance(error, TooMany) else 422
        return render_template("sessions/page.html", form=form, refusal=error.message), status, error.headers
    if COOKIE_TOKEN in session:
        people.sign_out(db.session(), session[COOKIE_TOKEN])
    token = people.sign_in(db.session(), user_id, user_agent=request.user_agent.string, address=address, now=g.now)
    session.clear()
    session.permanent = True
    session[COOKIE_TOKEN] = token
    return redirect(safe_next(form.next.data) or url_for("companies.index"), 303)


@blueprint.post("/logout")
@public
def delete() -> Response:
    """Sign out: the session's row goes, and with it the worth of any copy of the cookie."""
    token = session.get(COOKIE_TOKEN)
    if token:
        people.sign_out(db.session(), token)
    session.clear()
    return redirect(url_for("sessions.new"), 303)
