"""The loops behind `dashboard worker`, and the threads of the same in a serving process: count, and run what is due."""

from __future__ import annotations

import atexit
import gc
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import Flask

from dashboard.clients.dns import Resolver
from dashboard.clients.http import Fetcher
from dashboard.clients.storage import Storage
from dashboard.database.engine import Engines, Mode
from dashboard.queries import identity
from dashboard.services import (
    counting,
    domain_checks,
    files,
    imports,
    jobs,
    leases,
    mailbox_import_jobs,
    rebuilds,
    registration,
    retention,
    retirement,
    uploads,
)
from dashboard.services.jobs import DueJob

PAUSE_S = 1.0
GATHER_S = 0.05  # between two looks into the inbox, so that single deliveries make batches
TURN_S = 20.0  # of one company, so that one whose inbox is never empty lets others have theirs
log = structlog.get_logger("dashboard.worker")

Work = Callable[[sa.Connection, DueJob, datetime], object]

# Kind of job → what it does, within the transaction that also marks it done.
KINDS: dict[str, Work] = {
    "purge": lambda connection, _job, now: retention.purge(connection, now),
}
# Kind of job → what it does before the transaction that marks it done: ask the outside, or work in steps of its own.
BEFORE: dict[str, Callable[[Worker, DueJob], object]] = {
    files.DELETE_JOB: lambda worker, job: worker.delete_stored(job.payload["key"]),
    "check_domains": lambda worker, _job: worker.check_domains(),
    "confirm_subscription": lambda worker, job: worker.fetcher.get(job.payload["url"]),
    "import": lambda worker, job: imports.run_job(worker.setting, job),
    mailbox_import_jobs.JOB: lambda worker, job: mailbox_import_jobs.run_job(worker.setting, job),
    "purge": lambda worker, _job: worker.folder and uploads.sweep(worker.engines, worker.folder, worker.clock()),
    "rebuild": lambda worker, job: rebuilds.run_job(
        worker.engines, job, worker.owner, worker.clock, worker.is_stopping
    ),
    "register": lambda worker, _job: registration.register_all(worker.engines, worker.clock),
    "retire": lambda worker, _job: retirement.retire_all(worker.engines, worker.owner, worker.clock),
}
# Kind → how often, in minutes. The slot's key lets two schedulers run each tick once.
TICKS = {"check_domains": 1, "purge": 60, "register": 1, "retire": 60}


