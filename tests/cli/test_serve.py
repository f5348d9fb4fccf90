"""`dashboard serve` as a real process: answers, works in the background, and stops when it is told to."""

import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from dashboard.worker import TICKS

PATIENCE_S = 30


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def wait_for(check: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            if check():
                return
        time.sleep(0.05)
    raise AssertionError("It never came to be.")


@pytest.fixture
def serve(started):
    """Start the server and return its process and a client of it, once it answers."""
    clients = []

    def start(*options):
        port = free_port()
        process = started("serve", "--port", str(port), *options)
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        clients.append(client)
        wait_for(lambda: client.get("/readyz").status_code == 200)
        return process, client

    yield start
    for client in clients:
        client.close()


def stop(process):
    """Stop a server; return its exit code, how long it took, and what it printed."""
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=20)
    return process.returncode, time.monotonic() - asked, printed


def children(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    found = [
        int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
    ]
    return found + [one for child in found for one in children(child)]


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--no-worker",)], ids=" ".join)
def test_server_answers_and_stops_cleanly(serve, options):
    process, client = serve(*options)
    answers = [client.get(path).status_code for path in ("/", "/healthz", "/readyz", "/static/css/app.css", "/nothing")]
    started = children(process.pid)

    code, took_s, printed = stop(process)

    assert answers == [200, 200, 200, 200, 404]
    assert len(started) >= 1 + ("2" in options)
    assert code == 0
    assert took_s < 10
    assert "Sendscope is at http://localhost:" in printed
    assert "Traceback" not in printed
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


def test_server_upgrades_an_empty_store_first(serve, tmp_path):
    _, client = serve()

    assert client.get("/readyz").json() == {"status": "ready", "problems": []}
    assert (tmp_path / "instance" / "dashboard.sqlite3").exists()


def test_server_answers_on_postgresql(serve, environment, postgresql):
    environment["DASHBOARD_DATABASE_URL"] = postgresql

    process, client = serve("--no-worker")

    assert client.get("/readyz").json() == {"status": "ready", "problems": []}
    assert stop(process)[0] == 0


def test_server_sends_its_headers_over_the_wire(serve):
    _, client = serve()

    page = client.get("/", headers={"Accept-Encoding": "br"})
    unknown = client.post("/webhook/analytics", content=b"{")

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Content-Encoding"] == "br"
    assert (unknown.status_code, unknown.headers["Content-Type"]) == (401, "application/json")


def test_server_works_in_the_background(serve, tmp_path):
    running, _ = serve()

    with closing(sqlite3.connect(tmp_path / "instance" / "dashboard.sqlite3")) as store:
        wait_for(lambda: set(store.execute("SELECT state FROM jobs")) == {("done",)})

    assert '"event": "job done"' in stop(running)[2]


def test_server_without_a_worker_leaves_the_work_to_others(serve, process):
    serve("--no-worker")

    assert process("worker", "--once").out == f"0 deliveries counted, {len(TICKS)} jobs done.\n"


def test_request_in_flight_is_answered_when_the_server_stops(serve, process):
    running, client = serve()
    with socket.create_connection(("127.0.0.1", client.base_url.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = idle.recv(65536)  # and the connection is kept open

        code, took_s, _ = stop(running)

    assert first.startswith(b"HTTP/1.1 200")
    assert (code, took_s < 10) == (0, True)


def test_port_that_is_taken_is_told(started):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        port = other.getsockname()[1]
        server = started("serve", "--port", str(port))
        printed, _ = server.communicate(timeout=PATIENCE_S)

    expected = f"Port {port} of 127.0.0.1 cannot be used: Address already in use. Choose another with --port.\n"
    assert (server.returncode, printed) == (1, expected)


def test_port_of_another_server_is_not_shared(serve, started):
    _, client = serve()

    second = started("serve", "--port", str(client.base_url.port))
    printed, _ = second.communicate(timeout=PATIENCE_S)

    assert second.returncode == 1
    assert "Address already in use" in printed


def test_port_can_be_used_again_at_once(serve, started):
    first, client = serve()
    client.get("/healthz")
    stop(first)

    started("serve", "--port", str(client.base_url.port))

    wait_for(lambda: client.get("/readyz").status_code == 200)


@pytest.mark.slow
def test_traffic_of_the_demo_is_signed_and_taken(serve, process):
    process("demo", "load", "--days", "2")
    _, client = serve()
    before = process("export", "--company", "acme", "--format", "csv").out

    answer = process("demo", "traffic", "--base-url", str(client.base_url), "--pause", "0", "--count", "1")

    after = process("export", "--company", "acme", "--format", "csv").out
    assert answer.code == 0
    assert after != before
    assert process("rollup", "verify").code == 0
