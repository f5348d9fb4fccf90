"""Every address of the app, ready to be asked for: arguments filled in, access declared beside it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from werkzeug.routing import IntegerConverter, PathConverter, Rule, UUIDConverter

from dashboard.permissions import Access, declared

NOT_A_VIEW = {"HEAD", "OPTIONS"}  # answered for every address by Flask


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    endpoint: str
    access: Access | None

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"


def list_routes(app: Flask, *doors: str, slug: str = "acme") -> list[Route]:
    """Return all routes, or those behind the doors; pages of a company are those of `slug`."""
    routes = [
        Route(method, _path(app, rule, slug), rule.endpoint, declared(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - NOT_A_VIEW)
    ]
    return [route for route in routes if not doors or (route.access and route.access.door in doors)]


def _path(app: Flask, rule: Rule, slug: str) -> str:
    values = {name: slug if name == "slug" else _example(rule, name) for name in rule.arguments}
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods - NOT_A_VIEW)))
    return str(built)


def _example(rule: Rule, name: str) -> object:
    """Return a value that the argument's converter takes; no row has it."""
    converter = rule._converters[name]
    if isinstance(converter, IntegerConverter):
        return 999_999
    if isinstance(converter, UUIDConverter):
        return UUID(int=0)
    return "css/app.css" if isinstance(converter, PathConverter) else "example"
