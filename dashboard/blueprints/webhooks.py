"""Signed webhooks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from dashboard import tenancy
from dashboard.errors import BadRequest
from dashboard.extensions import db, engines
from dashboard.forms.reading import parse_json, read_body
from dashboard.forms.reported import read_signed
from dashboard.permissions import signed
from dashboard.services import webhooks
from dashboard.vocabulary.sources import ReceivedDelivery

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhook")

ACCEPTED = b'{"status":"accepted"}'


@blueprint.post("/analytics")
@signed
def create_report() -> Response:
    """Set reported numbers. Who signed is found out first; only the signer hears what is wrong with the body."""
    delivery = _received()
    source = webhooks.find_signer(engines(), current_app.extensions["vault"], delivery, _claimed(delivery.body))
    tenancy.bind(db.session(), source.company.id)
    updates = read_signed(parse_json(delivery.body), today=source.company.day_of(g.now))
    webhooks.take_report(db.session(), source, delivery, updates)
    return Response(ACCEPTED, content_type="application/json")


def _received() -> ReceivedDelivery:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return ReceivedDelivery(read_body(request), headers, g.now)


def _claimed(body: bytes) -> Any:
    """Return the companyId of the unverified body, or None."""
    with suppress(BadRequest):
        value = parse_json(body)
        return value.get("companyId") if isinstance(value, dict) else None
    return None
