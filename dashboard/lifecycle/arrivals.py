"""Providers' deliveries, accepted before Flask: they come by the thousand, and each one is the same few steps.

The source is found by the secret address, the signature checked on the raw bytes, the delivery stored, and answered
200. Whatever is not so plain (another method, an unknown address, a bad signature, a topic to be confirmed, a store
that is down) goes on to the view, which finds out again and says what is to be said. So does a delivery whose source
was changed since it was looked up: the source is remembered, and the store confirms it when the delivery is written.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask
from uuid_utils import uuid7

from dashboard.blueprints import outside
from dashboard.config import MAX_BODY_BYTES
from dashboard.lifecycle.headers import of_every_answer
from dashboard.providers.registry import adapters
from dashboard.queries import identity
from dashboard.services import inbox
from dashboard.services.acceptance import Acceptance
from dashboard.vocabulary.sources import ReceivedDelivery, SealedSource

_PATH = re.compile(r"/webhook/([a-z]+)/([A-Za-z0-9_-]{16,100})")
_ENDPOINT = "webhooks.receive"
MAX_KNOWN = 4_096  # sources that are remembered
BODY = b'{"status":"accepted"}'

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Arrivals:
    """WSGI middleware around the app."""

    def __init__(self, app: Flask, wsgi_app: Wsgi, clock: Callable[[], datetime]) -> None:
        self._app, self._wsgi_app, self._clock = app, wsgi_app, clock
        self._engines = app.extensions["engines"]
        self._acceptance = Acceptance(self._engines)
        self._known: dict[tuple[str, str], SealedSource] = {}
        counters = app.extensions["counters"]
        self._accepted = counters.requests.labels(_ENDPOINT, "200")
        self._seconds = counters.seconds.labels(_ENDPOINT)
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(BODY))} | of_every_answer(app)
        self._headers = list(fixed.items())
        self._plain = frozenset(name for name, adapter in adapters().items() if not hasattr(adapter, "subscription"))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Accept the delivery, or let the app answer."""
        began = time.perf_counter()
        found = _PATH.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if found is None or found[1] not in self._plain or not self._accept(environ, found[1], found[2]):
            return self._wsgi_app(environ, start_response)
        self._accepted.inc()
        self._seconds.observe(time.perf_counter() - began)
        counter = self._app.extensions.get("counter")
        if counter is not None:
            counter.wake()
        start_response("200 OK", [*self._headers, ("X-Request-Id", uuid7().hex)])
        return [BODY]

    def _accept(self, environ: dict[str, Any], kind: str, token: str) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return False
        try:
            source = self._find(kind, token)
            return source is not None and self._store(environ, source, self._read(environ, int(length)))
        except Exception:  # noqa: BLE001  # the view meets it again, where every error is answered and written down
            self._known.pop((kind, token), None)
            return False

    def _find(self, kind: str, token: str) -> SealedSource | None:
        """Return the source as it was when it was first asked for; one that is paused is looked at by the view."""
        known = self._known.get((kind, token))
        if known is not None:
            return known
        source = identity.find_inbox(self._engines, kind, token)
        if source is None or source.is_paused:  # one that is being resumed is looked at again, under its lock
            return None
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[kind, token] = source
        return source

    def _read(self, environ: dict[str, Any], length: int) -> bytes:
        """Return the body, and leave it to be read again."""
        body: bytes = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        return body

    def _store(self, environ: dict[str, Any], source: SealedSource, body: bytes) -> bool:
        if len(body) != int(environ["CONTENT_LENGTH"]) or outside.is_limited(self._app, source, environ, self._clock()):
            return False
        delivery = ReceivedDelivery(body, _headers(environ), self._clock(), self._url(environ))
        inbox.check(self._app.extensions["vault"], source, delivery, self._app.extensions["certificates"].get)
        self._acceptance.store(source, delivery)
        return True

    def _url(self, environ: dict[str, Any]) -> str:
        base: str = self._app.extensions["settings"].base_url
        query = environ.get("QUERY_STRING", "")
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        address: str = (base or f"{environ['wsgi.url_scheme']}://{host}") + environ["PATH_INFO"]
        return f"{address}?{query}" if query else address


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if "CONTENT_TYPE" in environ:
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers
