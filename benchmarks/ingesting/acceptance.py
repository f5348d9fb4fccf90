"""HTTP until the durable 200: ours beside a bare Flask that only verifies and parses, and the Django receiver."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks.ingesting import peer
from benchmarks.ingesting.mail import Mailing
from benchmarks.ingesting.places import Place, PlaceOf, as_body, signed_post
from benchmarks.machine import free_port, load, ratio, running, say, serve_bare

EVERY_CELL = tuple((events, clients) for events in (1, 100, 1_000) for clients in (1, 8, 64))
AIMED_CELLS = ((1, 8), (100, 8))
PEER_CELLS = {(1, 8): 8, (100, 8): 4}  # (events, clients) → clients of the peer, whose writers get in each other's way
VARIETY = 50  # requests that are sent again and again: with counting paused nothing depends on what they tell

Run = dict[str, Any]


def measure(place_of: PlaceOf, database: Any, store: str, *, quick: bool) -> dict[str, Any]:
    """Return a cell for each number of events and clients, with what the three servers did in turn."""
    place = place_of(store, "acceptance")
    cells = EVERY_CELL if store == "sqlite" else AIMED_CELLS
    with _servers(place, database) as ports:
        found = {}
        for events, clients in cells:
            is_aimed = (events, clients) in AIMED_CELLS
            seconds, rounds = (0.3, 1) if quick else (2.5, 4) if is_aimed else (1.5, 1)
            cell = _measure_cell(place, ports, events, clients, seconds=seconds, rounds=rounds)
            found[name_cell(events, clients)] = cell
            times = f"{cell['share']:.0%} of bare, p99 {cell['ours']['p99_ms']:.0f} ms"
            say(f"{store}: {name_cell(events, clients)}, requests a second", f"{_rate(cell['ours']):,.1f}", times)
            if "peer" in cell:
                name = name_cell(events, PEER_CELLS[events, clients])
                say(f"{store}: the Django receiver, {name}, requests a second", f"{_rate(cell['peer']):,.1f}")
    place.engines.base.dispose()
    return found


def name_cell(events: int, clients: int) -> str:
    return f"{clients} at once, {events:,} in a request"


def measure_beside_counting(place_of: PlaceOf, store: str, *, quick: bool) -> dict[str, Any]:
    """Return latencies while the serving process counts a backlog that does not end before the measurement."""
    place = place_of(store, "beside")
    mailing = Mailing("backlog", datetime.now(UTC))
    seconds, backlog = (1.0, 30_000) if quick else (10.0, 150_000)
    port, found = free_port(), {}
    with running(_ours(port), port, **place.environment):
        for events, clients in AIMED_CELLS:
            while place.count_deliveries("state = 'pending'") < backlog // 100:
                place.put(mailing, 10_000, in_each=100)
            requests = _ours_posts(place, events)
            before = place.count_events()
            answered = _checked(load(port, requests, seconds=seconds, clients=clients))
            counted = place.count_events() - before
            assert counted or quick, "nothing was counted beside"
            waiting = place.count_deliveries("state = 'pending'")
            assert waiting, "counting was done before the measurement"
            found[name_cell(events, clients)] = answered | {"events_counted_per_second": counted / seconds}
    place.engines.base.dispose()
    return found


@contextlib.contextmanager
def _servers(place: Place, database: Any) -> Iterator[dict[str, int]]:
    """Run ours with counting paused, the bare one, and the peer, all at once; who is not asked does nothing."""
    ports = {name: free_port() for name in ("ours", "bare", "peer")}
    bare = serve_bare("benchmarks.ingesting.bare:app", ports["bare"])
    with (
        running([*_ours(ports["ours"]), "--no-worker"], ports["ours"], **place.environment),
        running(bare, ports["bare"], BARE_SECRET=place.shared.secret),
        running(peer.command(ports["peer"]), ports["peer"], **peer.prepare(database)),
    ):
        yield ports


def _ours(port: int) -> list[str]:
    return [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]


def _measure_cell(
    place: Place, ports: dict[str, int], events: int, clients: int, *, seconds: float, rounds: int
) -> dict[str, Any]:
    rows = {"bare": _bare_posts(place, events), "ours": _ours_posts(place, events)}
    by_name = {"bare": clients, "ours": clients}
    if (events, clients) in PEER_CELLS:
        rows["peer"], by_name["peer"] = peer.posts(events), PEER_CELLS[events, clients]
    for name, requests in rows.items():
        load(ports[name], requests, seconds=0.2, clients=1)  # warm up
    runs: dict[str, list[Run]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, requests in rows.items():
            lasting = seconds * 2 if name == "peer" else seconds
            runs[name].append(_checked(load(ports[name], requests, seconds=lasting, clients=by_name[name])))
    cell = {name: _summed(found, events, by_name[name]) for name, found in runs.items()}
    share = ratio(cell["ours"]["per_second"], cell["bare"]["per_second"])
    return cell | {"share": share, "deliveries_stored": place.count_deliveries()}


def _bare_posts(place: Place, events: int) -> Iterator[bytes]:
    mailing = Mailing("bare", datetime.now(UTC))
    return itertools.cycle(
        [signed_post("/", place.shared.secret, as_body(mailing.take(events))) for _ in range(VARIETY)]
    )


def _ours_posts(place: Place, events: int) -> Iterator[bytes]:
    mailing = Mailing("ours", datetime.now(UTC))
    return itertools.cycle([place.write_post(mailing.take(events)) for _ in range(VARIETY)])


def _checked(answered: Run) -> Run:
    assert set(answered["statuses"]) == {200}, answered["statuses"]
    return answered


def _summed(runs: list[Run], events: int, clients: int) -> dict[str, Any]:
    per_second = [run["per_second"] for run in runs]
    return {
        "clients": clients, "per_second": per_second, "events_per_second": median(per_second) * events,
        "p50_ms": median(run["p50_ms"] for run in runs), "p99_ms": median(run["p99_ms"] for run in runs),
    }  # fmt: skip


def _rate(run: dict[str, Any]) -> float:
    return float(median(run["per_second"]))
