"""Files of events as providers export them, element by element: JSON lines, a JSON list, or CSV with a header.

Only as much of a file is held as one element needs, and reading can begin again behind any element.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from dashboard.providers import documents, history, tables
from dashboard.providers.base import Adapter, Unreadable
from dashboard.providers.records import MAX_ELEMENT, Record
from dashboard.vocabulary.sources import ReceivedDelivery

HEAD = 65_536  # bytes that tell what kind of file it is; a header must end within them
SAMPLE = 100  # elements that are tried before a file is taken
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


class Kind(StrEnum):
    """How the elements stand in a file."""

    LINES = "lines"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file: where its elements begin; of a table also what separates cells and what they are called."""

    kind: Kind
    start: int
    delimiter: str = ","
    names: tuple[str, ...] = ()  # a cell without a name is left out


def check(adapter: Adapter, file: BinaryIO, now: datetime) -> None:
    """Return if the file holds events of the provider, as far as its first elements tell; raises Unreadable."""
    layout = read_layout(adapter, file)
    sample: list[bytes] = []
    for record in read_records(file, layout):
        sample.append(record.line)
        if len(sample) == SAMPLE or sum(map(len, sample)) > MAX_ELEMENT:
            break
    if not sample:
        raise Unreadable("The file holds no events.")
    parsed = history.read(adapter, ReceivedDelivery(b"\n".join(sample), {}, now))
    if parsed.events or not parsed.unreadable:
        return
    if layout.kind is Kind.LINES and not sample[0].endswith(b"}"):
        raise Unreadable("The first line is not a whole JSON object. Put one on each line, or all of them in a list.")
    raise Unreadable(
        f"The file does not begin with {adapter.guide.title} events. Its first element: {parsed.unreadable[0][1]}"
    )


def read_layout(adapter: Adapter, file: BinaryIO) -> Layout:
    """Return how to read a file of the provider's events; raises Unreadable."""
    file.seek(0)
    return find_layout(file.read(HEAD), getattr(adapter, "columns", {}))


def find_layout(head: bytes, columns: Mapping[str, str]) -> Layout:
    """Return how to read a file that begins so; raises Unreadable with what is wrong with it.

    `columns` says which field of the provider's a column of its export holds; nothing for one that is none.
    """
    _refuse_other_than_text(head)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head[start:])
    first = text.lstrip()[:1]
    if not first:
        raise Unreadable("The file is empty.")
    if first == "[":
        return Layout(Kind.LIST, start + head[start:].index(b"[") + 1)
    if first == "{":
        return Layout(Kind.LINES, start)
    header = tables.find_header(text)
    fields = tuple(_field_of(name, header.names, columns) for name in header.names)
    return Layout(Kind.TABLE, start + header.size, header.delimiter, fields)


def _field_of(name: str, others: tuple[str, ...], columns: Mapping[str, str]) -> str:
    """Return the provider's field that a column holds; a field that has a column of its own name keeps that one."""
    field = columns.get(name, name)
    return name if field in others else field


def read_records(file: BinaryIO, layout: Layout, start: int = 0) -> Iterator[Record]:
    """Yield what stands in the file from an offset on: its beginning, or the end of another record."""
    at = max(start, layout.start)
    if layout.kind is Kind.LINES:
        return documents.read_lines(file, at)
    if layout.kind is Kind.LIST:
        return documents.read_list(file, at)
    return tables.read_rows(file, layout.delimiter, layout.names, at)


def _refuse_other_than_text(head: bytes) -> None:
    halves = (head[::2], head[1::2])
    is_wide = any(one.count(0) * 3 > len(head) and 0 not in other for one, other in (halves, halves[::-1]))
    if head.startswith(_UTF16) or is_wide:
        raise Unreadable("The file is in UTF-16. Save it as UTF-8 and upload it again.")
    if _BINARY.search(head):
        raise Unreadable("The file is not text. Unpack a packed file, and save a spreadsheet as CSV.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The file is not in UTF-8 (byte {error.start + 1:,}). Save it as UTF-8 and upload it again."
        ) from error
