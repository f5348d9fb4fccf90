"""The first page: how to begin, or one's companies."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from dashboard.errors import Forbidden
from dashboard.extensions import engines
from dashboard.permissions import person, public
from dashboard.queries import identity
from dashboard.services import demo
from dashboard.vocabulary.people import COOKIE_TOKEN
from dashboard.vocabulary.roles import Role

blueprint = Blueprint("companies", __name__)


@blueprint.get("/")
@public
def index() -> Response | str:
    """Show how to begin while nobody can sign in; else the only company, or the list of companies."""
    if not identity.has_users(engines()):
        return render_template("companies/welcome.html")
    g.person = identity.find_person(engines(), session.get(COOKIE_TOKEN, ""), g.now)
    if g.person is None:
        return redirect(url_for("sessions.new"))
    companies = identity.list_companies(engines(), g.person.id)
    if len(companies) == 1:
        return redirect(url_for("overview.show", slug=companies[0].company.slug))
    return render_template("companies/index.html", companies=companies)


@blueprint.get("/companies")
@person
def choose() -> str:
    """Show the list of companies, however many they are."""
    return render_template("companies/index.html", companies=identity.list_companies(engines(), g.person.id))


@blueprint.post("/demo/clear")
@person
def clear_demo() -> Response:
    """Remove the demo companies; only an admin of one of them may."""
    companies = identity.list_companies(engines(), g.person.id)
    if not any(one.is_demo and one.role is Role.ADMIN for one in companies):
        raise Forbidden("Only an admin of a demo company can clear the demo.")
    demo.clear(engines(), current_app.extensions["storage"])
    session.clear()
    return redirect(url_for("companies.index"), 303)
