"""The inbox: who sends is proved on the raw bytes, the delivery is stored, and only then is it answered 200.

Reading and counting come later (services/counting.py), so that nothing a provider sent is lost to a fault of ours.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import NotFound, Unauthenticated, Unavailable
from dashboard.models.inbox import DeliveryState
from dashboard.providers.base import Adapter, BadSignature, Secret
from dashboard.providers.registry import adapters
from dashboard.queries import identity
from dashboard.services import held, jobs
from dashboard.services.vault import Vault
from dashboard.vocabulary.sources import Connection, NoCertificate, ReceivedDelivery, SealedSource

MAX_REJECTED = 50  # kept per source, without bodies
MAX_TOPICS = 20
PLAIN_BYTES = 1_000  # bodies so small are stored as they came, in zlib's own envelope
KEPT_HEADERS = frozenset({
    "content-type", "content-encoding", "user-agent", "x-request-id", "webhook-id", "webhook-timestamp", "svix-id",
    "svix-timestamp", "x-amz-sns-message-type", "x-amz-sns-message-id", "x-messagesystems-batch-id",
    "x-twilio-email-event-webhook-timestamp", "x-postal-signature-kid",
})  # fmt: skip

_INSERT = """
INSERT INTO deliveries (company_id, id, source_id, received_at, state, reason, headers, body, size_bytes, new_count,
    duplicate_count, ignored_count, unreadable_count, late_count, duration_ms)
VALUES (:company_id, :id, :source_id, :received_at, :state, :reason, :headers, :body, :size, 0, 0, 0, 0, 0, :duration)
"""


def find_source(engines: Engines, kind: str, token: str) -> SealedSource:
    """Return the source behind an address; raises NotFound, which says nothing of what would be right."""
    source = identity.find_inbox(engines, kind, token) if kind in adapters() and token.isascii() else None
    if source is None:
        raise NotFound
    return source


def check(
    vault: Vault, source: SealedSource, delivery: ReceivedDelivery, certificate_of: Callable[[str], bytes]
) -> None:
    """Return if the delivery is the provider's; raises Unauthenticated, or Unavailable when that cannot be told now."""
    adapter = adapters()[source.kind]
    connection = Connection(vault.open(source.sealed), source.topics, certificate_of)
    try:
        adapter.verify(delivery, connection, delivery.received_at)
    except BadSignature as error:
        headers = {"WWW-Authenticate": 'Basic realm="Sendscope"'} if _wants_basic(adapter) else {}
        raise Unauthenticated(str(error), code="bad_signature", headers=headers) from error
    except NoCertificate as error:
        raise Unavailable("The signer's certificate cannot be had now.", headers={"Retry-After": "60"}) from error


def _wants_basic(adapter: Adapter) -> bool:
    return adapter.guide.secret is Secret.BASIC


def store(
    session: Session, company_id: int, source: SealedSource, delivery: ReceivedDelivery, *, duration_ms: int = 0
) -> UUID:
    """Store a delivery that was checked, in the session's transaction; that of a paused source is held."""
    connection = tenancy.connection(session, company_id)
    state = DeliveryState.HELD if held.must_hold(connection, company_id, source) else DeliveryState.PENDING
    delivery_id = insert(connection, company_id, source.id, delivery, state=state, duration_ms=duration_ms)
    _heed_topic(connection, company_id, source, delivery)
    return delivery_id


def insert(
    connection: sa.Connection, company_id: int, source_id: int, delivery: ReceivedDelivery,
    *, state: DeliveryState, reason: str = "", duration_ms: int = 0,
) -> UUID:  # fmt: skip
    """Write the delivery's row; a rejected one without its body."""
    delivery_id: UUID = uuid7()
    body = None if state is DeliveryState.REJECTED else delivery.body
    _write(
        connection, delivery, body, company_id=company_id, id=delivery_id, source_id=source_id, state=state.value,
        reason=reason[:500], headers=write_headers(delivery), duration=duration_ms,
    )  # fmt: skip
    return delivery_id


def write_headers(delivery: ReceivedDelivery) -> str:
    """Return the headers that are kept, as JSON; none that could give a secret away is among them."""
    kept = {name: delivery.headers[name][:500] for name in KEPT_HEADERS & delivery.headers.keys()}
    return orjson.dumps(kept).decode()


