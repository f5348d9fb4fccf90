"""What each benchmark is to reach, and where its figures say how far it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.machine import say

Figures = dict[str, Any]


@dataclass(frozen=True)
class Aim:
    """At least, or at most, a number; `shown` is how numbers of its kind are written."""

    what: str
    sign: str  # ≥ or ≤
    limit: float
    shown: str
    read: Callable[[Figures], float]

    def __str__(self) -> str:
        return f"{self.sign} {self.shown.format(self.limit)}"

    def is_met(self, figures: Figures) -> bool:
        """Say whether the figures reach it."""
        value = self.read(figures)
        return value >= self.limit if self.sign == "≥" else value <= self.limit

    def measured(self, figures: Figures) -> str:
        """Return what was measured."""
        return self.shown.format(self.read(figures))


def tell(name: str, figures: Figures) -> None:
    """Print the figures of a benchmark beside its aims."""
    for aim in AIMS[name]:
        say(aim.what, aim.measured(figures), f"aim {aim}" + ("" if aim.is_met(figures) else "  MISSED"))


def _share(name: str) -> Callable[[Figures], float]:
    return lambda figures: figures["share_of_hello"][name]


def _worst(pick: Callable[[list[float]], float], name: str) -> Callable[[Figures], float]:
    """Return the worst over both stores and all sizes."""
    return lambda figures: pick([size[name] for store in figures.values() for size in store.values()])


def _cell(store: str, cell: str) -> Callable[[Figures], float]:
    return lambda figures: figures[store]["acceptance"][cell]["share"]


def _beside(store: str) -> Callable[[Figures], float]:
    return lambda figures: max(cell["p99_ms"] for cell in figures[store]["beside_counting"].values())


def _found(store: str, part: str, name: str) -> Callable[[Figures], float]:
    return lambda figures: figures[store][part][name]


def _of_ingest(store: str, title: str, *, rate: float, times: float) -> list[Aim]:
    one, hundred = "8 at once, 1 in a request", "8 at once, 100 in a request"
    return [
        Aim(
            f"{title}: accepted, 8 clients, 1 event a request, share of verifying and parsing alone",
            "≥", 0.8, "{:.0%}", _cell(store, one),
        ),
        Aim(
            f"{title}: accepted, 8 clients, 100 events a request, share of verifying and parsing alone",
            "≥", 0.85, "{:.0%}", _cell(store, hundred),
        ),
        Aim(f"{title}: accepted while counting runs beside it, p99 ms", "≤", 250, "{:.0f}", _beside(store)),
        Aim(
            f"{title}: counted to the rollups, events a second, 100,000 stored",
            "≥", rate, "{:,.0f}", _found(store, "counting", "events_per_second"),
        ),
        Aim(
            f"{title}: the same, times a Django receiver in batches",
            "≥", times, "{:.0f}", lambda figures: figures[store]["times_peer"],
        ),
        Aim(
            f"{title}: cost of an event with 5,000,000 stored, times that with 100,000",
            "≤", 2, "{:.2f}", _found(store, "counting", "times_dearer"),
        ),
        Aim(
            f"{title}: memory of counting, MiB more after 1,000,000 events",
            "≤", 32, "{:.0f}", _found(store, "counting", "mib_grown"),
        ),
        Aim(
            f"{title}: write lock of counting, CPU ms of a usual transaction, 100,000 stored",
            "≤", 100, "{:.0f}", _found(store, "counting", "usual_lock_cpu_ms"),
        ),
        Aim(
            f"{title}: from POST to readable at 2,000 events a second, p99 ms",
            "≤", 2_000, "{:,.0f}", _found(store, "delay", "p99_ms"),
        ),
    ]  # fmt: skip


AIMS: dict[str, list[Aim]] = {
    "start": [
        Aim("Cold start to the first page, times plain Flask", "≤", 3.5, "{:.2f}", lambda f: f["times_plain_flask"]),
    ],
    "pages": [
        Aim("Unchanged poll, share of a bare hello", "≥", 0.85, "{:.0%}", _share("poll")),
        Aim("Rendered strip of six numbers, share of a bare hello", "≥", 0.4, "{:.0%}", _share("strip")),
    ],
    "reads": [
        Aim("Totals and series of 365 days in up to 10,000,000 rows, p99 ms", "≤", 2, "{:.2f}", _worst(max, "p99_ms")),
        Aim("The same, times faster than summing the rows", "≥", 40, "{:.0f}", _worst(min, "times_faster")),
    ],
    "lists": [
        Aim(
            "First page of a list of 100,000 campaigns, ms of server time",
            "≤", 30, "{:.0f}", lambda f: max(store["first page"]["ms"] for store in f.values()),
        ),
    ],
    "exports": [
        Aim(
            "CSV of 1,000,000 rows over HTTP, rows a second",
            "≥", 150_000, "{:,.0f}", lambda f: median(f["rows_per_second"]["ours"]),
        ),
        Aim("The same, times pandas to_csv", "≥", 1.5, "{:.1f}", lambda f: f["times_pandas"]),
        Aim("The same, times datasette", "≥", 6, "{:.1f}", lambda f: f["times_datasette"]),
        Aim("The same, memory above idle, MiB", "≤", 32, "{:.0f}", lambda f: f["mib_above_idle"]),
    ],
    "ingest": [
        *_of_ingest("sqlite", "SQLite", rate=10_000, times=60),
        *_of_ingest("postgresql", "PostgreSQL", rate=5_000, times=40),
    ],
}  # fmt: skip
