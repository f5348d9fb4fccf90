"""A process that only counts: for each line on its input it counts all that waits, and says what that took."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import sqlalchemy as sa

from dashboard.app import create_app
from dashboard.database.engine import Engines, Mode
from dashboard.worker import Counter

BEGAN = "benchmark_began"


class Holds:
    """How long each writing transaction held its lock: from its first statement until the connection is given back."""

    def __init__(self, engines: Engines) -> None:
        self.longest_s = 0.0
        sa.event.listen(engines.base, "begin", self._begin)
        sa.event.listen(engines.base, "checkin", self._end)

    def _begin(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get("mode") is Mode.WRITE:
            connection.info[BEGAN] = time.perf_counter()

    def _end(self, _connection: object, record: Any) -> None:
        began = record.info.pop(BEGAN, None)
        if began is not None:
            self.longest_s = max(self.longest_s, time.perf_counter() - began)


def count_all(counter: Counter) -> int:
    """Count until nothing waits; a counter stops after a while, so that every company has its turn."""
    deliveries = 0
    while counted := counter.count_all():
        deliveries += counted
    return deliveries


def main() -> None:
    engines = create_app().extensions["engines"]
    holds, counter = Holds(engines), Counter(engines)
    for _line in sys.stdin:
        holds.longest_s = 0.0
        began, cpu = time.perf_counter(), time.process_time()
        deliveries = count_all(counter)
        figures = {
            "seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu,
            "deliveries": deliveries, "longest_lock_ms": holds.longest_s * 1000,
        }  # fmt: skip
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
