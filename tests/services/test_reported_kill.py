"""A process that dies in the middle of a batch leaves the whole batch or nothing of it, and no lock."""

import subprocess
import sys
import time
from collections import Counter
from datetime import date

import pytest

from dashboard.database.engine import Engines
from tests.factories import api_source_id, numbers, report
from tests.reported import difference, rows

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)
SIZE = 400

# Sets one batch after another: keys that are overwritten each time, and as many that are new each time.
PROGRAM = """
import sys
from datetime import UTC, date, datetime
from itertools import count
import sqlalchemy as sa
from dashboard.database import engine
from dashboard.database.session import open_session
from dashboard.services.reported import set_numbers
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics

url, company_id, source_id, first, size = sys.argv[1], *map(int, sys.argv[2:])
engines = engine.Engines(sa.create_engine(url, **engine.options(url)))
day = date(2026, 11, 20)
for number in count(first):
    keys = [f"old {n}" for n in range(size)] + [f"new {number} {n}" for n in range(size)]
    batch = [ReportedNumbers(ResourceType.CAMPAIGN, key, day, Metrics(sent=number)) for key in keys]
    with open_session(engines, engine.Mode.WRITE, company_id) as session:
        set_numbers(session, company_id, source_id, batch, now=datetime.now(UTC))
        session.commit()
    print(number, flush=True)
"""


def kill_in_the_middle(engines: Engines, company_id: int, source_id: int, *, first: int, after_s: float) -> int:
    """Start the program at a batch, kill it some time after that one; return the last batch that it said was done."""
    url = engines.base.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", PROGRAM, url, *map(str, (company_id, source_id, first, SIZE))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = [process.stdout.readline()]
        time.sleep(after_s)
        process.kill()
        said += process.stdout.readlines()
    return int([line for line in said if line.endswith("\n")][-1])


def check_whole(engines, company, said):
    """Check that the last batch is one that was said to be done or the one after it, and is there as a whole."""
    found = [row for row in rows(engines, company) if row.basis == "sent"]
    (last,) = {row.sent for row in found if row.resource_key.startswith("old")}
    new = Counter(row.sent for row in found if row.resource_key.startswith("new"))
    assert last in {said, said + 1}
    assert new == dict.fromkeys(range(1, last + 1), SIZE)
    assert len(found) == SIZE * (1 + last)
    assert difference(engines, company) is None
    return last


def test_batches_are_whole_after_kills(engines, cast, clock):
    source_id, last = api_source_id(engines, cast.acme), 0

    for after_s in (0.002, 0.03, 0.05, 0.08):
        said = kill_in_the_middle(engines, cast.acme.id, source_id, first=last + 1, after_s=after_s)
        last = check_whole(engines, cast.acme, said)

    report(engines, cast.acme, source_id, numbers(DAY, "afterwards"), now=clock())
    assert difference(engines, cast.acme) is None
