"""Signing in."""

from __future__ import annotations

from urllib.parse import urlsplit

from wtforms.fields import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from dashboard.forms.base import PageForm


class LoginForm(PageForm):
    """E-mail address and password, on one page."""

    email = StringField("E-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])
    next = HiddenField()


def safe_next(address: str | None) -> str | None:
    """Return the address to go to after signing in, if it is a path on this server; else None."""
    if not address or not address.startswith("/") or not address.isprintable() or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if not parts.scheme and not parts.netloc and not address.startswith("//") else None
