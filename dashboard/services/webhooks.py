"""The webhook for reported numbers: whose secret signed it, and the delivery and numbers in one transaction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.database.engine import Engines
from dashboard.errors import Unauthenticated
from dashboard.models import Delivery
from dashboard.models.inbox import DeliveryState
from dashboard.providers import signatures
from dashboard.queries import identity
from dashboard.services import held, reported
from dashboard.services.identity import SLUG
from dashboard.services.vault import Vault
from dashboard.vocabulary.analytics import ReportedNumbers
from dashboard.vocabulary.sources import ReceivedDelivery, SealedSource

KEPT_HEADERS = ("content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-request-id")
MAX_UNNAMED_BYTES = 64 * 1024  # a body that names no company is tried against every secret, so it must be small


def find_signer(engines: Engines, vault: Vault, delivery: ReceivedDelivery, claimed: Any) -> SealedSource:
    """Return the generic source whose secret signed the delivery; raises Unauthenticated when none did.

    `claimed` is the companyId of the unverified body: it only says whose secrets to try. A body without one may
    still be signed by somebody, who then deserves to hear what is wrong with it.
    """
    company_id: int | None = None
    if isinstance(claimed, str):
        company = identity.find_company(engines, claimed) if SLUG.fullmatch(claimed) else None
        if company is None:
            raise _refused()
        company_id = company.id
    elif len(delivery.body) > MAX_UNNAMED_BYTES:
        raise _refused()
    if not _carries_signature(delivery):
        raise _refused()
    for source in identity.list_generic_sources(engines, company_id):
        if _is_signed(delivery, vault.open(source.sealed).valid(delivery.received_at)):
            return source
    raise _refused()


def take_report(
    session: Session, source: SealedSource, delivery: ReceivedDelivery, updates: Sequence[ReportedNumbers]
) -> None:
    """Store the delivery and set its numbers, in the session's transaction.

    A Standard-Webhooks id that was answered before has no effect. A paused source's delivery is held.
    """
    company_id, now = source.company.id, delivery.received_at
    connection = tenancy.connection(session, company_id)
    webhook_id = delivery.headers.get("webhook-id", "")
    if webhook_id:
        result = sql.run(
            connection,
            "INSERT INTO webhook_ids (company_id, source_id, webhook_id, received_at)"
            " VALUES (:company_id, :source_id, :webhook_id, :now) ON CONFLICT DO NOTHING",
            company_id=company_id, source_id=source.id, webhook_id=webhook_id, now=now,
        )  # fmt: skip
        if result.rowcount == 0:
            return
    is_held = held.must_hold(connection, company_id, source)
    headers = {name: delivery.headers[name] for name in KEPT_HEADERS if name in delivery.headers}
    row = Delivery(
        source_id=source.id,
        received_at=now,
        state=DeliveryState.HELD if is_held else DeliveryState.COUNTED,
        headers=headers | held.REPORT_MARK,
        body=zlib.compress(delivery.body, 1),
        size_bytes=len(delivery.body),
    )
    if not is_held:
        row.new_count, row.counted_at = len(updates), now
    session.add(row)
    session.flush()  # the version is raised last, after the delivery's row
    if not is_held:
        reported.set_numbers(session, company_id, source.id, updates, now=now)


def _is_signed(delivery: ReceivedDelivery, secrets: Sequence[str]) -> bool:
    if "webhook-id" in delivery.headers:  # then only Standard Webhooks counts
        return signatures.is_standard_webhook(delivery.headers, delivery.body, secrets, delivery.received_at)
    return signatures.is_hex_hmac(delivery.headers.get("x-webhook-signature", ""), delivery.body, secrets)


def _carries_signature(delivery: ReceivedDelivery) -> bool:
    return bool(delivery.headers.get("webhook-id") or delivery.headers.get("x-webhook-signature"))


def _refused() -> Unauthenticated:
    return Unauthenticated("The signature is missing or wrong.", code="bad_signature")
