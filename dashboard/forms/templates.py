"""A template as people write it, and an HTML file that becomes one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from flask_wtf.file import FileField, FileRequired
from uuid_utils.compat import uuid7
from wtforms import ValidationError
from wtforms.fields import BooleanField, StringField, TextAreaField

from dashboard.composing.drafts import Draft
from dashboard.composing.liquid import SOURCE_BYTES
from dashboard.composing.reading import FILE_BYTES, find_title, read_html
from dashboard.composing.samples import VALUE_LENGTH, sample_text
from dashboard.forms.campaigns import read_name
from dashboard.forms.resources import RegisteredForm, check_line
from dashboard.forms.values import parse_key
from dashboard.models import Template
from dashboard.models.base import MAX_NAME
from dashboard.services.templates import TemplateValues, values_of

MAX_SUBJECT = 1_000
MAX_CATEGORY = 50
MAX_VARIABLES = 200
MAX_PATH = 100
MAX_NOTE = 150
SAMPLE = "sample:"  # begins the name of a field, which the path of a variable ends

_PATH = re.compile(r"[^\W\d][\w-]*(\.[\w-]+)*")
_SEPARATORS = re.compile(r"[\s,;]+")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def normal_lines(text: str) -> str:
    """Return a text whose lines end as they do here, whatever a browser or a program made of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_subject(text: str) -> str:
    """Return a subject; raises ValueError with a sentence."""
    if len(text) > MAX_SUBJECT:
        raise ValueError(f"has {len(text):,} characters; at most {MAX_SUBJECT:,} are taken")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise ValueError("must not contain control characters")
    return text.strip()


def read_source(text: str) -> str:
    """Return the text of a part of a mail; raises ValueError with a sentence."""
    text = normal_lines(text)
    if _NO_TEXT.search(text):
        raise ValueError("must not contain NUL characters or lone surrogates")
    if (size := len(text.encode())) > SOURCE_BYTES:
        raise ValueError(f"has {size:,} bytes; at most {SOURCE_BYTES:,} are taken")
    return text


def read_category(text: str) -> str | None:
    """Return a category, None where there is none; raises ValueError with a sentence."""
    name = unicodedata.normalize("NFC", text[: 8 * MAX_CATEGORY]).strip()
    if len(name) > MAX_CATEGORY:
        raise ValueError(f"must have at most {MAX_CATEGORY} characters")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise ValueError("must not contain control characters")
    return name or None


def read_variables(names: Iterable[str]) -> list[str]:
    """Return declared variables, each once, in the order given; raises ValueError with a sentence."""
    found = list(dict.fromkeys(names))
    wrong = next((name for name in found if len(name) > MAX_PATH or not _PATH.fullmatch(name)), None)
    if wrong is not None:
        raise ValueError(f"must be names such as contact.first_name; {wrong[:MAX_PATH]!r} is none")
    if len(found) > MAX_VARIABLES:
        raise ValueError(f"are {len(found):,}; at most {MAX_VARIABLES} are taken")
    return found


def split_variables(text: str) -> list[str]:
    """Return what was typed, one per line or between commas, with or without braces."""
    return [name for name in _SEPARATORS.split(re.sub(r"\{\{|\}\}", " ", text)) if name]


