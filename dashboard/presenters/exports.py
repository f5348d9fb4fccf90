"""Rows as CSV and JSON, a chunk at a time.

CSV: UTF-8, CRLF, RFC 4180 quoting, the header always; a text cell that a spreadsheet would run as a formula gets
a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from dashboard.presenters.api import encode
from dashboard.vocabulary.analytics import AnalyticsFilter
from dashboard.vocabulary.metrics import EXTRAS, SIX, Metrics, camel

HEADER = ("Date", "Type", "Resource ID", "Sent", "Delivered", "Opened", "Clicked", "Replied", "Bounced")
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[Any]  # day as text, type, resource key, counters


def defuse(cell: str) -> str:
    """Return a cell that no spreadsheet runs; taking one apostrophe away again gives the cell back."""
    return "'" + cell if cell.lstrip("'").startswith(RUNS_AS_FORMULA) else cell


def stream_csv(chunks: Iterable[list[Row]], counters: Sequence[str] = SIX) -> Iterator[bytes]:
    """Yield the CSV of the rows; the columns beyond the six stand behind them."""
    extras = [name.replace("_", " ").capitalize() for name in counters if name in EXTRAS]
    yield (",".join([*HEADER, *extras]) + "\r\n").encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for chunk in chunks:
        writer.writerows([(row[0], row[1], defuse(row[2]), *row[3:]) for row in chunk])
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


def stream_json(
    chunks: Iterable[list[Row]], total: Metrics, asked: AnalyticsFilter, counters: Sequence[str] = SIX
) -> Iterator[bytes]:
    """Yield one JSON document with what the API's read answers: aggregated, details, period."""
    bounds = {"startDate": asked.start, "endDate": asked.end}
    head = {"aggregated": {camel(name): total[name] for name in counters}}
    period = {name: day for name, day in bounds.items() if day is not None}
    yield encode(head)[:-1] + b',"period":' + orjson.dumps(period) + b',"details":['
    separator = b""
    names = [camel(name) for name in counters]
    for chunk in chunks:
        rows = [
            {
                "type": row[1],
                "resourceId": row[2],
                "date": row[0],
                "metrics": dict(zip(names, row[3:], strict=True)),
            }
            for row in chunk
        ]
        yield separator + orjson.dumps(rows)[1:-1]
        separator = b","
    yield b"]}"


def file_name(slug: str, asked: AnalyticsFilter, extension: str) -> str:
    """Return `sendscope_<slug>_<type>_<start>_<end>.<extension>`."""
    kind = asked.type.value if asked.type else "all"
    start, end = asked.start or "begin", asked.end or "today"
    return re.sub(r"[^a-z0-9_.-]", "-", f"sendscope_{slug}_{kind}_{start}_{end}.{extension}")
