"""`dashboard serve` as a process of its own, on an instance folder of its own, to be stopped and started at will."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

PATIENCE_S = 30


def wait_for(check: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; an AssertionError when it never comes to be."""
    ends = time.monotonic() + patience_s
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            if check():
                return
        time.sleep(0.02)
    raise AssertionError("It never came to be.")


def run(folder: Path, *arguments: str, **settings: str) -> str:
    """Run a command on the instance and return what it printed."""
    line = [sys.executable, "-m", "dashboard", *arguments]
    given = _environment(folder) | {f"DASHBOARD_{name.upper()}": text for name, text in settings.items()}
    return subprocess.run(line, env=given, capture_output=True, text=True, timeout=120, check=True).stdout


class Server:
    """One server: always at the same address, however often it is started."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = _environment(folder) | {f"DASHBOARD_{name.upper()}": text for name, text in settings.items()}
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        line = [sys.executable, "-m", "dashboard", "serve", "--port", str(self.port), *options]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(line, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200)

    def signal(self, number: int) -> None:
        """Send a signal to the server and to the processes that it started."""
        if self.process is not None:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it without warning, as a power cut would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
            self.process.wait(timeout=PATIENCE_S)
            self.process = None


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def _environment(folder: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DASHBOARD_")}
    return bare | {"DASHBOARD_INSTANCE": str(folder), "DASHBOARD_LOG_FORMAT": "json"}
