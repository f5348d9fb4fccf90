"""CSV of 1,000,000 rows over HTTP, beside pandas and datasette on the same file; memory of the server meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import aims
from benchmarks.data import fill, make_app, make_company
from benchmarks.machine import ROOT, free_port, in_turn, memory_mib, ratio, running, say, scratch
from tests.factories import make_key

PEERS = ROOT / "benchmarks" / ".venv"
DEADLINE_S = 240  # of one download: on a busy machine datasette can stand in its own way for an hour
PANDAS = """
import sqlite3, sys, time, pandas
began = time.perf_counter()
connection = sqlite3.connect(sys.argv[1])
columns = "day, type, resource_key, sent, delivered, opened, clicked, replied, bounced"
query = f"SELECT {columns} FROM analytics ORDER BY day, resource_key"
pandas.read_sql_query(query, connection).to_csv(sys.argv[2], index=False)
print(time.perf_counter() - began)
"""


def run(*, quick: bool) -> dict[str, object]:
    _install_peers()
    days, resources = (100, 200) if quick else (1000, 1000)
    unfinished: list[float] = []
    with scratch() as folder:
        app = make_app(folder)
        engines = app.extensions["engines"]
        company = make_company(engines, "bench")
        rows = fill(engines, company, days=days, resources=resources)
        key = make_key(engines, company, datetime.now(UTC))
        engines.base.dispose()
        ours, datasette = free_port(), free_port()
        database = folder / "dashboard.sqlite3"
        with (
            running(
                [sys.executable, "-m", "dashboard", "serve", "--port", str(ours)], ours, DASHBOARD_INSTANCE=str(folder)
            ) as server,
            running(_datasette(database, datasette), datasette),
        ):
            url = f"http://127.0.0.1:{ours}/api/export?format=csv&type=campaign"
            idle = memory_mib(server.pid)
            peak = _Peak(server.pid)
            first = _download(url, {"X-Api-Key": key}, rows)
            memory = peak.stop() - idle
            found = in_turn(
                1 if quick else 3,
                ours=lambda: _download(url, {"X-Api-Key": key}, rows),
                pandas=lambda: rows / _pandas(database, folder / "pandas.csv"),
                datasette=lambda: _measure_datasette(_datasette_url(datasette), rows, unfinished),
            )
    figures = {
        "rows_per_second": found, "first_run": first, "times_pandas": ratio(found["ours"], found["pandas"]),
        "times_datasette": ratio(found["ours"], found["datasette"]), "mib_above_idle": memory, "rows": rows,
        "datasette_did_not_finish": bool(unfinished),
    }  # fmt: skip
    if unfinished:
        say("datasette, rows a second until then", f"{unfinished[0]:,.0f}", f"not finished within {DEADLINE_S} s")
    aims.tell("exports", figures)
    return figures


def _install_peers() -> None:
    if not (PEERS / "bin" / "datasette").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        subprocess.run(
            [str(PEERS / "bin" / "pip"), "install", "--quiet", "pandas", "datasette", "setuptools<81"], check=True
        )


def _datasette(database: Path, port: int) -> list[str]:
    settings = ["--setting", "max_csv_mb", "0", "--setting", "sql_time_limit_ms", "600000"]
    return [str(PEERS / "bin" / "datasette"), "serve", str(database), "--port", str(port), *settings]


def _datasette_url(port: int) -> str:
    columns = "&".join(
        f"_col={name}"
        for name in ("day", "type", "resource_key", "sent", "delivered", "opened", "clicked", "replied", "bounced")
    )
    return f"http://127.0.0.1:{port}/dashboard/analytics.csv?_stream=on&{columns}"


def _measure_datasette(url: str, rows: int, unfinished: list[float]) -> float:
    """Return its rows a second; until the deadline, where it does not finish, and then it is not asked again."""
    if unfinished:
        return unfinished[0]
    lines, seconds = _read(url, {})
    if lines < rows + 1:
        unfinished.append(max(lines, 1) / seconds)
    return max(lines, 1) / seconds


def _download(url: str, headers: dict[str, str], rows: int) -> float:
    """Return the rows a second of a download that must be complete."""
    lines, seconds = _read(url, headers)
    assert lines == rows + 1, (url, lines, f"{seconds:.0f} s")
    return rows / seconds


def _read(url: str, headers: dict[str, str]) -> tuple[int, float]:
    """Read until the end or the deadline; return how many lines came, and in how many seconds."""
    began, lines = time.perf_counter(), 0
    request = urllib.request.Request(url, headers=headers)
    with suppress(TimeoutError, urllib.error.URLError), urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        while time.perf_counter() < began + DEADLINE_S and (chunk := answer.read1(1 << 20)):
            lines += chunk.count(b"\n")
    return lines, time.perf_counter() - began


def _pandas(database: Path, target: Path) -> float:
    out = subprocess.run(
        [str(PEERS / "bin" / "python"), "-c", PANDAS, str(database), str(target)],
        check=True,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    return float(out.stdout)


class _Peak:
    """The largest memory of a process while it is watched."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._is_over = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._is_over.wait(0.05):
            self._most = max(self._most, memory_mib(self._pid))

    def stop(self) -> float:
        self._is_over.set()
        self._thread.join()
        return self._most
