"""What a list of resources is asked for, from the query string, and the small forms around any resource."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError
from wtforms.fields import HiddenField, StringField

from dashboard.errors import Fault, Invalid
from dashboard.forms.base import PageForm
from dashboard.forms.filters import PageFilter, read_filter
from dashboard.forms.searches import read_text
from dashboard.forms.values import parse_key
from dashboard.queries.resources import KINDS, SENT
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.resources import ARCHIVED, COLUMNS, ListFilter

MAX_REASON = 150
MAX_CHOSEN = 1_000  # rows that are ticked one by one


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as the address asks for it: which rows in what order, which numbers, and their days."""

    asked: ListFilter
    chosen: PageFilter
    columns: tuple[str, ...] = COLUMNS

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the arguments of the address of this list with some changes, defaults left out."""
        asked = self.asked
        own = {
            "q": asked.text, "status": asked.status, "sort": asked.sort,
            "dir": "desc" if asked.is_descending else None, "category": asked.category,
            "columns": None if self.columns == COLUMNS else ",".join(self.columns),
        }  # fmt: skip
        names = {"range", "start", "end"}
        days = self.chosen.query(**{name: value for name, value in changes.items() if name in names})
        values = own | {name: value for name, value in changes.items() if name not in names}
        shown = {name: str(value) for name, value in values.items() if value and (name, value) != ("sort", "name")}
        return shown | {name: value for name, value in days.items() if name in names}

    def sorted_by(self, sort: str) -> dict[str, Any]:
        """Return the arguments by which a head of a column sorts: the other way round where it does already."""
        starts_descending = sort in {SENT, "limit", "created", "changed"}
        is_current = self.asked.sort == sort
        is_descending = not self.asked.is_descending if is_current else starts_descending
        return self.query(sort=sort, dir="desc" if is_descending else None)


def read_list(arguments: MultiDict[str, str], kind: ResourceType, *, today: Any) -> ListView:
    """Return the list that a query string asks for; raises Invalid naming the parameter at fault."""
    chosen = replace(read_filter(_without(arguments, "type", "resource", "source", "basis"), today=today), type=kind)
    status, sort = arguments.get("status") or None, arguments.get("sort") or "name"
    sorts = (*KINDS[kind].sorts, SENT)
    faults = []
    if status not in {None, *KINDS[kind].states, ARCHIVED}:
        faults.append(Fault("status", f"must be one of {', '.join((*KINDS[kind].states, ARCHIVED))}"))
    if sort not in sorts:
        faults.append(Fault("sort", f"must be one of {', '.join(sorts)}"))
    columns = _read_columns(arguments)
    if not set(columns) <= set(COLUMNS):
        faults.append(Fault("columns", f"must be some of {', '.join(COLUMNS)}"))
    if faults:
        first = f"{faults[0].path} {faults[0].message}"
        raise Invalid(f"This list cannot be shown: {first}.", fields=faults)
    is_descending = arguments.get("dir") == "desc"
    category = (arguments.get("category") or None) if kind is ResourceType.TEMPLATE else None
    asked = ListFilter(kind, read_text(arguments), status, sort, is_descending, category)
    return ListView(asked, chosen, tuple(name for name in COLUMNS if name in columns))


def _read_columns(arguments: MultiDict[str, str]) -> set[str]:
    """Return the names of the chosen numbers, written with commas between them or each by itself; all without any."""
    names = {name for text in arguments.getlist("columns") for name in text.split(",") if name}
    return names or set(COLUMNS)


def _without(arguments: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if name not in names}


def read_ids(values: list[str]) -> list[UUID]:
    """Return the rows that were ticked; raises Invalid for what is no id, and for too many."""
    try:
        ids = [UUID(value) for value in values]
    except ValueError:
        raise Invalid("Nothing was done.", fields=[Fault("id", "is not the id of a row")]) from None
    if len(ids) > MAX_CHOSEN:
        raise Invalid("Nothing was done.", fields=[Fault("id", f"at most {MAX_CHOSEN:,} rows are ticked at once")])
    return ids


class KeyForm(PageForm):
    """A further key of a resource."""

    key = StringField("Further key")
    kind: ResourceType = ResourceType.CAMPAIGN

    def validate_key(self, field: StringField) -> None:
        """Take a key of the resource's type, in the form in which keys are compared."""
        try:
            field.data = parse_key(self.kind, field.data or "")
        except ValueError as error:
            raise ValidationError(f"The key {error}.") from error


class ReasonForm(PageForm):
    """Why a state is changed."""

    reason = StringField("Reason")

    def validate_reason(self, field: StringField) -> None:
        """Take one short line, or nothing."""
        check_line(field.data or "", MAX_REASON)


class RegisteredForm(PageForm):
    """What the forms of all resources carry: an id, so that one sent twice makes one; and what revision was seen."""

    id = HiddenField()
    revision = HiddenField()

    @property
    def seen_revision(self) -> int | None:
        """The revision that the form was filled in with; None overwrites whatever is there."""
        text = self.revision.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def new_id(self) -> UUID:
        """The id of what is made."""
        try:
            return UUID(self.id.data or "")
        except ValueError:
            return uuid7()


def check_line(text: str, most: int) -> None:
    """Raise ValidationError unless the text is one line of at most so many characters."""
    if len(text) > most:
        raise ValidationError(f"This has {len(text):,} characters; at most {most} are taken.")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise ValidationError("This must not contain control characters.")
