"""The one family of errors: a sentence for the person, a status, a stable code, and the fields at fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (a path such as `updates[3].metrics.sent`) and what."""

    path: str
    message: str


class DashboardError(Exception):
    """Base of all errors that a person or program is told about; lifecycle turns them into answers."""

    status = 500
    code = "error"
    title = "Something went wrong"
    headers: dict[str, str]

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Iterable[Fault] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = tuple(fields)
        self.headers = headers or {}


class BadRequest(DashboardError):
    """The request cannot be read at all: broken JSON, a foreign cursor."""

    status = 400
    code = "bad_request"
    title = "The request could not be read"


class Unauthenticated(DashboardError):
    """Nobody is signed in, or the key or signature is not known."""

    status = 401
    code = "unauthenticated"
    title = "Please sign in"


class Forbidden(DashboardError):
    """Known, but not allowed to do this within the company."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(DashboardError):
    """Not there, or not yours: the two are not told apart."""

    status = 404
    code = "not_found"
    title = "Page not found"

    def __init__(self, message: str = "There is nothing at this address.", **rest: Any) -> None:
        super().__init__(message, **rest)


class MethodNotAllowed(DashboardError):
    """The address exists, the method does not; carries Allow."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class Conflict(DashboardError):
    """The state of things refuses it."""

    status = 409
    code = "conflict"
    title = "This cannot be done now"


class TooLarge(DashboardError):
    """More bytes than the limit."""

    status = 413
    code = "too_large"
    title = "Too large"


class UnsupportedMedia(DashboardError):
    """A content type that cannot be meant."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported content type"


class Invalid(DashboardError):
    """Readable, but some fields are wrong; all of them are named."""

    status = 422
    code = "invalid"
    title = "Some values are not right"


class TooMany(DashboardError):
    """Too often; carries Retry-After."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(DashboardError):
    """Our store is down or busy; the sender should try again."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
