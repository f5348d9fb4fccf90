"""Around a provider's delivery: the limit on bad signatures, the sample of what was refused, waking the counter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, request

from dashboard.clients.http import Certificates, Fetcher
from dashboard.errors import TooMany, Unauthenticated
from dashboard.extensions import engines
from dashboard.services import inbox
from dashboard.vocabulary.limits import MinuteLimit
from dashboard.vocabulary.sources import ReceivedDelivery, SealedSource

MAX_REFUSALS = 60  # a minute, of one source and one sender's address
MAX_SAMPLES = 10  # a minute, of one source


def init_app(app: Flask) -> None:
    """Give the app its way to the outside and its counts of refusals; tests put their own fetcher there."""
    app.extensions["refusals"] = MinuteLimit()
    app.extensions["certificates"] = Certificates(Fetcher())


def check_sender(source: SealedSource, delivery: ReceivedDelivery) -> None:
    """Return if the delivery is the provider's; a sender with too many bad signatures is not looked at for a while."""
    refusals: MinuteLimit = current_app.extensions["refusals"]
    sender = (source.id, request.remote_addr)
    if refusals.count(sender, g.now) >= MAX_REFUSALS:
        raise TooMany("Too many bad signatures.", headers={"Retry-After": "60"})
    try:
        inbox.check(current_app.extensions["vault"], source, delivery, current_app.extensions["certificates"].get)
    except Unauthenticated as error:
        refusals.admits(sender, MAX_REFUSALS, g.now)
        if refusals.admits(source.id, MAX_SAMPLES, g.now):
            inbox.note_rejected(engines(), source.company.id, source, delivery, error.message)
        raise


def is_limited(app: Flask, source: SealedSource, environ: dict[str, Any], now: datetime) -> bool:
    """Say whether the sender of a request has sent too many bad signatures in this minute."""
    refusals: MinuteLimit = app.extensions["refusals"]
    return refusals.count((source.id, environ.get("REMOTE_ADDR")), now) >= MAX_REFUSALS


def wake_counter(response: Response) -> Response:
    """Tell this process's counter that something waits; without one the worker finds it."""
    counter = current_app.extensions.get("counter")
    if counter is not None and response.status_code < 400:
        counter.wake()
    return response
