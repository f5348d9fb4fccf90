"""Who is asking, about which company, may they; then the view; then one commit. Default is no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast

from flask import Flask, Response, current_app, g, make_response, session

from dashboard import tenancy
from dashboard.database.engine import Mode
from dashboard.database.session import MODE
from dashboard.errors import Conflict, NotFound, TooMany, Unauthenticated
from dashboard.extensions import csrf, db, engines, settings
from dashboard.htmx import request
from dashboard.permissions import Access, Door, check_role, check_scope, declared
from dashboard.queries import identity
from dashboard.services import api_keys
from dashboard.vocabulary.limits import MinuteLimit
from dashboard.vocabulary.people import COOKIE_TOKEN
from dashboard.vocabulary.roles import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

LAST_USE_STEP = timedelta(minutes=1)

View = Callable[..., Any]


class UndeclaredView(Exception):
    """An endpoint says nothing about who may call it; the app refuses to start."""


def init_app(app: Flask) -> None:
    """Wrap every registered view; raises UndeclaredView naming those without a declaration."""
    undeclared = sorted(name for name, view in app.view_functions.items() if declared(view) is None)
    if undeclared:
        raise UndeclaredView(f"These endpoints declare no access: {', '.join(undeclared)}")
    app.extensions["limit"] = MinuteLimit()
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)
    for name, view in app.view_functions.items():
        access = declared(view)
        assert access is not None  # noqa: S101  # for the type checker; refused above
        app.view_functions[name] = _guarded(view, access)


def now(app: Flask) -> datetime:
    """Return the present instant; tests put their clock in app.extensions["clock"]."""
    clock = cast("Callable[[], datetime]", app.extensions.get("clock", _wall_clock))
    return clock()


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _guarded(view: View, access: Access) -> View:
    @wraps(view)
    def guarded(**arguments: Any) -> Response:
        g.now = now(current_app)
        is_write = request.method not in SAFE_METHODS
        g.session_info = {MODE: Mode.WRITE if is_write else Mode.READ}  # of db.session, should the view need it
        _DOORS[access.door](access)
        request.max_content_length = getattr(view, "max_body_bytes", None)  # None is what holds for all others
        if is_write and access.door in _FORMS:
            csrf.protect()
        response = make_response(view(**arguments))
        if is_write and response.status_code < 400:
            db.session.commit()
        return response

    return guarded


def _anybody(_access: Access) -> None:
    g.session_info[tenancy.DIRECTORY] = True


def _person(_access: Access) -> None:
    g.person = identity.find_person(engines(), session.get(COOKIE_TOKEN, ""), g.now)
    if g.person is None:
        raise Unauthenticated("Please sign in to see this page.", code="signed_out")
    g.session_info[tenancy.DIRECTORY] = True


def _member(access: Access) -> None:
    token, slug = session.get(COOKIE_TOKEN), g.get("slug", "")
    person, member = identity.find_member(engines(), token, slug, g.now) if token else (None, None)
    if person is None:
        raise Unauthenticated("Please sign in to see this page.", code="signed_out")
    g.person = person
    if member is None:
        raise NotFound(headers={"HX-Redirect": "/"} if request.htmx else {})  # a page left open is led away
    g.member = member
    if access.action is not None:
        check_role(member.role, access.action)
    g.session_info[tenancy.COMPANY] = member.company.id


def _key(access: Access) -> None:
    text = request.headers.get("X-Api-Key", "")
    holder = identity.find_key(engines(), text, g.now) if text.isascii() and 8 < len(text) < 100 else None
    if holder is None:
        raise Unauthenticated(
            "Send a valid API key in the header X-Api-Key.",
            code="bad_api_key",
            headers={"WWW-Authenticate": 'ApiKey realm="Sendscope"'},
        )
    g.key = holder
    _limit(holder.key_id)
    if access.scope is not None:
        check_scope(holder.scopes, access.scope)
    if access.scope is Scope.WRITE and not holder.is_source_active:
        raise Conflict("The source that this key writes to is paused or deleted.", code="source_inactive")
    if holder.last_used_at is None or g.now - holder.last_used_at >= LAST_USE_STEP:
        api_keys.note_use(engines(), holder.company.id, holder.key_id, g.now)
    g.session_info[tenancy.COMPANY] = holder.company.id


def _limit(key_id: int) -> None:
    """Count the request; the count is kept per process."""
    limit: MinuteLimit = current_app.extensions["limit"]
    if not limit.admits(key_id, settings().api_requests_per_minute, g.now):
        raise TooMany("This key makes too many requests.", headers={"Retry-After": "60"})


_DOORS: dict[Door, Callable[[Access], None]] = {
    Door.PUBLIC: _anybody,
    Door.PERSON: _person,
    Door.MEMBER: _member,
    Door.KEY: _key,
    Door.SIGNED: lambda _access: None,
}
_FORMS = frozenset({Door.PUBLIC, Door.PERSON, Door.MEMBER})  # doors that a browser's cookie opens


def _take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the company's slug out of the views' arguments."""
    if values and "slug" in values:
        g.slug = values.pop("slug")


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    """Put the company's slug into addresses made within one."""
    if "slug" not in values and "slug" in g and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = g.slug
