"""The elements of an export, one by one: what each of its lines stands for, and how long one may be."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

import orjson

# The key of an object that stands for a line which is no element, with the reason. No provider's field begins so.
FAULT = ":unreadable"
MAX_ELEMENT = 500_000  # bytes
TOO_LONG = f"It is longer than {MAX_ELEMENT // 1000} kB."
STEP = 65_536  # bytes read at once


class Record(NamedTuple):
    """An element as JSON on one line, or a fault in its place; and where in the file it ends."""

    line: bytes
    end: int


def fault(reason: str) -> bytes:
    """Return a line that stands for one which cannot be read."""
    return orjson.dumps({FAULT: reason})


def skip_line(file: BinaryIO, part: bytes) -> int:
    """Read to the end of the line that `part` begins, and return how many bytes that were."""
    skipped = 0
    while part and not part.endswith(b"\n"):
        part = file.readline(STEP)
        skipped += len(part)
    return skipped
