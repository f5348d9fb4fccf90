"""Where uploaded bytes lie: a folder of this machine, or a bucket that speaks S3; one shape for both.

Keys are made by us (`12/<32 hexadecimal digits>`); nothing that a person typed is ever part of a path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from dashboard.errors import NotFound, TooLarge, Unavailable

CHUNK = 64 * 1024
DOWN = "The storage of files cannot be reached just now. Please try again."
_KEY = re.compile(r"[0-9]{1,19}/(?:[0-9a-f]{32}|\.[0-9a-f]{32}\.part)")


class StorageDown(Unavailable):
    """The bytes cannot be written or read just now."""


class MissingBytes(NotFound):
    """A key under which nothing is stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies under a key."""

    key: str
    size_bytes: int
    changed_at: datetime


class Storage(Protocol):
    """Bytes by key."""

    def put(self, key: str, chunks: Iterable[bytes], *, most_bytes: int) -> int:
        """Store what comes, all or nothing, and return its size. Raises TooLarge, StorageDown, and what `chunks` do."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes from `start` up to and without `end`, in pieces. Raises MissingBytes, StorageDown."""

    def find_size(self, key: str) -> int | None:
        """Return how many bytes lie under a key, None when there is nothing."""

    def delete(self, key: str) -> None:
        """Remove what lies under a key, if anything does."""

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that is stored, or what lies under a company's number; with what was never finished."""


def check_key(key: str) -> str:
    """Return the key; raises ValueError for one that we did not make."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a stored file.")
    return key


def limited(chunks: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Yield the chunks; raises TooLarge at the one that goes beyond."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"The file has more than {most_bytes:,} bytes.")
        yield chunk


class LocalStorage:
    """A folder that only its owner can read. A file appears under its key when all of it is on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, chunks: Iterable[bytes], *, most_bytes: int) -> int:
        """Store what comes, all or nothing, and return its size."""
        path = self._folder / check_key(key)
        part = path.with_name(f".{path.name}.part")
        with _told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                size = _write(part, limited(chunks, most_bytes))
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        return size

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes of a range, in pieces."""
        with _told():
            path = self._folder / check_key(key)
            path.stat()
        return _pieces(path, start, end)

    def find_size(self, key: str) -> int | None:
        """Return how many bytes lie under a key, None when there is nothing."""
        with suppress(MissingBytes), _told():
            return (self._folder / check_key(key)).stat().st_size
        return None

    def delete(self, key: str) -> None:
        """Remove what lies under a key, if anything does."""
        with _told():
            (self._folder / check_key(key)).unlink(missing_ok=True)

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that is stored."""
        if not self._folder.is_dir():
            return
        folders = [self._folder / prefix] if prefix else sorted(self._folder.iterdir())
        for folder in folders:
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                key = f"{folder.name}/{path.name}"
                with suppress(FileNotFoundError):  # deleted meanwhile
                    if _KEY.fullmatch(key):
                        found = path.stat()
                        yield Stored(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _pieces(path: Path, start: int, end: int | None) -> Iterator[bytes]:
    """Open the file with the first piece, so that whoever asks for none leaves none open."""
    with _told(), path.open("rb") as file:
        file.seek(start)
        left = end - start if end is not None else None
        while piece := file.read(CHUNK if left is None else min(CHUNK, left)):
            left = None if left is None else left - len(piece)
            yield piece


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    """Write a file that only its owner can read, down to the disk, and return its size."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told() -> Iterator[None]:
    """Give the errors of the disk our form."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingBytes("The bytes of this file are missing. Ask who runs this server.") from error
    except OSError as error:
        raise StorageDown("The file could not be stored or read. Perhaps the disk is full.") from error
