"""What an uploaded file is, told by its bytes: neither the name nor what the sender says of it counts."""

from __future__ import annotations

import codecs
import os
import re
from typing import BinaryIO

from dashboard.errors import Fault, Invalid
from dashboard.vocabulary import files as types
from dashboard.vocabulary.files import MediaType

HEAD = TAIL = 64 * 1024
CHUNK = 64 * 1024
TAKEN = "PNG, JPEG, GIF, WebP, SVG, PDF, DOCX, XLSX, CSV, text, HTML and ZIP"

_MAGIC: tuple[tuple[bytes, MediaType], ...] = (
    (b"\x89PNG\r\n\x1a\n", types.PNG),
    (b"\xff\xd8\xff", types.JPEG),
    (b"GIF87a", types.GIF),
    (b"GIF89a", types.GIF),
    (b"%PDF-", types.PDF),
    (b"PK\x03\x04", types.ZIP),
    (b"PK\x05\x06", types.ZIP),  # one with nothing in it
)
# Programs of Windows, Linux and macOS, classes of Java, scripts, links of Windows.
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"\0asm", b"#!", b"\xef\xbb\xbf#!", b"L\0\0\0\x01\x14\x02\0",
)  # fmt: skip
# Endings by which a double click runs a file, whatever is in it.
_RUN_BY_NAME = frozenset({
    "apk", "app", "bat", "bin", "cmd", "com", "cpl", "dll", "dmg", "exe", "gadget", "hta", "iso", "jar", "jnlp", "js",
    "jse", "lnk", "msi", "msix", "pif", "ps1", "psm1", "reg", "scr", "sh", "sys", "url", "vb", "vbe", "vbs", "wsf",
    "wsh",
})  # fmt: skip
# What begins a page, as the WHATWG's MIME Sniffing Standard lists it.
_PAGE = re.compile(
    rb"<(?:!doctype html|!--|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>/-]", re.IGNORECASE
)
_OFFICE = {b"word/": types.DOCX, b"xl/": types.XLSX}


def find_type(file: BinaryIO, name: str) -> MediaType:
    """Return the type of a file that is taken; raises Invalid with a sentence for any other."""
    head = _read_at(file, 0, HEAD)
    if not head:
        raise refusal("The file is empty.")
    if head.startswith(_PROGRAMS) or _suffix(name) in _RUN_BY_NAME:
        raise refusal("Programs and scripts are not taken. A ZIP file with them in it is.")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return types.WEBP
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return _find_office(file, head) if found is types.ZIP else found
    return _find_text(file, head, name)


def refusal(sentence: str) -> Invalid:
    """Return the error that tells at the field of the file why it was not taken."""
    return Invalid(sentence, fields=[Fault("file", sentence)])


def _find_office(file: BinaryIO, head: bytes) -> MediaType:
    """Tell office documents from other archives by the names of what is in them, at the beginning and at the end."""
    size = file.seek(0, os.SEEK_END)
    names = head + _read_at(file, max(0, size - TAIL), TAIL)
    if b"[Content_Types].xml" in names:
        for folder, found in _OFFICE.items():
            if re.search(rb"PK\x03\x04.{26}" + folder, names, re.DOTALL) or re.search(
                rb"PK\x01\x02.{42}" + folder, names, re.DOTALL
            ):
                return found
    return types.ZIP


def _find_text(file: BinaryIO, head: bytes, name: str) -> MediaType:
    if b"\0" in head:
        raise refusal(f"Files of this type are not taken. These are: {TAKEN}.")
    if not _is_text(file):
        raise refusal(f"This is no text in UTF-8, and no other type that is taken. These are: {TAKEN}.")
    begin, suffix = head.removeprefix(codecs.BOM_UTF8).lstrip(), _suffix(name)
    if suffix == "svg" or (begin.startswith(b"<") and re.search(rb"<svg[\s>]", begin[:4096])):
        return types.SVG
    if _PAGE.match(begin) or suffix in {"htm", "html", "xhtml"}:
        return types.HTML
    return types.CSV if suffix in {"csv", "tsv"} else types.TEXT


def _is_text(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_at(file: BinaryIO, start: int, most: int) -> bytes:
    file.seek(start)
    return file.read(most)


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].strip().lower() if "." in name else ""
