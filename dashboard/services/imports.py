"""Back-fill of history: a job puts an uploaded file into the inbox, as deliveries of its source.

Each delivery is stored together with how far the file was read, so that a worker that dies loses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict
from dashboard.models.inbox import DeliveryState
from dashboard.providers import exports
from dashboard.providers.base import Unreadable
from dashboard.providers.records import Record
from dashboard.providers.registry import adapters
from dashboard.queries import imports as queries
from dashboard.services import inbox, jobs, state
from dashboard.services.jobs import DueJob
from dashboard.vocabulary.imports import IMPORT_HEADER, LINE_HEADER, Import
from dashboard.vocabulary.sources import ReceivedDelivery

MAX_LINES = 500  # of one delivery
MAX_BYTES = 1_000_000
AHEAD = 8  # deliveries that may wait to be counted, so that what providers post meanwhile need not
STEP_S, PATIENCE = 0.1, 100  # steps until nobody seems to count
GONE = "The source was deleted."


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and for whom a job runs; `pause` waits for some seconds and says whether the worker is to end."""

    engines: Engines
    folder: Path
    owner: str
    clock: Callable[[], datetime]
    pause: Callable[[float], bool]


class Part(NamedTuple):
    """Lines that make one delivery, and where in the file they end."""

    lines: list[bytes]
    end: int


def run_job(setting: Setting, job: DueJob) -> None:
    """Put what is left of an upload into the inbox, and delete its file. Raises Stopped when the worker is to end.

    Raises Conflict when the file is not here, or another worker has the job.
    """
    done = Import.read(job.payload)
    path = setting.folder / done.id.hex
    if not done.problem and done.offset < done.size_bytes:
        try:
            with path.open("rb") as file:
                _read(setting, job, done, file)
        except FileNotFoundError as error:
            raise Conflict("The uploaded file is not in the instance folder of this worker.") from error
    path.unlink(missing_ok=True)


def _read(setting: Setting, job: DueJob, done: Import, file: BinaryIO) -> None:
    company_id, is_patient = _company_of(job), True
    try:
        layout = exports.read_layout(adapters()[_kind_of(setting, company_id, done)], file)
    except Unreadable as error:
        _remember(setting, job, replace(done, problem=str(error)))
        return
    for part in _gather(exports.read_records(file, layout, done.offset)):
        is_patient = is_patient and _let_counting_follow(setting, company_id, done)
        if setting.pause(0):
            raise jobs.Stopped
        done = _put(setting, job, done, part)
        if done.problem:
            return
    _remember(setting, job, replace(done, offset=done.size_bytes))


def _gather(records: Iterator[Record]) -> Iterator[Part]:
    """Yield the records in parts of at most MAX_LINES and MAX_BYTES."""
    lines: list[bytes] = []
    size, end = 0, 0
    for record in records:
        if lines and (len(lines) == MAX_LINES or size + len(record.line) > MAX_BYTES):
            yield Part(lines, end)
            lines, size = [], 0
        lines.append(record.line)
        size, end = size + len(record.line) + 1, record.end
    if lines:
        yield Part(lines, end)


def _put(setting: Setting, job: DueJob, done: Import, part: Part) -> Import:
    """Store a part as a delivery together with how far the file was read then; held while the source is paused."""
    now, company_id = setting.clock(), _company_of(job)
    headers = {
        "content-type": "application/x-ndjson", IMPORT_HEADER: done.id.hex, LINE_HEADER: str(done.lines + 1),
    }  # fmt: skip
    delivery = ReceivedDelivery(b"\n".join(part.lines), headers, now)
    further = replace(
        done, offset=part.end, lines=done.lines + len(part.lines), deliveries=done.deliveries + 1
    )  # fmt: skip
    with setting.engines[Mode.WRITE].begin() as connection:
        state.lock(connection, company_id)
        status = queries.read_status(connection, company_id, done.source_id)
        if status == "deleted":
            further = replace(done, problem=GONE)
        else:
            inbox.insert_ours(
                connection, company_id, done.source_id, delivery, delivery_id=done.delivery_id(done.deliveries),
                state=DeliveryState.HELD if status == "paused" else DeliveryState.PENDING,
            )  # fmt: skip
        jobs.remember(connection, job, setting.owner, further.write(), now)
    return further


def _remember(setting: Setting, job: DueJob, done: Import) -> None:
    with setting.engines[Mode.WRITE].begin() as connection:
        jobs.remember(connection, job, setting.owner, done.write(), setting.clock())


def _let_counting_follow(setting: Setting, company_id: int, done: Import) -> bool:
    """Wait until all but AHEAD deliveries are counted; say whether somebody counts at all."""
    if done.deliveries < AHEAD:
        return True
    for _ in range(PATIENCE):
        with setting.engines[Mode.SINGLE].connect() as connection:
            if not queries.is_pending(connection, company_id, done.delivery_id(done.deliveries - AHEAD)):
                return True
        if setting.pause(STEP_S):
            raise jobs.Stopped
    return False


def _kind_of(setting: Setting, company_id: int, done: Import) -> str:
    with setting.engines[Mode.SINGLE].connect() as connection:
        return queries.read_kind(connection, company_id, done.source_id)


def _company_of(job: DueJob) -> int:
    if job.company_id is None:
        raise ValueError("An import belongs to a company.")
    return job.company_id