class Worker:
    """Runs due jobs one after another until it is told to stop."""

    def __init__(
        self,
        engines: Engines,
        fetcher: Fetcher | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        folder: Path | None = None,
        storage: Storage | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.engines: Engines = engines
        self.folder: Path | None = folder  # of uploads
        self._storage = storage  # of files
        self._resolver = resolver  # without one, domains are left to other workers
        self.fetcher: Fetcher = fetcher or Fetcher()
        self.clock: Callable[[], datetime] = clock
        self._stop = threading.Event()
        self._slots: dict[str, int] = {}
        self.owner: str = leases.make_owner()

    def run_forever(self) -> None:
        """Work until stop() is called; a fault of the store is logged, and tried again."""
        while not self._stop.is_set():
            try:
                self.run_due()
            except sa.exc.SQLAlchemyError as error:
                log.warning("worker cannot reach the store", error=str(error.__cause__ or error))
            self._stop.wait(PAUSE_S)

    def run_due(self) -> int:
        """Run every due job; return how many there were."""
        done = 0
        self._schedule(self.clock())
        while not self._stop.is_set():
            job = jobs.take_due(self.engines, self.owner, self.clock())
            if job is None:
                break
            self._run(job)
            done += 1
        return done

    def stop(self) -> None:
        """Ask the loop to end after the job in hand; a long one is left to the next worker."""
        self._stop.set()

    @property
    def setting(self) -> imports.Setting:
        """Where and for whom its imports run; raises ValueError when it was given no folder of uploads."""
        if self.folder is None:
            raise ValueError("This worker has no folder of uploads.")
        return imports.Setting(self.engines, self.folder, self.owner, self.clock, self._stop.wait)

    def delete_stored(self, key: str) -> None:
        """Delete the bytes of a file; raises ValueError when the worker was given no storage."""
        if self._storage is None:
            raise ValueError("This worker has no storage of files.")
        self._storage.delete(key)

    def check_domains(self) -> None:
        """Look up the records of the domains that are due."""
        if self._resolver is not None:
            domain_checks.check_due(self.engines, self._resolver, self.clock, self.is_stopping)

    def is_stopping(self) -> bool:
        """Say whether the loop was asked to end."""
        return self._stop.is_set()

    def _schedule(self, now: datetime) -> None:
        for kind, minutes in TICKS.items():
            slot = int(now.timestamp()) // (minutes * 60)
            if self._slots.get(kind) != slot:  # once per slot and process; the key makes it once for all of them
                with self.engines[Mode.WRITE].begin() as connection:
                    jobs.enqueue(connection, kind, run_at=now, now=now, unique_key=f"{kind} {slot}")
                self._slots[kind] = slot

    def _run(self, job: DueJob) -> None:
        try:
            self._do(job)
        except jobs.Stopped:
            jobs.put_back(self.engines, job, self.owner, self.clock())
            log.info("job left to the next worker", kind=job.kind, company=job.company_id)
        except Exception as error:  # whatever it was, the job goes back and the loop goes on
            log.exception("job failed", kind=job.kind, attempt=job.attempts)
            jobs.fail(self.engines, job, self.owner, f"{type(error).__name__}: {error}", self.clock())

    def _do(self, job: DueJob) -> None:
        before, work = BEFORE.get(job.kind), KINDS.get(job.kind)
        if before is None and work is None:
            raise KeyError(job.kind)
        if before is not None:
            before(self, job)
        now = self.clock()
        with self.engines[Mode.WRITE].begin() as connection:
            if work is not None:
                work(connection, job, now)
            jobs.finish(connection, job, self.owner, now)
        log.info("job done", kind=job.kind, company=job.company_id)


class Counter:
    """Counts what the inbox holds: at once when it is woken, and every PAUSE_S what others left behind."""

    def __init__(
        self, engines: Engines, clock: Callable[[], datetime] = lambda: datetime.now(UTC), turn_s: float = TURN_S
    ) -> None:
        self._engines, self._clock, self._turn_s = engines, clock, turn_s
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._owner = leases.make_owner()

    def run_forever(self) -> None:
        """Count until stop() is called; a fault of the store is logged, and tried again."""
        while not self._stop.is_set():
            self._woken.clear()
            try:
                self.count_all()
            except sa.exc.SQLAlchemyError as error:
                log.warning("counter cannot reach the store", error=str(error.__cause__ or error))
            except Exception:  # whatever it was, nothing is lost: the deliveries stay pending
                log.exception("counting failed")
                self._stop.wait(PAUSE_S)
            self._woken.wait(PAUSE_S)
            self._stop.wait(GATHER_S)

    def count_all(self) -> int:
        """Count all companies; return how many deliveries were counted."""
        done = 0
        for company in identity.list_waiting_companies(self._engines):
            ends_at = time.monotonic() + self._turn_s
            done += counting.count_company(
                self._engines, company, self._owner, self._clock, partial(self._may_go_on, ends_at)
            )
            if time.monotonic() >= ends_at:
                self.wake()  # there may be more of it
        return done

    def _may_go_on(self, ends_at: float) -> bool:
        return not self._stop.is_set() and time.monotonic() < ends_at

    def count_out(self) -> int:
        """Count until nothing is left that this process may count; return how many deliveries were counted."""
        done = 0
        while counted := self.count_all():
            done += counted
        return done

    def wake(self) -> None:
        """Say that something waits."""
        self._woken.set()

    def stop(self) -> None:
        """Ask the loop to end after the batch in hand."""
        self._stop.set()
        self._woken.set()


def spare_collector() -> None:
    """Look for circular garbage less often in this process: counting makes objects by the million, none in circles.

    With Python's own threshold (700 new objects) the search is an eighth of the counting.
    """
    gc.set_threshold(50_000, 20, 20)


def start_threads(app: Flask) -> None:
    """Start a worker and a counter in threads of this process; they end with the process."""
    spare_collector()
    engines, folder = app.extensions["engines"], uploads.folder_in(app.extensions["settings"].instance)
    worker = Worker(
        engines, folder=folder, storage=app.extensions["storage"], resolver=app.extensions["resolver"]
    )  # fmt: skip
    counter = Counter(engines)
    app.extensions["counter"] = counter
    threads = [
        threading.Thread(target=worker.run_forever, name="worker", daemon=True),
        threading.Thread(target=counter.run_forever, name="counter", daemon=True),
    ]
    for thread in threads:
        thread.start()

    def end() -> None:
        worker.stop()
        counter.stop()
        for thread in threads:
            thread.join(timeout=5)

    atexit.register(end)
