"""From POST to the number being readable, while events arrive at a steady rate and the serving process counts."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from bisect import bisect_left
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Self

from benchmarks.ingesting.counter import count_all
from benchmarks.ingesting.mail import Mailing
from benchmarks.ingesting.places import Place, PlaceOf
from benchmarks.machine import free_port, running
from dashboard.worker import Counter

PER_SECOND = 2_000  # events
IN_EACH = 20
CLIENTS = 16
READ_EVERY_S = 0.01
WAIT_S = 120


def measure(place_of: PlaceOf, store: str, *, quick: bool) -> dict[str, Any]:
    """Return the delays (ms) of the posts, from when each was due, so that a late answer delays no later post."""
    place = place_of(store, "delay")
    place.put(Mailing("before", datetime.now(UTC)), 2_000 if quick else 100_000, in_each=100)
    count_all(Counter(place.engines))
    stored, known = place.count_events(), place.count_sent()
    mailing, seconds = Mailing("m", datetime.now(UTC)), 3 if quick else 30
    requests, expected = [], []
    for _ in range(seconds * PER_SECOND // IN_EACH):
        requests.append(place.write_post(mailing.take(IN_EACH)))
        expected.append(known + mailing.count_messages())
    port = free_port()
    with running(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)], port, **place.environment
    ), _Reader(place) as reader:  # fmt: skip
        due = asyncio.run(_post_all(port, requests))
        reader.wait_for(expected[-1])
    place.engines.base.dispose()
    delays = sorted(reader.when(number) - at for number, at in zip(expected, due, strict=True))
    return {
        "p50_ms": delays[len(delays) // 2] * 1000, "p99_ms": delays[int(len(delays) * 0.99)] * 1000,
        "longest_ms": delays[-1] * 1000, "events": len(requests) * IN_EACH, "stored_before": stored,
    }  # fmt: skip


class _Reader:
    """Reads the number again and again, and notes when it was first seen to be so high."""

    def __init__(self, place: Place) -> None:
        self._place, self._is_over = place, threading.Event()
        self._numbers: list[int] = []
        self._instants: list[float] = []
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def wait_for(self, number: int) -> None:
        deadline = time.monotonic() + WAIT_S
        while not self._numbers or self._numbers[-1] < number:
            assert time.monotonic() < deadline, f"{self._numbers[-1:]} instead of {number}"
            time.sleep(0.05)
        assert self._numbers[-1] == number, (self._numbers[-1], number)

    def when(self, number: int) -> float:
        """Return when the number was first seen to be at least this."""
        return self._instants[bisect_left(self._numbers, number)]

    def _read(self) -> None:
        while not self._is_over.wait(READ_EVERY_S):
            number = self._place.count_sent()
            self._numbers.append(number)
            self._instants.append(time.perf_counter())


async def _post_all(port: int, requests: list[bytes]) -> list[float]:
    """Send each request when it is due, over connections that are kept; return when each was due."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CLIENTS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    gap = IN_EACH / PER_SECOND
    dues = list(accumulate([gap] * len(requests), initial=time.perf_counter()))[1:]

    async def post(request: bytes, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        reader, writer = await free.get()
        writer.write(request)
        await _read_answer(reader)
        free.put_nowait((reader, writer))

    await asyncio.gather(*(post(request, due) for request, due in zip(requests, dues, strict=True)))
    while not free.empty():
        free.get_nowait()[1].close()
    return dues


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert b" 200 " in head.partition(b"\r\n")[0], head
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