def pack(body: bytes) -> bytes:
    """Return the body as zlib would store it: compressed, where that is worth its while.

    A small one is put into zlib's envelope by hand: to call the compressor is to let all other threads go first.
    """
    if len(body) > PLAIN_BYTES:
        return zlib.compress(body, 1)
    size = len(body).to_bytes(2, "little") + (len(body) ^ 0xFFFF).to_bytes(2, "little")
    return b"\x78\x01\x01" + size + body + zlib.adler32(body).to_bytes(4, "big")


def insert_ours(
    connection: sa.Connection, company_id: int, source_id: int, delivery: ReceivedDelivery,
    *, state: DeliveryState, delivery_id: UUID,
) -> None:  # fmt: skip
    """Write the row of a delivery that we made ourselves: nobody has to be kept from writing its headers or id."""
    _write(
        connection, delivery, delivery.body, company_id=company_id, id=delivery_id, source_id=source_id,
        state=state.value, reason="", headers=orjson.dumps(delivery.headers).decode(), duration=0,
    )  # fmt: skip


def _write(connection: sa.Connection, delivery: ReceivedDelivery, body: bytes | None, **columns: object) -> None:
    packed = None if body is None else pack(body)
    sql.run(
        connection, _INSERT, received_at=delivery.received_at, body=packed, size=len(delivery.body), **columns
    )  # fmt: skip


def _heed_topic(connection: sa.Connection, company_id: int, source: SealedSource, delivery: ReceivedDelivery) -> None:
    """Keep the first topic that speaks to a source, and have a new subscription confirmed."""
    find = getattr(adapters()[source.kind], "subscription", None)
    found = find(delivery) if find else None
    if found is None:
        return
    if not source.topics:
        sql.run(
            connection,
            "UPDATE sources SET config = :config WHERE company_id = :company_id AND id = :id AND config = :before",
            company_id=company_id, id=source.id, config=orjson.dumps({"topics": [found.topic]}).decode(), before="{}",
        )  # fmt: skip
    if found.confirm_url:
        now = delivery.received_at
        jobs.enqueue(
            connection, "confirm_subscription", run_at=now, now=now, company_id=company_id,
            payload={"url": found.confirm_url, "source_id": source.id},
        )  # fmt: skip


def note_rejected(
    engines: Engines, company_id: int, source: SealedSource, delivery: ReceivedDelivery, reason: str
) -> None:
    """Keep a sample of what was refused, in a short transaction of its own; old ones make room."""
    with engines[Mode.WRITE].begin() as connection:
        insert(connection, company_id, source.id, delivery, state=DeliveryState.REJECTED, reason=reason)
        sql.run(
            connection,
            "DELETE FROM deliveries WHERE company_id = :company_id AND source_id = :source_id AND state = 'rejected'"
            " AND received_at < (SELECT MIN(received_at) FROM (SELECT received_at FROM deliveries"
            " WHERE company_id = :company_id AND source_id = :source_id AND state = 'rejected'"
            " ORDER BY received_at DESC LIMIT :kept) AS newest)",
            company_id=company_id, source_id=source.id, kept=MAX_REJECTED,
        )  # fmt: skip


def replay(session: Session, company_id: int, delivery_id: UUID) -> None:
    """Have a stored delivery counted anew; what it brought before is taken back in the same step."""
    connection = tenancy.connection(session, company_id)
    result = sql.run(
        connection,
        "UPDATE deliveries SET state = 'pending' WHERE company_id = :company_id AND id = :id AND body IS NOT NULL"
        f" AND state IN ('counted', 'partly', 'unreadable') AND NOT {held.IS_REPORT}",
        company_id=company_id, id=delivery_id,
    )  # fmt: skip
    if result.rowcount != 1:
        raise NotFound("There is no such delivery that can be counted again.")


def replay_unreadable(session: Session, company_id: int, source_id: int) -> int:
    """Have all deliveries of a source that could not be read, wholly or in part, counted anew; return how many."""
    connection = tenancy.connection(session, company_id)
    result = sql.run(
        connection,
        "UPDATE deliveries SET state = 'pending' WHERE company_id = :company_id AND source_id = :source_id"
        f" AND (state = 'unreadable' OR state = 'partly') AND body IS NOT NULL AND NOT {held.IS_REPORT}",
        company_id=company_id, source_id=source_id,
    )  # fmt: skip
    return result.rowcount


def list_topics(config: dict[str, object]) -> tuple[str, ...]:
    """Return the topics that a source's settings name."""
    topics = config.get("topics")
    return tuple(str(topic) for topic in topics[:MAX_TOPICS]) if isinstance(topics, list) else ()


def now_ms(since: datetime, until: datetime) -> int:
    """Return whole milliseconds between two instants."""
    return max(0, round((until - since).total_seconds() * 1000))
