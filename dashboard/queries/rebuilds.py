"""Whether what has been counted follows the company's rules of today, and what counting it anew is at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import AuditEntry, Job, Message
from dashboard.models.jobs import JobState

JOB = "rebuild"
RULE = "rule"  # the subject of audit entries about rules
SUBJECT = ("rebuild", "")  # the subject of audit entries about counting anew
DONE = "rebuild.done"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A job that counts history anew."""

    id: int
    state: JobState
    payload: dict[str, Any]
    attempts: int
    asked_at: datetime
    run_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def as_of(self) -> tuple[int | None, str | None]:
        """How many changes of rules it knew when it began, and the time zone; nothing before."""
        return self.payload.get("changes"), self.payload.get("timezone")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The last time that history was counted anew."""

    at: datetime
    changes: int  # of rules, known when it began
    messages: int  # that were counted differently


@dataclass(frozen=True, slots=True)
class History:
    """What of the present rules history knows."""

    changes: int  # of rules, ever
    has_mail: bool
    rebuild: Rebuild | None
    last: Rebuilt | None

    @property
    def follows(self) -> bool:
        """Whether all mail that has been counted is named by the present rules."""
        return not self.has_mail or self.changes == (self.last.changes if self.last else 0)

    @property
    def active(self) -> Rebuild | None:
        """The job in hand or in wait."""
        return self.rebuild if self.rebuild and self.rebuild.is_active else None

    @property
    def failed(self) -> Rebuild | None:
        """The last job when it was given up, and history was not counted anew in another way since."""
        if self.rebuild is None or self.rebuild.state is not JobState.DEAD:
            return None
        return None if self.last and self.last.at >= self.rebuild.asked_at else self.rebuild


def get_history(session: Session) -> History:
    """Return the state of the company's history."""
    rebuilds = list_rebuilds(session)
    has_mail = session.scalar(sa.select(Message.message_key).limit(1)) is not None
    return History(count_changes(session), has_mail, rebuilds[0] if rebuilds else None, find_last(session))


def count_changes(session: Session) -> int:
    """Return how often the company's rules were changed: each change is one entry of the audit log."""
    statement = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.subject_type == RULE)
    return session.scalar(statement) or 0


def list_rebuilds(session: Session) -> list[Rebuild]:
    """Return the company's jobs that count history anew, the newest first."""
    statement = sa.select(Job.id, Job.state, Job.payload, Job.attempts, Job.created_at, Job.run_at)
    return [Rebuild(*row) for row in session.execute(statement.where(Job.kind == JOB).order_by(Job.id.desc()))]


def find_last(session: Session) -> Rebuilt | None:
    """Return when history was last counted anew, or None."""
    is_rebuilt = (
        AuditEntry.subject_type == SUBJECT[0],
        AuditEntry.subject_key == SUBJECT[1],
        AuditEntry.action == DONE,
    )
    newest = sa.select(AuditEntry).where(*is_rebuilt).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(1)
    entry = session.scalar(newest)
    if entry is None:
        return None
    details: dict[str, Any] = entry.details
    return Rebuilt(entry.at, details["changes"], details["messages"])
