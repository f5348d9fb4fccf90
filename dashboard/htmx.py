"""All that the pages know of htmx 4 on the server's side; views and lifecycle import from here only.

htmx-flask 0.1.0 was written for htmx 1; the subclass adds the request headers of htmx 4.
"""

from __future__ import annotations

import json
from typing import cast

import flask
from flask import Flask, Response
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest, HtmxHeaders

PTAG = "HX-PTag"
REDIRECT = "HX-Redirect"


class Htmx4Headers(HtmxHeaders):  # type: ignore[misc]  # htmx-flask ships no types
    """The `HX-*` headers of a request."""

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asked for a part of a page."""
        return bool(self) and self._headers.get("HX-Request-Type", "partial") == "partial"

    @property
    def ptag(self) -> str | None:
        """The version that the page shows, sent with each poll."""
        return cast("str | None", self._headers.get(PTAG))


class Htmx4Request(HtmxAwareRequest):  # type: ignore[misc]
    """Flask's request with `.htmx`, made when asked for: most requests are not htmx's."""

    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, **rest)
        self.htmx = Htmx4Headers(self.headers)


request = cast(Htmx4Request, flask.request)


def init_app(app: Flask) -> None:
    """Give the app requests that know htmx 4."""
    Htmx(app)
    app.request_class = Htmx4Request


def trigger(response: Response, event: str, detail: object = None) -> Response:
    """Let the browser dispatch an event when it has the response; htmx 4 knows only HX-Trigger."""
    response.headers["HX-Trigger"] = json.dumps({event: detail or {}})
    return response
