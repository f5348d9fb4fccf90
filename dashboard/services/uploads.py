"""Uploads of providers' exports: kept as files that only their owner can read until they are in the inbox."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict, Unavailable
from dashboard.queries import imports as queries
from dashboard.services import audit, jobs, state
from dashboard.vocabulary.imports import Import, with_room

MAX_UNFINISHED = 5  # imports of one company
LEFT_S = 3_600  # how long a file may lie there before anybody waits for it


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody uploads: a file of events, and what they call it."""

    source_id: int
    name: str
    file: BinaryIO


def folder_in(instance: Path) -> Path:
    """Return where uploads wait to be read."""
    return instance / "imports"


def take_upload(
    session: Session, company_id: int, upload: Upload, folder: Path, *, actor: str, now: datetime
) -> Import:
    """Keep an upload and have it read. Raises NotFound, Conflict while too many wait, Unavailable on a full disk."""
    path, size = keep(folder, upload.file)
    try:
        made = Import(UUID(path.name), upload.source_id, upload.name, size, actor)
        _begin(session, company_id, made, now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return made


def keep(folder: Path, file: BinaryIO) -> tuple[Path, int]:
    """Write a file that only its owner can read, and return its path and size in bytes."""
    path = folder / with_room(uuid7()).hex
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            file.seek(0)
            shutil.copyfileobj(file, kept)
            kept.flush()
            os.fsync(kept.fileno())
            return path, kept.tell()
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Unavailable("The file could not be stored. Perhaps the disk is full.") from error


def _begin(session: Session, company_id: int, made: Import, now: datetime) -> None:
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    source = queries.get_target(session, made.source_id)
    if queries.count_unfinished(session, company_id) >= MAX_UNFINISHED:
        raise Conflict(f"{MAX_UNFINISHED} uploads of this company wait already. Come back when one of them is read.")
    jobs.enqueue(connection, "import", run_at=now, now=now, company_id=company_id, payload=made.write())
    audit.record(
        session, actor=made.actor, action="source.import", subject=("source", str(source.id)), now=now,
        name=source.name, file=made.name, size_bytes=made.size_bytes,
    )  # fmt: skip
    session.flush()  # the version is raised last
    state.raise_version(connection, company_id, now)


def sweep(engines: Engines, folder: Path, now: datetime) -> int:
    """Delete the files that no import waits for and that are an hour old; return how many."""
    with engines[Mode.SINGLE].connect() as connection:
        wanted = queries.list_unfinished_ids(connection)
    done = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # another worker was quicker
            if path.name not in wanted and now.timestamp() - path.stat().st_mtime > LEFT_S:
                path.unlink()
                done += 1
    return done
