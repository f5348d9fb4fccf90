"""A template for tests: arranged in the store, and as its form is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard.models import Template
from dashboard.services import templates
from dashboard.services.resources import Change
from dashboard.services.templates import TemplateValues
from dashboard.vocabulary.people import CompanyRef

CONTENT = '<p>Hello {{ contact.first_name }}</p>\n<a href="{{ unsubscribe_url }}">Unsubscribe</a>\n'
DECLARED = ["contact", "unsubscribe_url"]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def make_values(**changes: Any) -> TemplateValues:
    values: dict[str, Any] = {
        "name": "News", "key": "news", "subject": "Hello {{ contact.first_name }}", "content": CONTENT,
        "variables": DECLARED,
    }  # fmt: skip
    return TemplateValues(**(values | changes))


def make_template(session: Session, company: CompanyRef, id_: UUID | None = None, **changes: Any) -> Template:
    """Make a template by the service, as uma did."""
    change = Change(company, "uma@acme.test", AT)
    row, _ = templates.create_template(session, change, id_ or uuid7(), make_values(**changes))
    return row


def fields(**changes: str) -> dict[str, str]:
    """Return the fields of the editor as a browser sends them."""
    values = {
        "id": "01993b5e-0000-7000-8000-000000000001", "name": "Summer", "key": "summer", "category": "Sales",
        "subject": "Sun, {{ contact.first_name }}", "content": CONTENT.replace("\n", "\r\n"), "text": "",
        "variables": "contact\r\nunsubscribe_url", "is_active": "y", "note": "",
    }  # fmt: skip
    return values | changes
