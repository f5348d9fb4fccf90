"""Signed webhooks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, after_this_request, current_app, g, request

from dashboard import tenancy
from dashboard.blueprints import outside
from dashboard.errors import BadRequest
from dashboard.extensions import db, engines, settings
from dashboard.forms.reading import parse_json, read_body
from dashboard.forms.reported import read_signed
from dashboard.permissions import signed
from dashboard.services import inbox, webhooks
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


@blueprint.get("/<provider>/<token>")
@signed
def greet(provider: str, token: str) -> Response:
    """Answer those who look whether the address exists, as set-up pages do; HEAD comes here, too."""
    inbox.find_source(engines(), provider, token)
    return Response(b'{"status":"ready"}', content_type="application/json")


@blueprint.post("/<provider>/<token>")
@signed
def receive(provider: str, token: str) -> Response:
    """Take a provider's delivery: prove who sends, store it, commit, answer 200. It is counted afterwards."""
    source = inbox.find_source(engines(), provider, token)
    delivery = _received()
    outside.check_sender(source, delivery)
    tenancy.bind(db.session(), source.company.id)
    inbox.store(db.session(), source.company.id, source, delivery)
    after_this_request(outside.wake_counter)  # after the commit
    return Response(ACCEPTED, content_type="application/json")


def _received() -> ReceivedDelivery:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return ReceivedDelivery(read_body(request), headers, g.now, _public_url())


def _public_url() -> str:
    """Return the address as the sender knows it: the host is ours to say, where it is set."""
    base = settings().base_url or request.host_url.rstrip("/")
    query = request.environ.get("QUERY_STRING", "")
    return base + request.path + (f"?{query}" if query else "")


def _claimed(body: bytes) -> Any:
    """Return the companyId of the unverified body, or None."""
    with suppress(BadRequest):
        value = parse_json(body)
        return value.get("companyId") if isinstance(value, dict) else None
    return None
