"""From bytes and query strings to checked values: one place that turns every fault into a sentence with a path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import orjson
from flask import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.config import MAX_BODY_BYTES
from dashboard.errors import BadRequest, Fault, Invalid

MAX_FAULTS = 1000

Model = TypeVar("Model", bound=BaseModel)


class Form(BaseModel):
    """A closed shape: unknown fields are refused, nothing is converted behind the sender's back."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)


# An empty one of these is a program's mistake and not "no filter": it would answer with other numbers than were meant.
_NEVER_EMPTY = {"companyId", "type"}

_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_long": "has {actual_length} elements; at most {max_length} are taken at once",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_unicode": "is not valid Unicode text",
}


def read(model: type[Model], data: object, **context: object) -> Model:
    """Return the checked values; raises Invalid naming every field at fault, at most MAX_FAULTS of them."""
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        raise _invalid(error) from error


def read_query(model: type[Model], arguments: Mapping[str, Any], **context: object) -> Model:
    """Return the checked values of a query string; a parameter given twice or unknown is refused.

    An empty value is as if it were not given, save of those that are never empty.
    """
    lists: Iterable[tuple[str, list[str]]] = arguments.lists()  # type: ignore[attr-defined]  # werkzeug's MultiDict
    values, faults = {}, []
    for name, given in lists:
        values[name] = given[0]
        if len(given) > 1:
            faults.append(Fault(name, "is given more than once"))
    if faults:
        raise Invalid("Some parameters are not right.", fields=faults)
    optional = model.model_fields.keys() - _NEVER_EMPTY
    return read(model, {name: value for name, value in values.items() if value or name not in optional}, **context)


def read_body(request: Request) -> bytes:
    """Return the raw body; one that was sent in chunks and reaches the limit is refused, for it may have been cut."""
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return body


def parse_json(body: bytes) -> Any:
    """Return the JSON value; raises BadRequest when the body is not JSON in UTF-8.

    Where only numbers or characters are beyond JSON (NaN, 1e400, lone surrogates), the value is returned as
    Python reads it, so that the check of its fields can name the one at fault.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            value = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise BadRequest(f"The body is not JSON: {_reason(error)}.", code="unreadable_json") from error
        return Suspect.of(value)


class Suspect(dict[str, Any]):
    """A JSON object that strict JSON does not allow; it must not pass a check without a fault."""

    @classmethod
    def of(cls, value: Any) -> Any:
        """Mark an object; other values are returned as they are."""
        return cls(value) if isinstance(value, dict) else value


def refuse_suspect(value: Any) -> None:
    """Raise BadRequest for a body that strict JSON does not allow and in which no field was found at fault."""
    if isinstance(value, Suspect):
        raise BadRequest("The body is not JSON in UTF-8.", code="unreadable_json")


def require_object(value: Any) -> dict[str, Any]:
    """Return the value if it is a JSON object, else raise Invalid."""
    if not isinstance(value, dict):
        message = "must be a JSON object"
        raise Invalid("The body is not right.", fields=[Fault("", message)])
    return value


def _reason(error: orjson.JSONDecodeError) -> str:
    return f"{error.msg} at line {error.lineno}, column {error.colno}"


def _invalid(error: ValidationError) -> Invalid:
    errors = error.errors(include_url=False, include_input=False)
    faults = [Fault(_path(one["loc"]), _sentence(one)) for one in errors[:MAX_FAULTS]]
    if len(errors) > MAX_FAULTS:
        faults.append(Fault("", f"and {len(errors) - MAX_FAULTS:,} more"))
    first = f"{faults[0].path} {faults[0].message}".strip()
    rest = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
    return Invalid(f"Some values are not right: {first}{rest}.", fields=faults)


def _path(location: tuple[int | str, ...]) -> str:
    """Return `updates[3].metrics.sent` for ("updates", 3, "metrics", "sent")."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _sentence(error: Any) -> str:
    if error["type"] in {"value_error", "assertion_error"}:
        return str(error["ctx"]["error"])
    template = _SENTENCES.get(error["type"])
    if template is None:
        return str(error["msg"])
    return template.format(**{k: f"{v:,}" if isinstance(v, int) else v for k, v in error.get("ctx", {}).items()})
