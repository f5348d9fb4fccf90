"""The loop behind `dashboard worker`, and the thread of the same in a serving process: run what is due."""

from __future__ import annotations

import atexit
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from flask import Flask

from dashboard.database.engine import Engines, Mode
from dashboard.services import jobs, retention
from dashboard.services.jobs import DueJob

PAUSE_S = 1.0
log = structlog.get_logger("dashboard.worker")

Work = Callable[[sa.Connection, DueJob, datetime], object]

# Kind of job → what it does, within the transaction that also marks it done.
KINDS: dict[str, Work] = {
    "purge": lambda connection, _job, now: retention.purge(connection, now),
}
# Kind → how often, in hours. The slot's key lets two schedulers run each tick once.
TICKS = {"purge": 1}


class Worker:
    """Runs due jobs one after another until it is told to stop."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._stop = threading.Event()
        self._slots: dict[str, int] = {}
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

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
        self._schedule(datetime.now(UTC))
        while not self._stop.is_set():
            job = jobs.take_due(self._engines, self._owner, datetime.now(UTC))
            if job is None:
                break
            self._run(job)
            done += 1
        return done

    def stop(self) -> None:
        """Ask the loop to end after the job in hand."""
        self._stop.set()

    def _schedule(self, now: datetime) -> None:
        for kind, hours in TICKS.items():
            slot = int(now.timestamp()) // (hours * 3600)
            if self._slots.get(kind) != slot:  # once per slot and process; the key makes it once for all of them
                with self._engines[Mode.WRITE].begin() as connection:
                    jobs.enqueue(connection, kind, run_at=now, now=now, unique_key=f"{kind} {slot}")
                self._slots[kind] = slot

    def _run(self, job: DueJob) -> None:
        now = datetime.now(UTC)
        try:
            with self._engines[Mode.WRITE].begin() as connection:
                KINDS[job.kind](connection, job, now)
                jobs.finish(connection, job, self._owner, now)
            log.info("job done", kind=job.kind, company=job.company_id)
        except Exception as error:  # whatever it was, the job goes back and the loop goes on
            log.exception("job failed", kind=job.kind, attempt=job.attempts)
            jobs.fail(self._engines, job, self._owner, f"{type(error).__name__}: {error}", now)


def start_thread(app: Flask) -> Worker:
    """Start a worker in a thread of this process; it ends with the process."""
    worker = Worker(app.extensions["engines"])
    thread = threading.Thread(target=worker.run_forever, name="worker", daemon=True)
    thread.start()

    def end() -> None:
        worker.stop()
        thread.join(timeout=5)

    atexit.register(end)
    return worker