def read_samples(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the sample values of a form that are not the ones that stand there by themselves."""
    given = {name.removeprefix(SAMPLE): text for name, text in sent.items() if name.startswith(SAMPLE)}
    fitting = {
        path: text[:VALUE_LENGTH]
        for path, text in given.items()
        if text and len(path) <= MAX_PATH and _PATH.fullmatch(path) and not _NO_TEXT.search(text)
    }
    own = {path: text for path, text in fitting.items() if text != sample_text(path)}
    return dict(list(own.items())[:MAX_VARIABLES])


class TemplateForm(RegisteredForm):
    """Name, key, the mail with its variables, and what changed."""

    name = StringField("Name")
    key = StringField("Key")
    category = StringField("Category")
    subject = StringField("Subject")
    content = TextAreaField("HTML body", filters=[lambda text: normal_lines(text or "")])
    text = TextAreaField("Plain text", filters=[lambda text: normal_lines(text or "")])
    variables = TextAreaField("Declared variables", filters=[lambda text: normal_lines(text or "")])
    is_active = BooleanField("Active")
    note = StringField("What changes")
    samples: Mapping[str, str]

    @classmethod
    def sent(cls, fields: Mapping[str, str]) -> TemplateForm:
        """Return the form that was sent, with its sample values."""
        form = cls()
        form.samples = read_samples(fields)
        return form

    @classmethod
    def empty(cls, values: TemplateValues | None = None) -> TemplateForm:
        """Return the form of a new template, filled in with what it is copied from."""
        return cls._filled(values or TemplateValues("", ""), id=str(uuid7()))

    @classmethod
    def of(cls, template: Template) -> TemplateForm:
        """Return the form of a template."""
        return cls._filled(values_of(template), revision=str(template.revision))

    @classmethod
    def _filled(cls, values: TemplateValues, **hidden: str) -> TemplateForm:
        form = cls(
            formdata=None, name=values.name, key=values.key, category=values.category or "", subject=values.subject,
            content=values.content, text=values.text, variables="\n".join(values.variables),
            is_active=values.is_active, **hidden,
        )  # fmt: skip
        form.samples = values.samples
        return form

    @property
    def values(self) -> TemplateValues:
        """What was filled in, once it was found right."""
        return TemplateValues(
            read_name(self.name.data), parse_key("template", self.key.data) if self.key.data else "",
            read_subject(self.subject.data or ""), read_source(self.content.data), read_source(self.text.data),
            read_category(self.category.data or ""), read_variables(split_variables(self.variables.data)),
            dict(self.samples), self.is_active.data,
        )  # fmt: skip

    @property
    def draft(self) -> Draft:
        """What there is to show, right or not; what is too long is cut."""
        content, text = (normal_lines(part.data or "")[:SOURCE_BYTES] for part in (self.content, self.text))
        declared = [name for name in split_variables(self.variables.data or "") if _PATH.fullmatch(name)]
        subject = (self.subject.data or "")[:MAX_SUBJECT]
        return Draft(subject, content, text, declared[:MAX_VARIABLES], self.samples)

    def validate_name(self, field: StringField) -> None:
        """Take 1 to 100 characters on one line."""
        _say("The name", read_name, field.data or "")

    def validate_key(self, field: StringField) -> None:
        """Take a key, or nothing: then it is made from the name, or stays as it is."""
        if field.data:
            _say("The key", lambda text: parse_key("template", text), field.data)

    def validate_category(self, field: StringField) -> None:
        """Take one short line, or nothing."""
        _say("The category", read_category, field.data or "")

    def validate_subject(self, field: StringField) -> None:
        """Take one line."""
        _say("The subject", read_subject, field.data or "")

    def validate_content(self, field: TextAreaField) -> None:
        """Take so many bytes."""
        _say("The HTML body", read_source, field.data or "")

    def validate_text(self, field: TextAreaField) -> None:
        """Take so many bytes."""
        _say("The plain text", read_source, field.data or "")

    def validate_variables(self, field: TextAreaField) -> None:
        """Take names, one per line or between commas."""
        _say("The variables", lambda text: read_variables(split_variables(text)), field.data or "")

    def validate_note(self, field: StringField) -> None:
        """Take one short line, or nothing."""
        check_line(field.data or "", MAX_NOTE)


class ImportForm(RegisteredForm):
    """An HTML file; `id` names the template that it becomes."""

    file = FileField("HTML file", [FileRequired("Choose a file.")])
    name = StringField("Name")

    @classmethod
    def empty(cls) -> ImportForm:
        """Return an empty form."""
        return cls(formdata=None, id=str(uuid7()))

    def validate_name(self, field: StringField) -> None:
        """Take a name, or nothing: then it is the file's."""
        if field.data:
            _say("The name", read_name, field.data)

    @property
    def file_name(self) -> str:
        """What the file is called, without a folder."""
        name = PurePath((self.file.data.filename or "").replace("\\", "/")).name
        return "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cs"})[:MAX_NAME] or "a file"

    def read(self) -> TemplateValues:
        """Return the template that the file makes, its title as the subject; raises Invalid at `file`."""
        with self.file.data.stream as stream:
            content = read_html(stream.read(FILE_BYTES + 1))
        subject = "".join(char for char in find_title(content) if unicodedata.category(char) not in {"Cc", "Cs"})
        name = read_name(self.name.data or PurePath(self.file_name).stem)
        return TemplateValues(name, "", subject[:MAX_SUBJECT], content)


def _say(what: str, read: Any, text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise ValidationError(f"{what} {error}.") from error
