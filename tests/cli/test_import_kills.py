"""A worker that is killed again and again while it reads an upload: all of it is counted, each event once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.app import create_app
from dashboard.config import load
from dashboard.database import sql
from dashboard.database.engine import Mode
from dashboard.queries import identity
from dashboard.services import uploads
from tests.inbox import by, check_invariants, count, told
from tests.journeys.servers import wait_for
from tests.uploads import look, take

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LINES = 30_000
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


@pytest.fixture
def instance(tmp_path):
    """The folder of an instance and its app, with a company and a source."""
    app = create_app(load(instance=tmp_path, log_format="json", database_url=f"sqlite:///{tmp_path}/dashboard.sqlite3"))
    for line in (
        "db upgrade", "company add acme --name Acme", "source add --company acme --provider generic --name Old",
    ):  # fmt: skip
        subprocess.run([sys.executable, "-m", "dashboard", *line.split()], env=environment(tmp_path), check=True)
    yield tmp_path, app.extensions["engines"]
    app.extensions["engines"].base.dispose()


def environment(folder):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DASHBOARD_")}
    return bare | {"DASHBOARD_INSTANCE": str(folder)}


def content():
    """Return events as JSON lines: each message is sent, and every second one delivered."""
    for n in range(LINES * 2 // 3):
        when = START + timedelta(milliseconds=n)
        yield told("sent", f"m{n}", when=when.isoformat())
        if n % 2:
            yield told("delivered", f"m{n}", when=(when + timedelta(seconds=5)).isoformat())


def let_go_of_the_job(engines):
    """End the lease of the worker that was killed, for which a test need not wait."""
    with engines[Mode.WRITE].begin() as connection:
        sql.run(connection, "UPDATE jobs SET lease_until = :now WHERE state = 'running'", now=datetime.now(UTC))


def test_upload_is_counted_once_when_its_worker_is_killed_again_and_again(instance):
    folder, engines = instance
    acme = identity.find_company(engines, "acme")
    with engines[Mode.READ].begin() as connection:
        source_id = sql.run(connection, "SELECT id FROM sources WHERE kind = 'generic'").scalar_one()
    body = b"\n".join(json.dumps(event).encode() for event in content())
    made = take(engines, acme, source_id, uploads.folder_in(folder), body)
    dice, seen = random.Random(5), [0]

    def lines_read():
        return look(engines, acme, source_id)[0].told.lines

    while seen[-1] < LINES:
        command = [sys.executable, "-m", "dashboard", "worker"]
        process = subprocess.Popen(command, env=environment(folder), stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(lambda: lines_read() > seen[-1])
        time.sleep(dice.uniform(0, 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        let_go_of_the_job(engines)
        seen.append(lines_read())
    subprocess.run([sys.executable, "-m", "dashboard", "worker", "--once"], env=environment(folder), check=True)
    count(engines, acme, datetime.now(UTC))

    (row,) = look(engines, acme, source_id)
    days = by(engines, acme).values()
    assert len(seen) > 3, "It was hardly ever killed in the middle."
    assert (row.told.lines, row.told.deliveries) == (LINES, LINES // 500)
    assert (row.tally.deliveries, row.tally.new, row.tally.duplicate) == (LINES // 500, LINES, 0)
    assert sum(day["sent"] for day in days) == LINES * 2 // 3
    assert sum(day["delivered"] for day in days) == LINES // 3
    assert not (uploads.folder_in(folder) / made.id.hex).exists()
    check_invariants(engines, acme)
