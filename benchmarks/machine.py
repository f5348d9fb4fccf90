"""The machine as a stage: scratch folders, servers on free ports, a quick HTTP client, memory of a process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sendscope-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is ready when the port answers."""
    log = tempfile.TemporaryFile()  # noqa: SIM115  # it outlives this function's first half
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        if process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise RuntimeError(f"{command} did not start:\n{log.read().decode()}")
        time.sleep(0.01)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def serve_bare(target: str, port: int) -> list[str]:
    """Return the command that serves a WSGI target as `dashboard serve` serves ours."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "16", "--no-ws", "--log-level", "warning", target,
    ]  # fmt: skip


class _Client(asyncio.Protocol):
    """Sends one prepared request after another over one connection, and counts the answers."""

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self.requests, self.until = requests, until
        self.times: list[float] = []
        self.statuses: dict[int, int] = {}
        self.done = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self._buffer = body[length:]
        status = int(head[9:12])
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.times.append(time.perf_counter() - self._began)
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        if time.perf_counter() >= self.until:
            self.transport.close()
            return
        request = next(self.requests)
        self._began = time.perf_counter()
        self.transport.write(request)


def load(port: int, request: bytes | Iterator[bytes], *, seconds: float, clients: int = 16) -> dict[str, Any]:
    """Send one request again and again, or one after another of an endless row, over several connections.

    Returns rate and latencies (ms), and how often each status was answered.
    """
    requests = repeat(request) if isinstance(request, bytes) else request

    async def go() -> list[_Client]:
        loop = asyncio.get_running_loop()
        until = time.perf_counter() + seconds
        made = [
            (await loop.create_connection(lambda: _Client(requests, until), "127.0.0.1", port))[1]
            for _ in range(clients)
        ]
        await asyncio.gather(*(one.done for one in made))
        return made

    began = time.perf_counter()
    clients_done = asyncio.run(go())
    taken = time.perf_counter() - began
    times = sorted(one for client in clients_done for one in client.times)
    statuses: dict[int, int] = {}
    for client in clients_done:
        for status, count in client.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        "per_second": len(times) / taken, "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000, "statuses": statuses,
    }  # fmt: skip


def in_turn(rounds: int, **jobs: object) -> dict[str, list[float]]:
    """Run the jobs in turn, so that a change of the machine's mood meets all of them; return each one's figures."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            found[name].append(job())  # type: ignore[operator]
    return found


def ratio(above: list[float], below: list[float]) -> float:
    """Return the median of the pairwise ratios."""
    return median(a / b for a, b in zip(above, below, strict=True))


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process and its children."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = path.read_text().rpartition(")")[2].split()
            mine = int(path.parent.name)
            if mine == pid or int(fields[1]) == pid:
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total / 1024 / 1024


def say(name: str, value: object, aim: str = "") -> None:
    print(f"{name:<90} {value:>12}   {aim}", flush=True)
