"""Exports in JSON: an element on each line, or all of them in one list."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from dashboard.providers.records import MAX_ELEMENT, STEP, TOO_LONG, Record, fault, skip_line

_BETWEEN = re.compile(r"[ \t\r\n,]*")
_JSON = json.JSONDecoder()


def read_lines(file: BinaryIO, at: int) -> Iterator[Record]:
    """Yield the elements that stand on lines of their own, from an offset on; blank lines are none."""
    file.seek(at)
    while line := file.readline(MAX_ELEMENT + 1):
        at += len(line)
        if len(line) > MAX_ELEMENT:
            at += skip_line(file, line)
            yield Record(fault(TOO_LONG), at)
        elif line := line.strip():
            yield Record(line, at)


def read_list(file: BinaryIO, at: int) -> Iterator[Record]:
    """Yield the elements of a list from an offset within it on.

    Where one is broken the list ends, for nobody knows where the next one begins.
    """
    file.seek(at)
    held, place, is_end = "", 0, False  # latin-1: one character is one byte, and JSON's own are the same
    while True:
        place = _end_of(_BETWEEN, held, place)
        if held.startswith("]", place):
            return
        try:
            end = _JSON.raw_decode(held, place)[1]
        except (ValueError, RecursionError):
            rest = len(held) - place
            if is_end or rest > MAX_ELEMENT:
                what = "broken" if rest else "cut off"
                yield Record(
                    fault(f"The list is {what} at byte {at + place + 1:,}; nothing behind that was read."),
                    file.seek(0, io.SEEK_END),
                )
                return
            more = file.read(STEP)
            held, at, place, is_end = held[place:] + more.decode("latin-1"), at + place, 0, not more
        else:
            yield Record(re.sub(rb"[\r\n]", b" ", held[place:end].encode("latin-1")), at + end)
            place = end


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place
