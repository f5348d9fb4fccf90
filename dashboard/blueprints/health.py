"""Whether the process lives, whether it can work, and its counters."""

from __future__ import annotations

import hmac
from contextlib import suppress
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dashboard.errors import NotFound
from dashboard.extensions import engines, settings
from dashboard.permissions import public
from dashboard.queries import readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Answer while the process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Answer 200 when the database is there, migrated, and its inbox is not growing old; else 503 and why."""
    problems = readiness.list_problems(engines(), g.now)
    return jsonify(status="unready" if problems else "ready", problems=problems), 503 if problems else 200


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus text, for loopback or for the bearer of the token."""
    token = settings().metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    is_bearer = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    if not is_bearer and not _is_loopback(request.remote_addr or ""):
        raise NotFound
    registry = current_app.extensions["counters"].registry
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_loopback(address: str) -> bool:
    with suppress(ValueError):  # a proxy may write anything
        return ip_address(address).is_loopback
    return False
