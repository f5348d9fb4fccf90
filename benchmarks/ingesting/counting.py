"""Counting alone: events a second from the inbox to the rollups as the tables grow; memory; how long it locks.

Up to SIZES[1] events everything that is stored was counted; what is missing to SIZES[2] is copied in at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, Self

from benchmarks.ingesting import loader
from benchmarks.ingesting.mail import Mailing
from benchmarks.ingesting.places import Place, PlaceOf
from benchmarks.machine import ROOT, memory_mib, say

CHUNK = 100_000
SIZES = (100_000, 1_000_000, 5_000_000)  # events that are stored already
COPIES = 3  # of all that was counted up to SIZES[1] and a little more
USUAL = 100  # events in each delivery
OTHERS = {1: 20_000, 1_000: 100_000}  # measured once, too: events in each delivery → events
MEMORY_OVER = 1_000_000  # events
AT_ONCE = 10_000  # events that are put into the inbox by one transaction

Chunk = dict[str, Any]


def measure(place_of: PlaceOf, store: str, *, quick: bool) -> dict[str, Any]:
    """Return what chunks cost by how many events were stored before them, and memory and the longest lock of all."""
    scale = 50 if quick else 1
    sizes, chunk = [size // scale for size in SIZES], CHUNK // scale
    place = place_of(store, "counting")
    with _Process(place) as process:
        chunks = [process.count(chunk), process.count(chunk)]
        others = {each: process.count(max(events // scale, each), each) for each, events in OTHERS.items()}
        while process.stored < sizes[1] + 3 * chunk:
            chunks.append(process.count(chunk))
            _tell(store, chunks[-1])
        process.stored += loader.multiply(place, COPIES)
        for _ in range(2):  # the second one counts: the first finds nothing in memory
            chunks.append(process.count(chunk))
            _tell(store, chunks[-1])
    process.check()
    place.engines.base.dispose()
    for each, chunk in others.items():
        say(f"{store}: counted a second, {each:,} in each delivery, {chunk['stored']:,} stored", _rate(chunk))
    return _summed(chunks, sizes, MEMORY_OVER // scale) | {"by_events_in_each": others, "chunks": chunks}


def _tell(store: str, chunk: Chunk) -> None:
    say(f"{store}: counted a second, {chunk['stored']:,} stored", _rate(chunk))


class _Process:
    """A process that counts what is put into its inbox."""

    def __init__(self, place: Place) -> None:
        self.stored = 0
        self._place, self._mailing = place, Mailing("m", datetime.now(UTC))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ingesting.counter"], cwd=ROOT, env=os.environ | place.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=20)

    def count(self, events: int, in_each: int = USUAL) -> Chunk:
        """Put so many events into the inbox, have them counted, and return what that took."""
        for begun in range(0, events, AT_ONCE):
            self._place.put(self._mailing, min(events - begun, AT_ONCE), in_each=in_each)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        chunk = json.loads(self._process.stdout.readline())
        chunk |= {"stored": self.stored, "events": events, "memory_mib": memory_mib(self._process.pid)}
        assert chunk["deliveries"] == events // in_each, chunk
        self.stored += events
        return chunk | {"events_per_second": events / chunk["seconds"]}

    def check(self) -> None:
        """Make sure that the numbers are right, for a wrong number is quickly had."""
        sent, messages = self._place.count_sent(), self._mailing.count_messages()
        stored = self._place.count_events()
        assert (sent, stored) == (messages, self.stored), (sent, messages, stored, self.stored)


def _summed(chunks: list[Chunk], sizes: list[int], memory_over: int) -> dict[str, Any]:
    first, second = (next(chunk for chunk in chunks if chunk["stored"] >= size) for size in sizes[:2])
    last = chunks[-1]
    later = next(chunk for chunk in chunks if chunk["stored"] >= first["stored"] + memory_over)
    return {
        "at": {f"{chunk['stored']:,}": chunk for chunk in (first, second, last)},
        "events_per_second": first["events_per_second"],
        "times_dearer": first["events_per_second"] / last["events_per_second"],
        "usual_lock_cpu_ms": first["usual_lock_cpu_ms"],
        "longest_lock_ms": max(chunk["longest_lock_ms"] for chunk in chunks),
        "mib_grown": later["memory_mib"] - first["memory_mib"],
        "memory_over": later["stored"] - first["stored"],
    }


def _rate(chunk: Chunk) -> str:
    return f"{chunk['events_per_second']:,.0f}"
