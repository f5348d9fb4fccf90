"""What tests of uploads share: files of generic events, taking one as a person would, and running its job."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bs4 import BeautifulSoup

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.queries import imports as queries
from dashboard.queries.imports import ImportRow
from dashboard.services import imports, jobs, uploads
from dashboard.services.imports import Setting
from dashboard.services.uploads import Upload
from dashboard.vocabulary.imports import Import
from dashboard.vocabulary.people import CompanyRef
from tests.helpers import text
from tests.inbox import at, told

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def lines(number: int, kind: str = "sent") -> bytes:
    """Return so many events as JSON lines, each of a message of its own, a tenth of a second apart."""
    events = (told(kind, f"m{n}", when=at(milliseconds=100 * n)) for n in range(number))
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def take(
    engines: Engines, company: CompanyRef, source_id: int, folder: Path, content: bytes, *, name: str = "export.jsonl"
) -> Import:
    """Upload a file."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        upload = Upload(source_id, name, io.BytesIO(content))
        made = uploads.take_upload(session, company.id, upload, folder, actor="ada@acme.test", now=NOON)
        session.commit()
    return made


def run(
    engines: Engines, folder: Path, *, owner: str = "worker", now: datetime = NOON,
    pause: Callable[[float], bool] = lambda _seconds: False,
) -> None:  # fmt: skip
    """Run the upload's job as a worker would; whatever it raises ends it as if the worker had died there."""
    job = jobs.take_due(engines, owner, now)
    assert job is not None, "No job is due."
    imports.run_job(Setting(engines, folder, owner, lambda: now, pause), job)
    with engines[Mode.WRITE].begin() as connection:
        jobs.finish(connection, job, owner, now)


def look(engines: Engines, company: CompanyRef, source_id: int) -> list[ImportRow]:
    """Return the source's imports, the newest first."""
    with open_session(engines, Mode.READ, company.id) as session:
        return queries.list_imports(session, company.id, source_id)


def row_of(shown: BeautifulSoup) -> dict[str, str]:
    """Return what a page shows of the newest upload, by its labels."""
    row = shown.select_one(".imports tbody tr")
    assert row is not None, "No upload is shown."
    return {"File": text(row.select_one("th"))} | {cell["data-l"]: text(cell) for cell in row.select("[data-l]")}
