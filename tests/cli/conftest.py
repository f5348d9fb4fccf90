"""Commands, run in this process on the store of the test, or as processes of their own on a new one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dashboard.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def document(self) -> Any:
        """The one JSON document on the standard output."""
        return json.loads(self.out)


class Entry:
    """What the console script calls, in the shape that click's runner wants."""

    name = "dashboard"

    @staticmethod
    def main(args: list[str], prog_name: str) -> None:
        del prog_name
        main(args)


Run = Callable[..., Answer]


def invoke(*arguments: str, stdin: str = "") -> Answer:
    """Run a command in this process, with the settings of its environment."""
    result = CliRunner().invoke(Entry, arguments, input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


@pytest.fixture
def run(app, monkeypatch) -> Run:
    """Run a command on the store of the test: `run("company", "add", ...)`."""
    settings = app.extensions["settings"]
    monkeypatch.setenv("DASHBOARD_INSTANCE", str(settings.instance))
    monkeypatch.setenv("DASHBOARD_DATABASE_URL", settings.database_url)
    return invoke


@pytest.fixture
def run_here(tmp_path, monkeypatch) -> Run:
    """Run a command on a SQLite store in the folder of the test."""
    monkeypatch.setenv("DASHBOARD_INSTANCE", str(tmp_path))
    monkeypatch.delenv("DASHBOARD_DATABASE_URL", raising=False)
    return invoke


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a new installation of its own."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DASHBOARD_")}
    return bare | {"DASHBOARD_INSTANCE": str(tmp_path / "instance"), "DASHBOARD_LOG_FORMAT": "json"}


@pytest.fixture
def process(environment) -> Run:
    """Run a command as a process of its own on a new SQLite store."""

    def command(*arguments: str, stdin: str = "") -> Answer:
        line = [sys.executable, "-m", "dashboard", *arguments]
        done = subprocess.run(line, env=environment, input=stdin.encode(), capture_output=True, timeout=60, check=False)
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode(), done.stdout)

    return command


@contextmanager
def _heard_interrupts() -> Iterator[None]:
    """Undo for new processes what a shell does to all that it runs in the background: ignore interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def started(environment) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command as a process of its own; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "dashboard", *arguments]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with _heard_interrupts():
            running.append(subprocess.Popen(line, env=environment, start_new_session=True, **output))
        return running[-1]

    yield start
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with the processes it started
        process.communicate()
