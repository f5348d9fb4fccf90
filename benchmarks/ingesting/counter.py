"""A process that only counts: for each line on its input it counts all that waits, and says what that took."""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import Any

import sqlalchemy as sa

from dashboard.app import create_app
from dashboard.database.engine import Engines, Mode
from dashboard.worker import Counter, spare_collector

BEGAN = "benchmark_began"
LEAST_S = 0.005


class Holds:
    """How long each writing transaction held its lock: from its first statement until the connection is given back.

    Those that do next to nothing, such as taking a lease, are left out.
    """

    def __init__(self, engines: Engines) -> None:
        self.clear()
        sa.event.listen(engines.base, "begin", self._begin)
        sa.event.listen(engines.base, "checkin", self._end)

    def clear(self) -> None:
        self._seconds: list[float] = []
        self._cpu_seconds: list[float] = []

    @property
    def longest_ms(self) -> float:
        return max(self._seconds, default=0.0) * 1000

    @property
    def usual_cpu_ms(self) -> float:
        return median(self._cpu_seconds or [0.0]) * 1000

    def _begin(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get("mode") is Mode.WRITE:
            connection.info[BEGAN] = (time.perf_counter(), time.thread_time())

    def _end(self, _connection: object, record: Any) -> None:
        began = record.info.pop(BEGAN, None)
        if began is not None and time.perf_counter() - began[0] > LEAST_S:
            self._seconds.append(time.perf_counter() - began[0])
            self._cpu_seconds.append(time.thread_time() - began[1])


def count_all(counter: Counter) -> int:
    """Count until nothing waits; a counter stops after a while, so that every company has its turn."""
    deliveries = 0
    while counted := counter.count_all():
        deliveries += counted
    return deliveries


def main() -> None:
    spare_collector()  # as the worker does
    engines = create_app().extensions["engines"]
    holds, counter = Holds(engines), Counter(engines)
    for _line in sys.stdin:
        holds.clear()
        began, cpu = time.perf_counter(), time.process_time()
        deliveries = count_all(counter)
        figures = {
            "seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu,
            "deliveries": deliveries, "longest_lock_ms": holds.longest_ms,
            "usual_lock_cpu_ms": holds.usual_cpu_ms,
        }  # fmt: skip
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
