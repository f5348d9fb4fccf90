"""The Django receiver beside ours: installed into an environment of its own, on stores of its own."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson

from benchmarks.ingesting.mail import Mailing, as_sparkpost
from benchmarks.ingesting.places import write_post
from benchmarks.machine import ROOT, serve_bare

FOLDER = ROOT / "benchmarks" / "anymail_peer"
PYTHON = FOLDER / ".venv" / "bin" / "python"
NEEDS = ("django>=5.2,<5.3", "django-anymail>=15", "granian", "psycopg[binary]")
SECRET = "bench:secret"


def install() -> None:
    """Make the environment, once."""
    if not (PYTHON.parent / "granian").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parents[1])], check=True)
        subprocess.run(
            [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDS], check=True
        )


def prepare(database: Path | str) -> dict[str, str]:
    """Make the tables in a SQLite file or at a PostgreSQL address; return the environment for the server."""
    environment = {"PYTHONPATH": str(FOLDER), "PEER_SECRET": SECRET}
    if isinstance(database, Path):
        environment["PEER_DATABASE"] = str(database)
    else:
        address = urlsplit(database)
        environment |= {
            "PEER_DATABASE": address.path.strip("/"),
            "PEER_POSTGRESQL_HOST": parse_qs(address.query)["host"][0],
        }
    command = "import project; from django.core.management import call_command; "
    command += "call_command('migrate', run_syncdb=True, verbosity=0)"
    subprocess.run([str(PYTHON), "-c", command], check=True, env=os.environ | environment)
    return environment


def command(port: int) -> list[str]:
    """Return the command that serves it as `dashboard serve` serves ours."""
    return [str(PYTHON), *serve_bare("project:application", port)[1:]]


def posts(events: int) -> Iterator[bytes]:
    """Yield requests with so many events each as SparkPost would send them; none twice, for it counts events once."""
    mailing = Mailing("peer", datetime.now(UTC), seed=events)
    credentials = base64.b64encode(SECRET.encode()).decode()
    while True:
        body = orjson.dumps([as_sparkpost(event) for event in mailing.take(events)])
        yield write_post("/anymail/sparkpost/tracking/", body, Authorization=f"Basic {credentials}")
