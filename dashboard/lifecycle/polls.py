"""The unchanged poll, answered before Flask: an open page asks each second, and nearly always nothing has changed.

A poll carries the version that its page shows. Here the cookie's token, the membership and the company's version
are read in one statement; when the version is the page's, the answer is 304. Everything else, a lost session or
membership included, goes on to the view, which finds out again and says what is to be said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

from flask import Flask
from itsdangerous import BadSignature
from sqlalchemy.exc import SQLAlchemyError

from dashboard.htmx import PTAG
from dashboard.lifecycle.headers import SECURITY
from dashboard.queries import identity
from dashboard.vocabulary.people import COOKIE_TOKEN

_HEADER = "HTTP_" + PTAG.upper().replace("-", "_")
_ANSWER = [*SECURITY.items(), ("Cache-Control", "private, no-store"), ("Vary", "Cookie")]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class UnchangedPolls:
    """WSGI middleware around the app."""

    def __init__(self, app: Flask, wsgi_app: Wsgi, clock: Callable[[], datetime]) -> None:
        self._app, self._wsgi_app, self._clock = app, wsgi_app, clock
        self._cookie = app.config["SESSION_COOKIE_NAME"]
        self._token = lru_cache(maxsize=4096)(self._read_token)
        self._path = re.compile("|".join(_pattern(rule) for rule in _polled_rules(app)) or r"(?!)")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer 304, or let the app answer."""
        shown = environ.get(_HEADER)
        if shown and environ["REQUEST_METHOD"] == "GET" and self._is_unchanged(environ, shown):
            start_response("304 NOT MODIFIED", [*_ANSWER])
            return [b""]
        return self._wsgi_app(environ, start_response)

    def _is_unchanged(self, environ: dict[str, Any], shown: str) -> bool:
        found = self._path.fullmatch(environ.get("PATH_INFO", ""))
        token = self._token(environ.get("HTTP_COOKIE", "")) if found else None
        if found is None or not token:
            return False
        try:
            slug = found[found.lastindex or 1]
            version = identity.find_version(self._app.extensions["engines"], token, slug, self._clock())
        except SQLAlchemyError:
            return False
        return version == shown

    def _read_token(self, header: str) -> str | None:
        """Return the session's token from the signed cookie; whether it still lives is asked of the store."""
        try:
            morsel = SimpleCookie(header).get(self._cookie)
        except CookieError:
            return None
        serializer = self._app.session_interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]
        try:
            token = serializer.loads(morsel.value).get(COOKIE_TOKEN) if morsel else None
        except (BadSignature, AttributeError):
            return None
        return token if isinstance(token, str) else None


def _polled_rules(app: Flask) -> list[str]:
    return [
        rule.rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "is_polled", False)
    ]


def _pattern(rule: str) -> str:
    """Return the regular expression of a rule; its only group is the company's slug."""
    return re.sub(r"<[^>]+>", "[^/]+", rule.replace("<slug:slug>", "\0", 1)).replace("\0", "([a-z0-9-]+)")
