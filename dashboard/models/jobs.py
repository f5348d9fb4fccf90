"""Work to be done later: rows written in the transaction that they belong to, run under a lease."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice, json_type
from dashboard.models.base import NEVER_AGAIN, Base, BigId
from dashboard.tenancy import DirectoryScoped


class JobState(StrEnum):
    """Where a job stands; `dead` was tried too often and waits for a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(DirectoryScoped, Base):
    """One piece of work. A worker that dies loses its lease, and the job comes back."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.Index("ix_jobs_due", "state", "run_at"),
        sa.Index("ix_jobs_company_id", "company_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id", ondelete="CASCADE"))
    kind: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(json_type(), default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"), default=JobState.WAITING)
    run_at: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    unique_key: Mapped[str | None] = mapped_column(unique=True)  # a slot of a periodic tick, or one run at a time
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
