"""A person's own settings."""

from __future__ import annotations

from zoneinfo import available_timezones

from wtforms import ValidationError
from wtforms.fields import PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from dashboard.config import is_time_zone
from dashboard.forms.base import PageForm
from dashboard.models.base import MAX_NAME
from dashboard.models.users import Theme
from dashboard.services.identity import MAX_PASSWORD, MIN_PASSWORD

THEMES = {Theme.SYSTEM: "Like my system", Theme.LIGHT: "Light", Theme.DARK: "Dark"}


class PreferencesForm(PageForm):
    """Name, look, clock."""

    name = StringField("Name", [DataRequired("Enter your name."), Length(max=MAX_NAME)])
    theme = RadioField("Look", choices=[SelectChoice(theme.value, label) for theme, label in THEMES.items()])
    timezone = StringField("Time zone", [Length(max=64)])

    def validate_name(self, field: StringField) -> None:
        """Refuse what cannot be seen."""
        if not (field.data or "").replace("\u200d", "").isprintable():  # the joiner within one emoji is fine
            raise ValidationError("A name must not contain control characters.")

    def validate_timezone(self, field: StringField) -> None:
        """Take an IANA name, or nothing for the company's."""
        if field.data and not is_time_zone(field.data):
            raise ValidationError("This is not a time zone such as Europe/Berlin.")


class PasswordForm(PageForm):
    """A new password, with the current one."""

    current = PasswordField(
        "Current password", [InputRequired("Enter your current password."), Length(max=MAX_PASSWORD)]
    )
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(MIN_PASSWORD, MAX_PASSWORD, f"A password has {MIN_PASSWORD} to {MAX_PASSWORD:,} characters."),
        ],
    )
    again = PasswordField("New password again", [EqualTo("new", "The two do not match.")])


def list_time_zones() -> list[str]:
    """Return the names of all time zones, for a list of suggestions."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")
