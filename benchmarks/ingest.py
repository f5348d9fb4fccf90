"""Webhooks: accepted over HTTP, counted, readable; beside bare Flask and a Django receiver in the same run."""

from __future__ import annotations

from typing import Any

from benchmarks import aims
from benchmarks.ingesting import acceptance, counting, delay, peer
from benchmarks.ingesting.places import STORES, open_places
from benchmarks.machine import say, scratch


def run(*, quick: bool) -> dict[str, Any]:
    peer.install()
    figures: dict[str, Any] = {}
    with scratch() as folder, open_places(folder) as (place_of, make_database):
        for store in STORES:
            database = folder / "peer.sqlite3" if store == "sqlite" else make_database("peer")
            figures[store] = {
                "acceptance": acceptance.measure(place_of, database, store, quick=quick),
                "beside_counting": acceptance.measure_beside_counting(place_of, store, quick=quick),
                "counting": counting.measure(place_of, store, quick=quick),
                "delay": delay.measure(place_of, store, quick=quick),
            }
            figures[store]["times_peer"] = _compare(figures[store])
    for store in STORES:
        _tell(store, figures[store])
    if quick:
        say("The sizes named below are those of a whole run; this one was quick, and far below them.", "")
    aims.tell("ingest", figures)
    return figures


def _compare(found: dict[str, Any]) -> float:
    """Return how many times as many events we count as the peer does in batches."""
    batches = found["acceptance"][acceptance.name_cell(100, 8)]["peer"]["events_per_second"]
    return float(found["counting"]["events_per_second"] / batches)


def _tell(store: str, found: dict[str, Any]) -> None:
    for size, chunk in found["counting"]["at"].items():
        say(
            f"{store}: µs to count an event with {size} events stored",
            f"{chunk['seconds'] / chunk['events'] * 1e6:.0f}",
        )
    grown, over = found["counting"]["mib_grown"], found["counting"]["memory_over"]
    say(f"{store}: MiB of memory more after counting {over:,} events", f"{grown:.0f}")
    say(f"{store}: longest write lock of counting, ms", f"{found['counting']['longest_lock_ms']:.0f}")
    say(f"{store}: from POST to readable, p50 ms", f"{found['delay']['p50_ms']:.0f}")
