"""Requests a second: an unchanged poll and a rendered page part, beside a bare Flask hello with the same cookie."""

from __future__ import annotations

import sys

from benchmarks import aims
from benchmarks.data import PASSWORD, fill, make_app, make_company
from benchmarks.machine import free_port, in_turn, load, ratio, running, say, scratch, serve_bare
from tests.helpers import HTMX, Browser


def run(*, quick: bool) -> dict[str, object]:
    with scratch() as folder:
        app = make_app(folder)
        company = make_company(app.extensions["engines"], "bench")
        fill(app.extensions["engines"], company, days=180, resources=20)
        person = Browser(app)
        assert person.sign_in("ada@bench.test", PASSWORD).status_code == 303
        cookie = person.client.get_cookie("sendscope")
        tag = person.get("/c/bench/").headers["HX-PTag"]
        key = app.config["SECRET_KEY"]
        app.extensions["engines"].base.dispose()

        def request(path: str, **headers: str) -> bytes:
            lines = {
                "Host": "localhost",
                "Cookie": f"sendscope={cookie.value}",
                "Accept-Encoding": "identity",
            } | headers
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()

        ours, bare, strip = free_port(), free_port(), free_port()
        command = [sys.executable, "-m", "dashboard", "serve", "--port", str(ours)]
        seconds = 0.5 if quick else 3.0
        with (
            running(command, ours, DASHBOARD_INSTANCE=str(folder), DASHBOARD_LOG_FORMAT="json"),
            running(serve_bare("benchmarks.hello:app", bare), bare, HELLO_KEY=key),
            running(
                [*serve_bare("benchmarks.strip:create_app", strip), "--factory"],
                strip,
                DASHBOARD_INSTANCE=str(folder),
                DASHBOARD_LOG_FORMAT="json",
            ),
        ):
            jobs = {
                "hello": (bare, request("/")),
                "poll": (ours, request("/c/bench/cards", **HTMX, **{"HX-PTag": tag})),
                "strip": (strip, request("/c/bench/strip", **HTMX)),
                "page": (ours, request("/c/bench/cards", **HTMX)),
            }
            expected = {"hello": 200, "poll": 304, "strip": 200, "page": 200}

            def job(name: str) -> float:
                port, raw = jobs[name]
                found = load(port, raw, seconds=seconds)
                assert set(found["statuses"]) == {expected[name]}, (name, found["statuses"])
                return found["per_second"]

            for name in jobs:
                job(name)  # warm up
            found = in_turn(2 if quick else 5, **{name: (lambda name=name: job(name)) for name in jobs})
    shares = {name: ratio(found[name], found["hello"]) for name in ("poll", "strip", "page")}
    say("hello, requests a second", f"{sorted(found['hello'])[len(found['hello']) // 2]:,.0f}")
    say("whole live part (strip, chart, funnel, league), share of hello", f"{shares['page']:.0%}")
    figures: dict[str, object] = {"per_second": found, "share_of_hello": shares}
    aims.tell("pages", figures)
    return figures
