"""A mapping rule as it is filled in: where to look, for what, and which resource that mail belongs to."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator
from uuid_utils.compat import uuid7
from wtforms import ValidationError
from wtforms.fields import HiddenField, SelectChoice, SelectField, StringField

from dashboard.counting.rules import Rule
from dashboard.forms.base import PageForm
from dashboard.forms.reading import Form
from dashboard.forms.values import parse_key
from dashboard.models.messages import RuleField
from dashboard.services.rules import MAX_RULES, fingerprint
from dashboard.vocabulary.analytics import REPORTABLE_TYPES

MAX_PATTERN = 200
MAX_METADATA_NAME = 100  # adapters keep no more of it
FIELDS = {
    RuleField.TAG: "A tag",
    RuleField.SENDER: "The sender",
    RuleField.SUBJECT: "The subject",
    RuleField.METADATA: "Metadata",
}


class RuleForm(PageForm):
    """One rule. `id` names a new one, so that a form that is sent twice makes one; `seen` is what was changed."""

    field = SelectField(
        "What is looked at",
        choices=[SelectChoice(field.value, label) for field, label in FIELDS.items()],
        invalid_choice_message="Choose what is looked at.",
    )
    name = StringField("Name of the metadata")
    pattern = StringField("Looks like")
    type = SelectField(
        "Belongs to",
        choices=[SelectChoice(kind.value, f"The {kind.value}") for kind in REPORTABLE_TYPES],
        invalid_choice_message="Choose a campaign, template, mailbox or domain.",
    )
    resource_key = StringField("Key")
    id = HiddenField()
    seen = HiddenField()

    @classmethod
    def empty(cls) -> RuleForm:
        """Return a form for a new rule."""
        return cls(formdata=None, id=str(uuid7()))

    @classmethod
    def of(cls, rule: Rule) -> RuleForm:
        """Return a form filled in with a rule."""
        return cls(
            formdata=None, field=rule.field, name=rule.name, pattern=rule.pattern, type=rule.type,
            resource_key=rule.resource_key, seen=fingerprint(rule),
        )  # fmt: skip

    @property
    def rule_id(self) -> UUID:
        """The id of a new rule; a new one where the form brought none."""
        try:
            return UUID(self.id.data or "")
        except ValueError:
            return uuid7()

    @property
    def rule(self) -> Rule:
        """What was filled in, once it was found right."""
        is_named = self.field.data == RuleField.METADATA
        key = parse_key(self.type.data, self.resource_key.data)
        return Rule(self.type.data, self.field.data, self.name.data if is_named else "", self.pattern.data, key)

    def validate_name(self, field: StringField) -> None:
        """Ask for the name of metadata, and for nothing else's."""
        if self.field.data == RuleField.METADATA:
            _check(field.data or "", "the name of the metadata", MAX_METADATA_NAME)

    def validate_pattern(self, field: StringField) -> None:
        """Take one line of text."""
        _check(field.data or "", "what it looks like", MAX_PATTERN)

    def validate_resource_key(self, field: StringField) -> None:
        """Take a key of the chosen type."""
        if self.type.data not in REPORTABLE_TYPES:
            return  # its own field says so
        if not field.data:
            raise ValidationError(f"Enter the key of the {self.type.data}.")
        try:
            parse_key(self.type.data, field.data)
        except ValueError as error:
            raise ValidationError(f"The key {error}.") from error


def _check(text: str, what: str, most: int) -> None:
    if not text:
        raise ValidationError(f"Enter {what}.")
    if len(text) > most:
        raise ValidationError(f"This has {len(text):,} characters; at most {most} are taken.")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise ValidationError("This must not contain control characters.")


def _place(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MAX_RULES:
        return int(value[:9])
    raise ValueError(f"must be a whole number from 1 to {MAX_RULES}")


class MoveForm(Form):
    """The button that moves a rule: whereto, and where the rule was seen."""

    direction: Literal["up", "down"]
    place: Annotated[int, BeforeValidator(_place)]
    csrf_token: str = ""
