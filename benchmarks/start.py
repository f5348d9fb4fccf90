"""Cold start: from a new command to the first page over HTTP, beside plain Flask on the same server."""

from __future__ import annotations

import http.client
import sys
import time

from benchmarks.data import make_app
from benchmarks.machine import free_port, in_turn, ratio, running, say, scratch, serve_bare


def run(*, quick: bool) -> dict[str, object]:
    with scratch() as folder:
        make_app(folder).extensions["engines"].base.dispose()
        ours = [sys.executable, "-m", "dashboard", "serve", "--port"]

        def timed(path: str, *, is_ours: bool) -> float:
            port = free_port()
            command = [*ours, str(port)] if is_ours else serve_bare("benchmarks.hello:app", port)
            began = time.perf_counter()
            with running(command, port, DASHBOARD_INSTANCE=str(folder), DASHBOARD_LOG_FORMAT="json"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", path)
                assert connection.getresponse().status == 200
                return time.perf_counter() - began

        timed("/", is_ours=True)  # write byte code
        found = in_turn(
            3 if quick else 9,
            hello=lambda: timed("/", is_ours=False),
            ours=lambda: timed("/", is_ours=True),
        )
    factor = ratio(found["ours"], found["hello"])
    say("cold start to the first page, seconds", f"{min(found['ours']):.2f}")
    say("cold start, times plain Flask on the same server", f"{factor:.2f}", "aim ≤ 3.5")
    return {"seconds": found, "times_plain_flask": factor}
