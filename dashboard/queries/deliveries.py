"""The raw deliveries of a source: a list by state, and one with all that was kept of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.errors import NotFound
from dashboard.models import Delivery, Source
from dashboard.models.inbox import DeliveryState
from dashboard.vocabulary.sources import ReceivedDelivery

MOST = 10_000  # deliveries in one state are counted up to here


@dataclass(frozen=True, slots=True)
class SourceName:
    """The source that deliveries came to."""

    id: int
    name: str
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What became of one delivery."""

    id: UUID
    received_at: datetime
    state: DeliveryState
    reason: str
    size_bytes: int
    new: int
    duplicate: int
    ignored: int
    unreadable: int
    late: int
    duration_ms: int
    counted_at: datetime | None

    @property
    def wait_ms(self) -> int | None:
        """How long it took from the receipt to being counted."""
        if self.counted_at is None:
            return None
        return max(0, round((self.counted_at - self.received_at).total_seconds() * 1000))


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """A delivery with the request that brought it; the body of a rejected one is not kept."""

    row: DeliveryRow
    headers: dict[str, str]
    body: bytes | None

    def unpack(self) -> ReceivedDelivery:
        """Return the request as it came."""
        return ReceivedDelivery(self.body or b"", self.headers, self.row.received_at)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of deliveries ended: the next one begins behind it."""

    received_at: datetime
    id: UUID


_ROW = (
    Delivery.id, Delivery.received_at, Delivery.state, Delivery.reason, Delivery.size_bytes, Delivery.new_count,
    Delivery.duplicate_count, Delivery.ignored_count, Delivery.unreadable_count, Delivery.late_count,
    Delivery.duration_ms, Delivery.counted_at,
)  # fmt: skip


def get_source(session: Session, source_id: int) -> SourceName:
    """Return the company's source, also one that was deleted; raises NotFound."""
    statement = sa.select(Source.id, Source.name, Source.kind, Source.status).where(Source.id == source_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such source.")
    return SourceName(row[0], row[1], row[2], row[3].value)


def list_deliveries(
    session: Session, source_id: int, *, state: DeliveryState | None, limit: int, after: Position | None = None
) -> list[DeliveryRow]:
    """Return a source's deliveries, the newest first, those behind a position when one is given."""
    is_pending = state is DeliveryState.PENDING
    statement = sa.select(*_ROW).where((Delivery.source_id + 0 if is_pending else Delivery.source_id) == source_id)
    if state is not None:
        statement = statement.where(Delivery.state == sa.literal(state.value, sa.String(), literal_execute=True))
    if after is not None:
        is_behind = sa.or_(Delivery.received_at < after.received_at, Delivery.id < after.id)
        statement = statement.where(Delivery.received_at <= after.received_at, is_behind)
    ordered = statement.order_by(Delivery.received_at.desc(), Delivery.id.desc()).limit(limit)
    rows: list[Any] = list(session.execute(ordered))
    return [DeliveryRow(*row) for row in rows]


def count_states(
    session: Session, company_id: int, source_id: int, *, most: int = MOST
) -> dict[DeliveryState | None, int]:
    """Return how many deliveries of the source are in each state, and under None how many there are.

    No more than `most` + 1 are counted, which stands for more.
    """
    few = [state for state in DeliveryState if state is not DeliveryState.COUNTED]
    conditions = ["source_id = :source_id", *(f"{_of_source(one)} = :source_id AND state = '{one}'" for one in few)]
    parts = [
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE company_id = :company_id AND {one} LIMIT :most) AS one)"
        for one in conditions
    ]
    row: tuple[Any, ...] = sql.run(
        tenancy.connection(session, company_id), f"SELECT {', '.join(parts)}",
        company_id=company_id, source_id=source_id, most=most + 1,
    ).one()  # fmt: skip
    found: dict[DeliveryState | None, int] = dict(zip((None, *few), row, strict=True))
    found[DeliveryState.COUNTED] = row[0] if row[0] > most else row[0] - sum(row[1:])
    return {state: found[state] for state in (None, *DeliveryState)}


def _of_source(state: DeliveryState) -> str:
    """Return the source's column; nought is added to it where an index without it is the better one.

    Of what is pending there is a small one; else the store would look through all that the source ever brought.
    """
    return "source_id + 0" if state is DeliveryState.PENDING else "source_id"


def get_delivery(session: Session, source_id: int, delivery_id: UUID) -> KeptDelivery:
    """Return one delivery of the source with its body unpacked; raises NotFound."""
    statement = sa.select(*_ROW, Delivery.headers, Delivery.body)
    found = session.execute(statement.where(Delivery.source_id == source_id, Delivery.id == delivery_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such delivery. Deliveries are kept for 30 days.")
    *row, headers, body = found
    return KeptDelivery(DeliveryRow(*row), headers, zlib.decompress(body) if body is not None else None)
