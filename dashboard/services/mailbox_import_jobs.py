"""Importing mailboxes in the background: some hundreds in each transaction, together with how far the file was read.

A worker that dies loses and doubles nothing. What is kept until the end are the rows as they were read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Conflict
from dashboard.models.mailboxes import MailboxStatus
from dashboard.queries import identity
from dashboard.services import jobs, resources, uploads
from dashboard.services.imports import Setting
from dashboard.services.jobs import DueJob
from dashboard.services.mailbox_import import ImportRow, Outcome, RowFault, run_import
from dashboard.services.resources import Change
from dashboard.vocabulary.people import CompanyRef

JOB = "import_mailboxes"
STEP = 500  # rows of one transaction
GONE = "The file is no longer here: it is kept for an hour. Choose it again."


@dataclass(frozen=True, slots=True)
class MailboxFile:
    """The rows that could be read, those that could not, and columns that are not looked at."""

    rows: list[ImportRow]
    faults: list[RowFault]
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """An import of a file, and what became of the rows so far; `left` are those that could not be taken."""

    id: UUID
    actor: str
    rows: int
    done: int = 0
    made: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Progress:
        """Return the import that a job's payload tells of."""
        return cls(**{**payload, "id": UUID(payload["id"])})

    def write(self) -> dict[str, Any]:
        """Return the payload that `read` reads."""
        return {name: getattr(self, name) for name in self.__slots__} | {"id": self.id.hex}

    def further(self, rows: int, outcome: Outcome) -> Progress:
        """Return how far it is after some more rows."""
        return replace(
            self, done=self.done + rows, made=self.made + len(outcome.made), left=self.left + len(outcome.faults),
            changed=self.changed + len(outcome.changed), same=self.same + outcome.same,
        )  # fmt: skip


def unique_key(id_: UUID) -> str:
    """Return by what the job of an import is found, and is one only."""
    return f"{JOB} {id_.hex}"


def keep_file(folder: Path, read: MailboxFile) -> UUID:
    """Keep what was read between looking at it and importing it; raises Unavailable on a full disk."""
    path, _ = uploads.keep(folder, BytesIO(orjson.dumps(read)))
    return UUID(path.name)


def read_file(folder: Path, id_: UUID) -> MailboxFile:
    """Return what was kept; raises Conflict when it was swept away, or was kept by another machine."""
    try:
        kept = orjson.loads((folder / id_.hex).read_bytes())
    except OSError:
        raise Conflict(GONE) from None
    faults = [RowFault(**one) for one in kept["faults"]]
    return MailboxFile([_row(one) for one in kept["rows"]], faults, kept["left_out"])


def _row(told: dict[str, Any]) -> ImportRow:
    status = told["status"]
    return ImportRow(**{**told, "status": MailboxStatus(status) if status else None})


def ask_import(session: Session, change: Change, id_: UUID, read: MailboxFile) -> None:
    """Have the rows imported; asked twice, it is one import."""
    resources.lock_company(session, change)
    told = Progress(id_, change.actor, len(read.rows), left=len(read.faults))
    jobs.enqueue(
        tenancy.connection(session, change.company.id), JOB, run_at=change.now, now=change.now,
        company_id=change.company.id, payload=told.write(), unique_key=unique_key(id_),
    )  # fmt: skip


def run_job(setting: Setting, job: DueJob) -> None:
    """Import what is left of a file, and delete it. Raises Stopped when the worker is to end.

    Raises Conflict when the file is not here, or another worker has the job.
    """
    company, done = identity.find_company_by_id(setting.engines, job.company_id or 0), Progress.read(job.payload)
    if company is not None and done.done < done.rows:
        rows = read_file(setting.folder, done.id).rows
        while done.done < done.rows:
            if setting.pause(0):
                raise jobs.Stopped
            done = _take(setting, job, company, done, rows[done.done : done.done + STEP])
    (setting.folder / done.id.hex).unlink(missing_ok=True)


def _take(setting: Setting, job: DueJob, company: CompanyRef, done: Progress, rows: Sequence[ImportRow]) -> Progress:
    """Import some rows together with how far the file was read then."""
    now = setting.clock()
    with open_session(setting.engines, Mode.WRITE, company.id) as session, session.begin():
        further = done.further(len(rows), run_import(session, Change(company, done.actor, now), rows))
        jobs.remember(tenancy.connection(session, company.id), job, setting.owner, further.write(), now)
    return further
