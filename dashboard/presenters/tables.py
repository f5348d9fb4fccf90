"""Any table as CSV, a chunk at a time, by the rules of all our files: UTF-8, CRLF, the header always."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from dashboard.presenters.exports import defuse


def stream_table(header: Sequence[str], chunks: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """Yield the CSV of rows of cells; text that a spreadsheet would run gets a leading apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    for chunk in chunks:
        writer.writerows([defuse(cell) if isinstance(cell, str) else cell for cell in row] for row in chunk)
        yield _take(buffer)
    yield _take(buffer)  # the header of an empty table


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return text
