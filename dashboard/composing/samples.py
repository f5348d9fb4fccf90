"""Values for a preview that is never blank: what a person wrote, and else what the name of a variable suggests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

VALUE_LENGTH = 10_000

# The last word of a path decides; then its last part, so that `billing_city` is a city.
_BY_NAME = {
    "email": "alex@example.com",
    "first_name": "Alex",
    "firstname": "Alex",
    "given_name": "Alex",
    "last_name": "Rivera",
    "lastname": "Rivera",
    "surname": "Rivera",
    "full_name": "Alex Rivera",
    "company": "Northwind Ltd",
    "company_name": "Northwind Ltd",
    "name": "Alex Rivera",
    "title": "Head of Sales",
    "phone": "+1 555 0100",
    "city": "Lisbon",
    "country": "Portugal",
    "street": "12 Harbour Street",
    "address": "12 Harbour Street, Lisbon",
    "zip": "1100-148",
    "postcode": "1100-148",
    "date": "1 June 2026",
    "time": "10:30",
    "day": "Monday",
    "month": "June",
    "year": "2026",
    "price": "49.00",
    "amount": "49.00",
    "total": "98.00",
    "currency": "EUR",
    "count": "3",
    "quantity": "2",
    "number": "1042",
    "id": "1042",
    "code": "SPRING26",
    "product": "Travel mug",
    "subject": "A short note",
    "website": "https://example.com",
    "url": "https://example.com",
    "link": "https://example.com",
    "image": "https://example.com/image.png",
    "logo": "https://example.com/logo.png",
    "domain": "example.com",
    "signature": "Sam Lindt, Northwind Ltd",
    "sender": "Sam Lindt",
}


def sample_text(path: str) -> str:
    """Choose a text that fits the name; where it says nothing, the name itself in brackets."""
    name = path.rpartition(".")[2].lower().replace("-", "_")
    if "unsubscribe" in name or "preferences" in name:
        return f"https://example.com/{name.replace('_url', '').replace('_link', '').replace('_', '-')}"
    return _BY_NAME.get(name) or _BY_NAME.get(name.rpartition("_")[2]) or f"[{path}]"


def sample_texts(paths: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Make the flat form that a person edits: each path in alphabetical order with what was given, or else a sample."""
    return {path: given.get(path) or sample_text(path) for path in sorted(set(paths))}


def sample_values(paths: Iterable[str], given: Mapping[str, str]) -> dict[str, Any]:
    """Values to render with, nested as the paths are.

    A text that is a JSON list or object stands for that list or object, so that a loop has something to go through.
    Where one path leads through another (`a` and `a.b`), the longer one is kept.
    """
    values: dict[str, Any] = {}
    for path, text in sorted(sample_texts(paths, given).items()):
        _put(values, path.split("."), _value(text[:VALUE_LENGTH]))
    return values


def _put(values: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        if not isinstance(values.get(part), dict):
            values[part] = {}
        values = values[part]
    if not isinstance(values.get(parts[-1]), dict):
        values[parts[-1]] = value


def _value(text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
