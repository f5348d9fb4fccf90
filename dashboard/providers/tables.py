"""Exports in CSV: a header, then a row for each element."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import orjson

from dashboard.providers.base import Unreadable
from dashboard.providers.records import MAX_ELEMENT, TOO_LONG, Record, fault, skip_line


@dataclass(frozen=True, slots=True)
class Header:
    """The first row: what separates its cells, what they say, and how many bytes it has."""

    delimiter: str
    names: tuple[str, ...]
    size: int


class _Broken(Exception):
    """A row of a table cannot be told from the next ones."""


class _Lines:
    """The lines of a table for csv.reader, counted in bytes; a row that does not end is given up."""

    def __init__(self, file: BinaryIO, at: int) -> None:
        file.seek(at)
        self._file = file
        self.at = at
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_ELEMENT + 1)
        if not line:
            if self._size:
                raise _Broken("A quotation mark in it is never closed.")
            raise StopIteration
        self.at += len(line)
        self._size += len(line)
        if self._size > MAX_ELEMENT:
            self.at += skip_line(self._file, line)
            raise _Broken(TOO_LONG)
        return line.decode("utf-8", "surrogateescape")

    def begin_row(self) -> None:
        """Say that what follows is another row."""
        self._size = 0


def find_header(text: str) -> Header:
    """Return the header with which a table begins; raises Unreadable when there is none."""
    found = max((_read_header(text, delimiter) for delimiter in ",;\t"), key=lambda header: len(header.names))
    if len(found.names) < 2:
        raise Unreadable("The file begins neither with JSON nor with a header of several columns.")
    twice = next((name for name in found.names if name and found.names.count(name) > 1), None)
    if twice is not None:
        raise Unreadable(f"The header names {twice[:40]!r} twice.")
    return found


def _read_header(text: str, delimiter: str) -> Header:
    """Return the first row as this delimiter cuts it; without names when it does not end within the text."""
    lines = io.StringIO(text, newline="\n").readlines()
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return Header(delimiter, (), 0)
    size = sum(len(line.encode()) for line in lines[: reader.line_num])
    return Header(delimiter, tuple(cell.strip() for cell in cells), size)


def read_rows(file: BinaryIO, delimiter: str, names: Sequence[str], at: int) -> Iterator[Record]:
    """Yield each row from an offset on as an object; a cell that is empty, or has no name, is left out."""
    while True:
        lines = _Lines(file, at)
        try:
            for cells in csv.reader(lines, delimiter=delimiter):
                lines.begin_row()
                if any(cells):
                    yield Record(_row(names, cells), lines.at)
        except (csv.Error, _Broken) as error:
            reason = str(error) if isinstance(error, _Broken) else "A cell in it is too long, or never ends."
            at = lines.at
            yield Record(fault(reason), at)
        else:
            return


def _row(names: Sequence[str], cells: list[str]) -> bytes:
    if any(cells[len(names) :]):
        return fault(f"It has {len(cells)} cells, and the header has {len(names)}.")
    fields = zip(names, cells, strict=False)
    try:
        return orjson.dumps({name: _cell(cell) for name, cell in fields if name and cell.strip()})
    except orjson.JSONEncodeError:
        return fault("It is not in UTF-8.")


def _cell(cell: str) -> object:
    """Return a cell's text, or what it holds if that is JSON."""
    if not cell.startswith(("{", "[")):
        return cell
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell
