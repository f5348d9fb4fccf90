"""Cold start: from a new process to the first answered request, beside plain Flask."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.machine import ROOT, in_turn, ratio, say, scratch

HELLO = """
from flask import Flask
app = Flask(__name__)
app.get("/")(lambda: "hello")
assert app.test_client().get("/").status_code == 200
"""
OURS = """
from dashboard.app import create_app
assert create_app().test_client().get("/healthz").status_code == 200
"""


def run(*, quick: bool) -> dict[str, object]:
    with scratch() as folder:

        def timed(code: str) -> float:
            began = time.perf_counter()
            environment = {"DASHBOARD_INSTANCE": str(folder), "PATH": "/usr/bin", "DASHBOARD_LOG_FORMAT": "json"}
            subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, stderr=subprocess.DEVNULL
            )
            return time.perf_counter() - began

        timed(OURS)  # write byte code and secrets
        timed(HELLO)
        found = in_turn(3 if quick else 9, hello=lambda: timed(HELLO), ours=lambda: timed(OURS))
    factor = ratio(found["ours"], found["hello"])
    say("cold start, times plain Flask", f"{factor:.2f}", "aim ≤ 3.5")
    return {"seconds": found, "times_plain_flask": factor}
