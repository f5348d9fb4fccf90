"""Cold start: from a new command to the first page over HTTP, beside plain Flask on the same server.

Both run in an environment with what `make run` installs and nothing more, because libraries import developers' tools
where they find them; and with their byte code written, as in any second start.
"""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import time

from benchmarks import aims
from benchmarks.data import make_app
from benchmarks.machine import ROOT, free_port, in_turn, ratio, running, say, scratch, serve_bare

LOCK = ROOT / "locks" / "run.txt"
ENVIRONMENT = ROOT / "benchmarks" / "starting" / ".venv"
PYTHON = str(ENVIRONMENT / "bin" / "python")


def run(*, quick: bool) -> dict[str, object]:
    _install()
    with scratch() as folder:
        make_app(folder).extensions["engines"].base.dispose()
        settings = {"DASHBOARD_INSTANCE": str(folder), "DASHBOARD_LOG_FORMAT": "json", "PYTHONDONTWRITEBYTECODE": ""}

        def timed(*command: str, port: int) -> float:
            began = time.perf_counter()
            with running([PYTHON, *command], port, **settings):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/")
                assert connection.getresponse().status == 200
                return time.perf_counter() - began

        def ours() -> float:
            port = free_port()
            return timed("-m", "dashboard", "serve", "--port", str(port), port=port)

        def hello() -> float:
            port = free_port()
            return timed(*serve_bare("benchmarks.hello:app", port)[1:], port=port)

        for job in (ours, hello):
            job()  # write byte code
        found = in_turn(3 if quick else 9, hello=hello, ours=ours)
    say("cold start to the first page, seconds", f"{min(found['ours']):.2f}")
    figures: dict[str, object] = {"seconds": found, "times_plain_flask": ratio(found["ours"], found["hello"])}
    aims.tell("start", figures)
    return figures


def _install() -> None:
    """Install what `make run` installs, unless just that is there."""
    done = ENVIRONMENT / LOCK.name
    if done.exists() and done.read_text() == LOCK.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)], check=True)
    shutil.copy(LOCK, done)
