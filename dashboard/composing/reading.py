"""An HTML file as text: in what encoding it is written, by its first bytes or by what it says of itself."""

from __future__ import annotations

import codecs
import re
from html import unescape

from dashboard.composing.liquid import SOURCE_BYTES
from dashboard.composing.markup import Text, read_pieces
from dashboard.errors import Fault, Invalid

FILE_BYTES = 2 * SOURCE_BYTES  # as UTF-16
_LOOKED_AT = 4096  # so far in, a file says how it is written

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAID = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_SAID_TEXT = re.compile(r"""(<meta[^>]{0,200}?charset\s*=\s*["']?\s*)([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
# What a browser reads in another encoding than the name says, for pages have long meant that.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"}
_KNOWN = re.compile(
    r"utf-8|cp12\d\d|cp866|iso8859-\d+|koi8-[ru]|mac-roman|shift_jis|euc_jp|iso2022_jp|euc_kr|gb.*|big5"
)


def read_html(data: bytes) -> str:
    """Return the text of a file, its lines ended by a line feed; what it says of its encoding becomes UTF-8.

    A mark at its beginning decides, then its own `<meta charset>`, else UTF-8. Raises Invalid at `file`.
    """
    if len(data) > FILE_BYTES:
        raise _invalid(f"The file is larger than {FILE_BYTES // 1000:,} kB.")
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise _invalid("This is no HTML file: it has NUL characters in it.")
    text = _SAID_TEXT.sub(r"\g<1>utf-8", text[:_LOOKED_AT], count=1) + text[_LOOKED_AT:]
    if not text.strip():
        raise _invalid("The file is empty.")
    if len(text.encode()) > SOURCE_BYTES:
        raise _invalid(f"The text may have {SOURCE_BYTES:,} bytes.")
    return text


def find_title(html: str) -> str:
    """Return the title of a document on one line; empty where it has none."""
    found = (unescape(piece.text) for piece in read_pieces(html) if isinstance(piece, Text) and piece.within == "title")
    return " ".join(next(found, "").split())


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding, "its first bytes say")
    said = _SAID.search(data[:_LOOKED_AT])
    if said is None:
        return _decode(data, "utf-8", "it says nothing else")
    return _decode(data, _codec(said[1].decode()), "it says itself")


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    found = _MEANT.get(found, found)
    if not _KNOWN.fullmatch(found):
        raise _invalid(f"The file says that it is written in {name}, which is not known here. Save it as UTF-8.")
    return found


def _decode(data: bytes, encoding: str, because: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"Line {line} is not written in {encoding}, as {because}. Save the file as UTF-8."
        raise _invalid(message) from error


def _invalid(message: str) -> Invalid:
    return Invalid("The file was not imported.", fields=[Fault("file", message)])
