"""Connecting and changing sources."""

from __future__ import annotations

import unicodedata
from typing import Any

from wtforms import ValidationError
from wtforms.fields import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from dashboard.errors import DashboardError, Invalid
from dashboard.forms.base import PageForm, strip
from dashboard.models.base import MAX_NAME
from dashboard.providers.base import Adapter, Secret
from dashboard.services.inbox import MAX_TOPICS
from dashboard.services.sources import MAX_TOPIC

MAX_SECRET = 1_000
MAX_PUBLIC_KEY = 20_000  # a set of keys may hold several
ASKED = frozenset({Secret.SIGNING, Secret.PUBLIC_KEY, Secret.BASIC})
LABELS = {Secret.SIGNING: "Signing secret", Secret.PUBLIC_KEY: "Public key", Secret.BASIC: "User and password"}


class NameForm(PageForm):
    """What people call a source."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=MAX_NAME, message=f"A name has at most {MAX_NAME} characters.")],
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what cannot be seen."""
        if any(_is_control(char) for char in field.data or ""):
            raise ValidationError("A name must not contain control characters.")

    def refuse(self, error: DashboardError) -> None:
        """Show what a service found: at the fields it names, or at the name, which is taken."""
        if isinstance(error, Invalid):
            self.take(error)
        else:
            self.name.errors = [*self.name.errors, error.message]


class SecretForm(PageForm):
    """What is pasted of a provider: its secret, its public key, or a user and a password."""

    secret = TextAreaField("Secret", filters=[strip])

    def __init__(self, adapter: Adapter, **values: Any) -> None:
        super().__init__(**values)
        self._adapter = adapter
        if "secret" in self:
            self.secret.label.text = LABELS.get(adapter.guide.secret, "Secret")

    def validate_secret(self, field: TextAreaField) -> None:
        """Check the shape of what was pasted; whether it is the right one shows with the first delivery."""
        pasted = field.data or ""
        is_key = self._adapter.guide.secret is Secret.PUBLIC_KEY
        if len(pasted) > (MAX_PUBLIC_KEY if is_key else MAX_SECRET):
            raise ValidationError("This is too long.")
        is_public_key = getattr(self._adapter, "is_public_key", None)
        if pasted and is_key and is_public_key and not is_public_key(pasted):
            raise ValidationError(f"This is not a public key as {self._adapter.guide.title} shows it.")
        if not is_key and any(_is_control(char) for char in pasted):
            raise ValidationError("This must be one line without control characters.")


class ConnectForm(NameForm, SecretForm):
    """A new source: its name, and what is pasted where the provider's kind asks for something."""

    def __init__(self, adapter: Adapter, **values: Any) -> None:
        super().__init__(adapter, **values)
        if adapter.guide.secret not in ASKED:
            del self.secret

    @property
    def pasted(self) -> str:
        """What was pasted, or nothing."""
        return (self.secret.data or "") if "secret" in self else ""


class TopicsForm(PageForm):
    """The topics that may speak to a source, one a line."""

    topics = TextAreaField("Topics")

    @property
    def names(self) -> list[str]:
        """The topics, each once, in the order of the lines."""
        return list(dict.fromkeys(line.strip() for line in (self.topics.data or "").splitlines() if line.strip()))

    def validate_topics(self, _field: TextAreaField) -> None:
        """Take a few names without blanks."""
        if len(self.names) > MAX_TOPICS:
            raise ValidationError(f"At most {MAX_TOPICS} topics are kept.")
        for number, name in enumerate(self.names, 1):
            if len(name) > MAX_TOPIC or not name.isprintable() or " " in name:
                raise ValidationError(f"Topic {number} is not the name of a topic, such as arn:aws:sns:….")


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"}
