"""The fair write lock of SQLite: one writer of a file at a time, over threads and processes.

SQLite's own busy handler sleeps and is unfair: under load a writer can starve for seconds. A lock of the
process's threads, then flock(2) on a file beside the database (each process with a descriptor of its own),
queue writers before they ask SQLite at all.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from dashboard.errors import Unavailable

WAIT_S = 10.0


class WriteLock:
    """Held from just before BEGIN IMMEDIATE until the connection goes back to its pool."""

    def __init__(self, path: Path, *, wait_s: float = WAIT_S) -> None:
        self._path = path
        self._wait_s = wait_s
        self._threads = threading.Lock()
        self._descriptor: int | None = None
        self._pid = 0

    def acquire(self) -> None:
        """Wait for the lock; raises Unavailable when the writers of this process stand still for `wait_s` seconds.

        The wait for other processes has no limit of its own: no transaction of ours holds the lock for long,
        and the kernel frees the lock of a process that dies.
        """
        if not self._threads.acquire(timeout=self._wait_s):
            raise Unavailable("The database is busy. Please try again.", headers={"Retry-After": "1"})
        try:
            fcntl.flock(self._own_descriptor(), fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def release(self) -> None:
        """Let the next writer in."""
        fcntl.flock(self._own_descriptor(), fcntl.LOCK_UN)
        self._threads.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()

    def _own_descriptor(self) -> int:
        if self._descriptor is None or self._pid != os.getpid():  # a forked child must not share its parent's
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
        return self._descriptor
