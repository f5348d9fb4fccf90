"""One's own account: name, look, clock, password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from dashboard.blueprints.rendering import THEME_COOKIE
from dashboard.errors import Invalid
from dashboard.extensions import db, engines
from dashboard.forms.account import PasswordForm, PreferencesForm, list_time_zones
from dashboard.permissions import person
from dashboard.queries import identity
from dashboard.services import identity as people
from dashboard.vocabulary.people import COOKIE_TOKEN

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@person
def show() -> str:
    """Show both forms."""
    preferences = PreferencesForm(name=g.person.name, theme=g.person.theme, timezone=g.person.timezone or "")
    return _page(preferences, PasswordForm())


@blueprint.post("")
@person
def update() -> Response | tuple[str, int]:
    """Save name, look and clock."""
    form = PreferencesForm()
    if not form.validate_on_submit():
        return _page(form, PasswordForm()), 422
    people.change_preferences(
        db.session(), g.person.id, name=form.name.data, theme=form.theme.data, timezone=form.timezone.data
    )
    flash("Saved.")
    response = redirect(url_for("account.show"), 303)
    response.delete_cookie(THEME_COOKIE, samesite="Lax")  # what was saved last wins over the button
    return response


@blueprint.post("/password")
@person
def change_password() -> Response | tuple[str, int]:
    """Set a new password; other browsers are signed out."""
    form = PasswordForm()
    preferences = PreferencesForm(formdata=None, name=g.person.name, theme=g.person.theme, timezone=g.person.timezone)
    if not form.validate_on_submit():
        return _page(preferences, form), 422
    _, stored = identity.find_password(engines(), g.person.email) or (0, None)
    is_right = people.is_password(stored or "", form.current.data)
    new_hash = people.hash_password(form.new.data, field="new")
    try:
        people.change_password(
            db.session(),
            g.person.id,
            current_is_right=is_right,
            new_hash=new_hash,
            keep_token=session[COOKIE_TOKEN],
        )
    except Invalid as error:
        form.take(error)
        return _page(preferences, form), 422
    flash("Your password was changed. Other browsers were signed out.")
    return redirect(url_for("account.show"), 303)


def _page(preferences: PreferencesForm, password: PasswordForm) -> str:
    return render_template(
        "account/page.html", preferences=preferences, password=password, time_zones=list_time_zones()
    )
