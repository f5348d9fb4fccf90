"""Mailboxes as a CSV file: read as a whole or refused, each row taken or told with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, cast

from flask_wtf.file import FileField, FileRequired

from dashboard.errors import Fault, Invalid
from dashboard.forms.base import PageForm
from dashboard.forms.campaigns import read_limit, read_name
from dashboard.forms.mailboxes import read_address
from dashboard.models.mailboxes import MailboxStatus
from dashboard.services.mailbox_import import OFF, ImportRow, RowFault
from dashboard.services.mailbox_import_jobs import MailboxFile
from dashboard.vocabulary.warmup import Preset

MAX_ROWS = 10_000
MAX_BYTES = 5 * 1024 * 1024
COLUMNS = ("email", "name", "daily_limit", "status", "tracks_replies", "warm_up")
_ALSO = {"address": "email", "mailbox": "email", "limit": "daily_limit", "state": "status"}  # of our own lists too
_YES, _NO = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off"})
_PRESETS = (Preset.NEW_MAILBOX, Preset.ESTABLISHED, Preset.NEW_DOMAIN)


class MailboxFileForm(PageForm):
    """A file of mailboxes."""

    file = FileField("File", [FileRequired("Choose a file.")])

    @property
    def stream(self) -> BinaryIO:
        """What was uploaded."""
        return cast(BinaryIO, self.file.data.stream)


def read_mailboxes(raw: bytes) -> MailboxFile:
    """Return what stands in the file; raises Invalid where it cannot be read as a whole."""
    lines = _lines(_decode(raw))
    header = next(lines, (1, []))[1]
    names = [_column(cell) for cell in header]
    _check_header(header, names)
    rows: list[ImportRow] = []
    faults: list[RowFault] = []
    seen: dict[str, int] = {}
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            raise refused(f"The file has more than {MAX_ROWS:,} rows. Import it in parts.")
        _take(line, names, cells, rows, faults, seen)
    if not rows and not faults:
        raise refused("The file has a header and no rows.")
    return MailboxFile(rows, faults, [cell for cell, name in zip(header, names, strict=True) if name not in COLUMNS])


def refused(sentence: str) -> Invalid:
    """Return what refuses the whole file."""
    return Invalid("The file was not taken.", fields=[Fault("file", sentence)])


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused("The file is in UTF-16. Save it as CSV in UTF-8.")
    if b"\0" in raw[:4096]:
        raise refused("This is no CSV: it holds binary data. Save the sheet as CSV in UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refused(f"Line {line} is not in UTF-8. Save the file as CSV in UTF-8.") from error
    if not text.strip():
        raise refused("The file is empty.")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line of the file on which it begins."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)  # the comma, where none stands there
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise refused(f"Line {begins} cannot be read: a quotation mark is out of place.") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _column(cell: str) -> str:
    name = cell.strip().lower().replace(" ", "_").replace("-", "_")
    return _ALSO.get(name, name)


def _check_header(header: Sequence[str], names: Sequence[str]) -> None:
    if "email" not in names:
        raise refused(
            f"There is no column email. The first line names the columns ({', '.join(COLUMNS)}), with commas,"
            " semicolons or tabs between them."
        )
    twice = next((name for name in names if name in COLUMNS and names.count(name) > 1), None)
    if twice:
        raise refused(f"The column {twice} stands in the file twice ({', '.join(header)[:200]}).")


def _take(
    line: int, names: Sequence[str], cells: Sequence[str], rows: list[ImportRow], faults: list[RowFault],
    seen: dict[str, int],
) -> None:  # fmt: skip
    """Read a row into those that can be taken, or those that cannot."""
    given = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    email = given.get("email", "")
    try:
        _check_cells(names, cells)
        row = _row(line, given)
        _check_once(row.email, seen)
    except ValueError as error:
        faults.append(RowFault(line, email[:254], str(error)))
        return
    seen[row.email] = line
    rows.append(row)


def _check_cells(names: Sequence[str], cells: Sequence[str]) -> None:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise ValueError(f"It has {len(cells)} cells, the header {len(names)}.")


def _check_once(email: str, seen: dict[str, int]) -> None:
    if email in seen:
        raise ValueError(f"The same address stands on line {seen[email]}.")


def _row(line: int, given: dict[str, str]) -> ImportRow:
    return ImportRow(
        line, _read("email", read_address, given.get("email") or " "),
        _maybe("name", read_name, given), _maybe("daily_limit", read_limit, given), _maybe("status", _status, given),
        _maybe("tracks_replies", _flag, given), _maybe("warm_up", _plan, given),
    )  # fmt: skip


def _maybe(name: str, read: Callable[[str], Any], given: dict[str, str]) -> Any:
    return _read(name, read, given[name]) if given.get(name) else None


def _read(name: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name} {error}.") from error


def _status(text: str) -> MailboxStatus:
    try:
        return MailboxStatus(text.lower())
    except ValueError:
        raise ValueError(f"must be one of {', '.join(MailboxStatus)}") from None


def _flag(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError("must be yes or no")
    return text.lower() in _YES


def _plan(text: str) -> str:
    word = text.lower().replace(" ", "_")
    if word in _NO:
        return OFF
    if word not in _PRESETS:
        raise ValueError(f"must be one of {OFF}, {', '.join(_PRESETS)}")
    return word
