"""What is seen of a request from outside: its id, one structured log line, counters for /metrics."""

from __future__ import annotations

import logging
import re
import sys
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from structlog.tracebacks import ExceptionDictTransformer
from uuid_utils import uuid7

from dashboard.config import Settings

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"assets.file", "health.healthz", "health.readyz", "health.metrics"})

log = structlog.get_logger("dashboard.requests")


class Counters:
    """The process's own counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sendscope_requests_total",
            "Requests by endpoint and status.",
            ["endpoint", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "sendscope_request_seconds", "Time to answer, by endpoint.", ["endpoint"], registry=self.registry
        )


def configure_logging(settings: Settings) -> None:
    """Send structured lines to stderr: JSON for machines, or columns for a person."""
    is_json = settings.log_format == "json"
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if is_json else "%H:%M:%S", utc=is_json),
    ]
    if is_json:
        # Without the values of variables: they hold tokens and people's data.
        trace = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        shared += [trace, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        shared += [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # as it is now, for it may be replaced
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Give each request an id, and write its line when it is answered."""
    counters = app.extensions["counters"] = Counters()
    trusts_proxy = app.extensions["settings"].trusted_proxies > 0

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-Id", "") if trusts_proxy else ""
        g.request_id = given if _SAFE_ID.fullmatch(given) else uuid7().hex

    @app.after_request
    def _end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        taken = time.perf_counter() - g.get("began", time.perf_counter())
        counters.requests.labels(endpoint, str(response.status_code)).inc()
        counters.seconds.labels(endpoint).observe(taken)
        if endpoint not in _QUIET and response.status_code != 304:
            _write_line(response.status_code, endpoint, taken)
        return response


def shown_path() -> str:
    """Return the request's path as it may be written down: the address of a source is a secret."""
    return (
        f"/webhook/{(request.view_args or {})['provider']}/..."
        if "token" in (request.view_args or {})
        else request.path
    )


def _write_line(status: int, endpoint: str, taken: float) -> None:
    member, key = g.get("member"), g.get("key")
    who = {"user": member.person.id, "company": member.company.slug} if member else {}
    if key:
        who = {"key": key.key_id, "company": key.company.slug}
    log.info(
        "request", method=request.method, path=shown_path(), endpoint=endpoint, status=status,
        ms=round(taken * 1000, 1), request_id=g.get("request_id"), **who,
    )  # fmt: skip
