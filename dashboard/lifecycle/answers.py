"""One place that turns every error into an answer: page, fragment, problem+json, or a webhook's error."""

from __future__ import annotations

from traceback import extract_tb
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from dashboard import errors, htmx
from dashboard.config import MAX_BODY_BYTES
from dashboard.errors import DashboardError
from dashboard.extensions import db
from dashboard.lifecycle.observation import shown_path
from dashboard.providers.registry import adapters

log = structlog.get_logger("dashboard.errors")


def init_app(app: Flask) -> None:
    """Register the handlers, from the particular to the general."""
    app.register_error_handler(DashboardError, _answer)
    app.register_error_handler(CSRFError, lambda _error: _answer(_expired_form()))
    app.register_error_handler(OperationalError, _store_down)
    app.register_error_handler(InterfaceError, _store_down)
    app.register_error_handler(PoolTimeout, _store_down)
    app.register_error_handler(DataError, _cannot_be_stored)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _answer(error: DashboardError) -> Response:
    """Say what is wrong in the form that the caller understands; nothing of the request was kept."""
    db.session.rollback()
    if request.path.startswith("/api/"):
        response = _problem(error)
    elif request.path.startswith("/webhook/"):
        response = _webhook_error(error)
    else:
        response = _page(error)
    response.headers.update(error.headers)
    return response


def _problem(error: DashboardError) -> Response:
    """RFC 9457."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "fields": [{"path": fault.path, "message": fault.message} for fault in error.fields],
        "requestId": g.get("request_id", ""),
    }
    return _json(body, error.status, "application/problem+json")


def _webhook_error(error: DashboardError) -> Response:
    fields = [{"path": fault.path, "message": fault.message} for fault in error.fields]
    body = {"error": {"code": error.code, "message": error.message, "fields": fields}}
    return _json(body, error.status, "application/json")


def _json(body: object, status: int, content_type: str) -> Response:
    return Response(orjson.dumps(_printable(body)), status, content_type=content_type)


def _printable(value: Any) -> Any:
    """Replace lone surrogates, which a sender may have put into a field's name."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_printable(key): _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value


def _page(error: DashboardError) -> Response:
    if error.code == "signed_out":
        return _to_sign_in()
    template = "errors/_error.html" if htmx.request.htmx else "errors/page.html"
    return Response(render_template(template, error=error), error.status, content_type="text/html; charset=utf-8")


def _to_sign_in() -> Response:
    """Send a browser to the sign-in page and back afterwards; a fragment is told to leave its page."""
    session.clear()
    if htmx.request.htmx:
        return Response(status=401, headers={"HX-Redirect": url_for("sessions.new")})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    response: Response = redirect(url_for("sessions.new", next=wanted), 303)  # type: ignore[assignment]
    return response


def _http(error: HTTPException) -> Response:
    """Give werkzeug's errors our form."""
    if isinstance(error, RequestEntityTooLarge):
        limit = (request.max_content_length or MAX_BODY_BYTES) // 1024 // 1024
        return _answer(errors.TooLarge(f"The body is larger than {limit} MB."))
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return _answer(errors.MethodNotAllowed(f"Use {allowed} here.", headers={"Allow": allowed}))
    known = {cls.status: cls for cls in DashboardError.__subclasses__()}
    cls = known.get(error.code or 500)
    if cls is errors.NotFound or cls is None:
        return _answer(errors.NotFound() if cls else _unknown(error))
    return _answer(cls(error.description or cls.title))


def _unknown(error: HTTPException) -> DashboardError:
    answer = DashboardError(error.description or "The request was refused.", code="refused")
    answer.status = error.code or 500
    answer.title = error.name
    return answer


def _expired_form() -> errors.BadRequest:
    return errors.BadRequest("This form has expired. Go back, reload the page and try again.", code="expired_form")


def _store_down(error: Exception) -> Response:
    log.error("store unavailable", error=str(error.__cause__ or error), request_id=g.get("request_id"))
    adapter = adapters().get((request.view_args or {}).get("provider", ""))
    is_too_many = getattr(adapter, "busy_status", 503) == 429  # some senders discard what is answered with 5xx
    kind = errors.TooMany if is_too_many else errors.Unavailable
    return _answer(kind("The database cannot be reached just now. Please try again.", headers={"Retry-After": "5"}))


def _cannot_be_stored(error: Exception) -> Response:
    log.warning("value refused by the store", error=str(error.__cause__), request_id=g.get("request_id"))
    return _answer(errors.Invalid("A value in this request cannot be stored."))


def _unexpected(error: Exception) -> Response:
    """Tell the person the request id, and the log the rest."""
    if isinstance(error, DBAPIError):  # a driver's message quotes rows, so only its kind and place are written down
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-12:]]
        kind = type(error.__cause__ or error).__name__
        log.error("unexpected store error", request_id=g.get("request_id"), path=shown_path(), kind=kind, where=where)
    else:
        log.error("unexpected error", request_id=g.get("request_id"), path=shown_path(), exc_info=error)
    return _answer(DashboardError("Something went wrong on our side. It has been logged.", code="internal_error"))
