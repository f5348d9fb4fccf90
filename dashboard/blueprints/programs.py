"""What all addresses of the API share: JSON answers, the key's company, and work that is done once for a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, g, request

from dashboard.errors import Fault, Forbidden, Invalid
from dashboard.extensions import db, engines
from dashboard.forms import queries
from dashboard.forms.reading import parse_json, read_body, read_query, require_object
from dashboard.presenters import api as shapes
from dashboard.services import idempotency

Answer = dict[str, Any] | list[Any]


def once(work: Callable[[Any], Answer], *, status: int = 200) -> Response:
    """Read the body and do the work; with an Idempotency-Key do it once and repeat the answer."""
    check_company(read_query(queries.WriteQuery, request.args).companyId)
    raw = read_body(request)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return answer_json(work(_checked_body(raw)), status)
    asked = idempotency.Request(g.key.company.id, g.key.key_id, request.path, key, raw)
    claimed = idempotency.claim(engines(), asked, g.now)
    if isinstance(claimed, idempotency.Kept):
        return Response(claimed.answer, claimed.status, content_type="application/json")
    try:
        answer = orjson.dumps(work(_checked_body(raw)))
        idempotency.keep(db.session(), asked, claimed, status=status, answer=answer, now=g.now)
    except BaseException:
        db.session.rollback()
        idempotency.release(engines(), asked, claimed)
        raise
    return Response(answer, status, content_type="application/json")


def _checked_body(raw: bytes) -> dict[str, Any]:
    body = require_object(parse_json(raw))
    company = body.get("companyId")
    if company is not None and not isinstance(company, str):
        raise Invalid("The body is not right.", fields=[Fault("companyId", "must be text")])
    check_company(company)
    return body


def check_company(slug: str | None) -> None:
    """Refuse a company other than the key's, whether it exists or not."""
    if slug is not None and slug != g.key.company.slug:
        raise Forbidden("This key belongs to another company.", code="other_company")


def answer_json(body: Answer, status: int = 200) -> Response:
    """Answer JSON."""
    return Response(shapes.encode(body), status, content_type="application/json")
