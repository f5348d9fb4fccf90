"""The parent of all forms that people fill in: text is stripped, and errors are listed once more on top."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields import StringField

from dashboard.errors import Invalid


def strip(value: object) -> object:
    """Remove blanks around text."""
    return value.strip() if isinstance(value, str) else value


class PageForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A form of a page; its CSRF token is checked before the view runs."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Strip text fields unless they ask not to be."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Add the stripping filter."""
            if unbound_field.field_class is StringField:
                options = options | {"filters": [strip, *options.get("filters", ())]}
            return super().bind_field(form, unbound_field, options)

    def take(self, error: Invalid) -> None:
        """Show the faults that a service found at the fields they name."""
        for fault in error.fields:
            field = self._fields.get(fault.path)
            if field is None:
                self.form_errors.append(fault.message)
            else:
                field.errors = [*field.errors, fault.message]
