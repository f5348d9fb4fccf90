"""Files that people upload: which are taken, in which groups they are listed, and under what names they are kept."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_FILE_NAME = 255  # code points
MAX_SUFFIX = 20  # code points of an ending that is kept when a name is shortened
NAMELESS = "file"

# Of what is not seen, overrides of direction among it, only the joiners stay that some scripts and emoji need.
_JOINERS = frozenset("\u200c\u200d")
# How browsers write what would end the name within a form.
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}


class FileKind(StrEnum):
    """The groups of a list."""

    IMAGE = "image"
    DOCUMENT = "document"
    DATA = "data"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A type that is taken. Only pictures of dots may be shown in a page; anything else could hold a program."""

    name: str
    label: str
    kind: FileKind
    is_shown: bool = False

    @property
    def sent_as(self) -> str:
        """The type that a download names: none that a browser would open as a page."""
        if self.name in {"text/html", "image/svg+xml"}:
            return "application/octet-stream"
        return f"{self.name}; charset=utf-8" if self.name.startswith("text/") else self.name


_OFFICE = "application/vnd.openxmlformats-officedocument"
PNG = MediaType("image/png", "PNG", FileKind.IMAGE, is_shown=True)
JPEG = MediaType("image/jpeg", "JPEG", FileKind.IMAGE, is_shown=True)
GIF = MediaType("image/gif", "GIF", FileKind.IMAGE, is_shown=True)
WEBP = MediaType("image/webp", "WebP", FileKind.IMAGE, is_shown=True)
SVG = MediaType("image/svg+xml", "SVG", FileKind.IMAGE)
PDF = MediaType("application/pdf", "PDF", FileKind.DOCUMENT)
DOCX = MediaType(f"{_OFFICE}.wordprocessingml.document", "DOCX", FileKind.DOCUMENT)
HTML = MediaType("text/html", "HTML", FileKind.DOCUMENT)
TEXT = MediaType("text/plain", "Text", FileKind.DOCUMENT)
CSV = MediaType("text/csv", "CSV", FileKind.DATA)
XLSX = MediaType(f"{_OFFICE}.spreadsheetml.sheet", "XLSX", FileKind.DATA)
ZIP = MediaType("application/zip", "ZIP", FileKind.OTHER)
UNKNOWN = MediaType("application/octet-stream", "File", FileKind.OTHER)
MEDIA_TYPES = {one.name: one for one in (PNG, JPEG, GIF, WEBP, SVG, PDF, DOCX, HTML, TEXT, CSV, XLSX, ZIP)}


def media_type(name: str) -> MediaType:
    """Return what is known of a stored type."""
    return MEDIA_TYPES.get(name, UNKNOWN)


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files are asked for: with words in their names, of one group."""

    text: str = ""
    kind: FileKind | None = None


def safe_name(given: str) -> str:
    """Return the name under which a file is kept: without folders, nothing in it that is not seen, 255 at most."""
    for written, char in _ESCAPED.items():
        given = given.replace(written, char)
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(char for char in unicodedata.normalize("NFC", last) if _is_seen(char))
    name = " ".join(seen.split())
    return _shorten(name) if name.strip(". ") else NAMELESS


def _is_seen(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _shorten(name: str) -> str:
    if len(name) <= MAX_FILE_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = dot + suffix if stem and len(suffix) < MAX_SUFFIX else ""
    return name[: MAX_FILE_NAME - len(ending)] + ending
