"""Having deliveries counted again, with a trace of who wished it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.errors import Conflict
from dashboard.models.inbox import DeliveryState
from dashboard.queries import deliveries
from dashboard.services import audit, held, inbox, state

_WHY_NOT = {
    DeliveryState.PENDING: "This delivery waits to be counted already.",
    DeliveryState.HELD: "Its source is paused. The delivery is counted when the source is resumed.",
    DeliveryState.REJECTED: "This delivery was rejected, and its body was not kept.",
}
REPORTED = "Reported numbers are set when they come; there is nothing to count again."


def count_again(
    session: Session, company_id: int, source_id: int, delivery_id: UUID, *, actor: str, now: datetime
) -> None:
    """Have one delivery counted anew. Raises NotFound, or Conflict where that cannot be."""
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    found = deliveries.get_delivery(session, source_id, delivery_id)
    refusal = REPORTED if is_report(found.headers) else _WHY_NOT.get(found.row.state)
    if refusal:
        raise Conflict(refusal)
    inbox.replay(session, company_id, delivery_id)
    subject = ("delivery", str(delivery_id))
    audit.record(session, actor=actor, action="delivery.replay", subject=subject, now=now, state=found.row.state.value)
    session.flush()  # the version is raised last
    state.raise_version(connection, company_id, now)


def count_unreadable_again(session: Session, company_id: int, source_id: int, *, actor: str, now: datetime) -> int:
    """Have all of a source's deliveries that could not be read, wholly or in part, counted anew; return how many."""
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    source = deliveries.get_source(session, source_id)
    number = inbox.replay_unreadable(session, company_id, source_id)
    if number:
        subject = ("source", str(source_id))
        details = {"name": source.name, "deliveries": number}
        audit.record(session, actor=actor, action="delivery.replay_all", subject=subject, now=now, **details)
        session.flush()  # the version is raised last
        state.raise_version(connection, company_id, now)
    return number


def is_report(headers: dict[str, str]) -> bool:
    """Say whether a delivery brought reported numbers rather than events."""
    return headers.items() >= held.REPORT_MARK.items()
