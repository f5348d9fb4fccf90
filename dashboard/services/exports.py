"""Exports leave a trace."""

from __future__ import annotations

from datetime import datetime

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.queries.recipients import TroubleFilter
from dashboard.services import audit
from dashboard.vocabulary.analytics import AnalyticsFilter
from dashboard.vocabulary.resources import ListFilter


def note(engines: Engines, company_id: int, asked: AnalyticsFilter, wanted: str, *, actor: str, now: datetime) -> None:
    """Write who took which numbers out, in a short transaction of its own, before the first byte leaves."""
    with open_session(engines, Mode.WRITE, company_id) as session, session.begin():
        audit.record(
            session, actor=actor, action="analytics.export", now=now,
            format=wanted, type=asked.type.value if asked.type else None, basis=asked.basis.value,
            resource_key=asked.resource_key, source_id=asked.source_id,
            start=asked.start.isoformat() if asked.start else None,
            end=asked.end.isoformat() if asked.end else None,
        )  # fmt: skip


def note_recipients(engines: Engines, company_id: int, asked: TroubleFilter, *, actor: str, now: datetime) -> None:
    """Write who took which recipients out, likewise."""
    with open_session(engines, Mode.WRITE, company_id) as session, session.begin():
        audit.record(
            session, actor=actor, action="recipients.export", now=now,
            trouble=asked.trouble.value if asked.trouble else None, address=asked.address or None,
        )  # fmt: skip


def note_list(engines: Engines, company_id: int, asked: ListFilter, *, actor: str, now: datetime) -> None:
    """Write who took which list of resources out, likewise."""
    with open_session(engines, Mode.WRITE, company_id) as session, session.begin():
        audit.record(
            session, actor=actor, action=f"{asked.type.value}.export", now=now, text=asked.text, status=asked.status
        )
