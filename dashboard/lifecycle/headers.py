"""Headers of every answer: security, caching, request id."""

from __future__ import annotations

from flask import Flask, Response, g

from dashboard import htmx

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Set the headers after every request; a view that set one itself keeps it."""
    fixed = of_every_answer(app)

    @app.after_request
    def _set(response: Response) -> Response:
        headers = response.headers
        for name, value in fixed.items():
            headers.setdefault(name, value)
        headers["X-Request-Id"] = g.get("request_id", "")
        if response.status_code in {302, 303} and htmx.request.htmx:
            _lead(response)
        return response


def _lead(response: Response) -> None:
    """Turn a redirect into one that the browser follows as a page, and not htmx within a part of the page."""
    response.headers[htmx.REDIRECT] = response.headers.pop("Location")
    response.status_code = 204
    response.set_data(b"")


def of_every_answer(app: Flask) -> dict[str, str]:
    """Return the headers that an answer has unless its view sets them itself."""
    secure = {"Strict-Transport-Security": STRICT_TRANSPORT} if app.extensions["settings"].is_secure else {}
    return SECURITY | secure | {"Cache-Control": "private, no-store"}
