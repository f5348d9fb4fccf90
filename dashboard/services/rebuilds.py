"""Counting history anew, so that old mail follows the company's rules and time zone of today: asked for, and done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import Company, Message
from dashboard.models.jobs import JobState
from dashboard.queries import identity
from dashboard.queries import rebuilds as queries
from dashboard.services import audit, jobs, leases, proof, state
from dashboard.services.jobs import DueJob
from dashboard.services.proof import Progress, Step
from dashboard.vocabulary.people import CompanyRef

PATIENCE_S = 30.0  # how long one attempt waits for a counter to finish
LOOK_S = 0.02  # between two looks; a busy counter lets go for little longer
NOTE_S = 0.5  # between two notes of how far it is


def ask_rebuild(session: Session, company_id: int, *, reason: str, actor: str, now: datetime) -> bool:
    """Let the worker count history anew; return False when that is on its way already."""
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    as_of = (queries.count_changes(session), session.get_one(Company, company_id).timezone)
    known = queries.list_rebuilds(session)
    if any(_covers(one, as_of) for one in known):
        return False
    ended = next((one.id for one in known if not one.is_active), 0)
    jobs.enqueue(
        connection, queries.JOB, run_at=now, now=now, company_id=company_id,
        payload={"reason": reason, "actor": actor},
        unique_key=f"{queries.JOB} {company_id} after {ended} as of {as_of[0]} {as_of[1]}",
    )  # fmt: skip
    audit.record(session, actor=actor, action="rebuild.ask", subject=queries.SUBJECT, now=now, reason=reason)
    session.flush()  # the version is raised last
    state.raise_version(connection, company_id, now)
    return True


def _covers(known: queries.Rebuild, as_of: tuple[int, str]) -> bool:
    """Say whether a job that is on its way counts by these rules and this time zone; one that waits always does."""
    return known.state is JobState.WAITING or (known.state is JobState.RUNNING and known.as_of == as_of)


def run_job(
    engines: Engines,
    job: DueJob,
    owner: str,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
    patience_s: float = PATIENCE_S,
) -> None:
    """Do what was asked for, and note in the job how far it is.

    Raises Busy when another worker counts the company all the time, and Stopped when the worker ends meanwhile.
    """
    company = identity.find_company_by_id(engines, job.company_id or 0)
    if company is None:
        return
    actor = job.payload.get("actor", "worker")
    notes = _Notes(engines, job, owner, clock, is_stopping, company, dict(job.payload))
    gives_up_at = time.monotonic() + patience_s
    while True:
        try:
            rebuild(engines, company, owner, clock, actor=actor, progress=notes, begin=notes.begin)
        except leases.Busy:
            if is_stopping():
                raise jobs.Stopped from None
            if time.monotonic() >= gives_up_at:
                raise
            time.sleep(LOOK_S)
        else:
            return


def rebuild(
    engines: Engines,
    company: CompanyRef,
    owner: str,
    clock: Callable[[], datetime],
    *,
    actor: str,
    progress: Progress = lambda _step, _done: None,
    begin: Callable[[int], None] = lambda _changes: None,
) -> int:
    """Count history anew and write down that it follows the rules; return how many messages changed.

    `begin` is told how many changes of rules are known.
    """
    with open_session(engines, Mode.READ, company.id) as session:
        changes = queries.count_changes(session)  # before any rule is read: a later change is not covered
    begin(changes)
    messages = proof.rebuild(engines, company, owner, clock, progress)
    with open_session(engines, Mode.WRITE, company.id) as session, session.begin():
        connection = tenancy.connection(session, company.id)
        state.lock(connection, company.id)
        audit.record(
            session, actor=actor, action=queries.DONE, subject=queries.SUBJECT, now=clock(),
            changes=changes, messages=messages, timezone=company.timezone,
        )  # fmt: skip
        session.flush()  # the version is raised last
        state.raise_version(connection, company.id, clock())
    return messages


@dataclass(slots=True)
class _Notes:
    """Writes into the job how far it is, now and then, which also keeps the job's lease."""

    engines: Engines
    job: DueJob
    owner: str
    clock: Callable[[], datetime]
    is_stopping: Callable[[], bool]
    company: CompanyRef
    known: dict[str, Any]  # the job's payload as it is to be kept
    noted_at: float = -1.0

    def begin(self, changes: int) -> None:
        """Keep by which rules and time zone it is done."""
        self.known |= {"changes": changes, "timezone": self.company.timezone}

    def __call__(self, step: Step, done: int) -> None:
        if self.is_stopping():
            raise jobs.Stopped
        if done == 0:
            self.known["total"] = _count_messages(self.engines, self.company.id)
        elif time.monotonic() < self.noted_at + NOTE_S:
            return
        self.known |= {"step": step.name.lower(), "done": done}
        self._keep()
        self.noted_at = time.monotonic()

    def _keep(self) -> None:
        with self.engines[Mode.WRITE].begin() as connection:
            jobs.remember(connection, self.job, self.owner, self.known, self.clock(), goes_on=False)


def _count_messages(engines: Engines, company_id: int) -> int:
    with open_session(engines, Mode.READ, company_id) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message)) or 0
