"""Files that members upload: bytes first, the row after; deleted the other way round, the bytes by a job."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.clients.storage import Storage
from dashboard.errors import Conflict, DashboardError, NotFound
from dashboard.models import Company, File, FileUse
from dashboard.queries import files as queries
from dashboard.queries.files import Usage
from dashboard.services import audit, jobs, state
from dashboard.services.file_types import find_type, refusal
from dashboard.vocabulary.files import MAX_FILE_BYTES, MediaType, safe_name
from dashboard.vocabulary.folding import searched
from dashboard.vocabulary.people import Member

CHUNK = 64 * 1024
DELETE_JOB = "delete_file"
_NAMED = 3  # templates that a refusal names
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody uploads, and what their browser calls it."""

    name: str
    file: BinaryIO


class _Meter:
    """Measures a file while it is sent on."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self.size_bytes = file, hashlib.sha256(), 0

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            self._digest.update(chunk)
            self.size_bytes += len(chunk)
            yield chunk

    @property
    def sha256(self) -> bytes:
        return self._digest.digest()


def upload_file(
    session: Session, storage: Storage, upload: Upload, *, member: Member, usage: Usage, now: datetime
) -> File:
    """Store a file; `usage` was read before, so that no transaction is open while the bytes travel.

    Raises Invalid at the field `file` for what is not taken, TooLarge, and StorageDown.
    """
    name = safe_name(upload.name)
    media = find_type(upload.file, name)
    check_size(upload.file.seek(0, os.SEEK_END), usage)
    key, meter = make_key(member.company.id), _Meter(upload.file)
    storage.put(key, meter.chunks(), most_bytes=min(MAX_FILE_BYTES, usage.room_bytes))
    try:
        return _add(session, member.company.id, _row(name, media, key, meter, member, now), member, now)
    except BaseException:
        with suppress(DashboardError):  # what is left is found by `dashboard files check`
            storage.delete(key)
        raise


def make_key(company_id: int) -> str:
    """Return a new key of the storage."""
    return f"{company_id}/{uuid7().hex}"


def check_size(size_bytes: int, usage: Usage) -> None:
    """Raise Invalid for a file that is too large, or for which the company has no room."""
    if size_bytes > MAX_FILE_BYTES:
        raise refusal(f"The file has {size_bytes / 2**20:,.1f} MB. At most {MAX_FILE_BYTES // 2**20} MB are taken.")
    if size_bytes > usage.room_bytes:
        raise refusal(
            f"The file has {size_bytes / 1e6:,.1f} MB, and of the company's {usage.quota_bytes / 1e6:,.0f} MB only"
            f" {usage.room_bytes / 1e6:,.1f} MB are left. Delete files that are no longer used."
        )


def _row(name: str, media: MediaType, key: str, meter: _Meter, member: Member, now: datetime) -> File:
    return File(
        name=name, media_type=media.name, size_bytes=meter.size_bytes, sha256=meter.sha256, storage_key=key,
        uploaded_by=member.person.id, search_text=searched(name, media.label), created_at=now, updated_at=now,
    )  # fmt: skip


def _add(session: Session, company_id: int, row: File, member: Member, now: datetime) -> File:
    """Add the row under the company's lock: of two uploads at once the second sees what the first took."""
    state.lock(tenancy.connection(session, company_id), company_id)
    check_size(row.size_bytes, queries.get_usage(session))
    session.add(row)
    session.flush()
    _record(session, "file.upload", row, member, now)
    session.flush()
    return row


def delete_file(session: Session, company_id: int, id_: UUID, *, member: Member, now: datetime) -> str:
    """Delete a file that nothing uses, and return its name; raises NotFound, and Conflict that names the users."""
    queries.get_file(session, id_)
    row = session.scalar(sa.select(File).where(File.id == id_).with_for_update())
    if row is None:  # another request has just deleted it
        raise NotFound("There is no such file.")
    uses = queries.list_uses(session, id_)
    if uses:
        named = ", ".join(one.name for one in uses[:_NAMED]) + (" and others" if len(uses) > _NAMED else "")
        raise Conflict(f"{row.name} is used by {named}. Take it out of there first.", code="in_use")
    connection = tenancy.connection(session, company_id)
    jobs.enqueue(connection, DELETE_JOB, run_at=now, now=now, company_id=company_id, payload={"key": row.storage_key})
    _record(session, "file.delete", row, member, now)
    session.delete(row)
    session.flush()
    return row.name


def _record(session: Session, action: str, row: File, member: Member, now: datetime) -> None:
    audit.record(
        session, actor=member.actor, action=action, subject=("file", str(row.id)), now=now,
        name=row.name, size_bytes=row.size_bytes, sha256=row.sha256.hex(),
    )  # fmt: skip


def note_uses(session: Session, company_id: int, template_id: UUID, texts: Iterable[str]) -> None:
    """Set which files a template uses: those whose addresses stand in its texts.

    An address of no file of the company counts for nothing. The files are locked, so that none of them goes meanwhile.
    """
    slug = session.scalar(sa.select(Company.slug).where(Company.id == company_id)) or ""
    address = re.compile(rf"/c/{re.escape(slug)}/files/({_ID})(?![0-9a-f-])", re.IGNORECASE)
    named = {UUID(found) for text in texts for found in address.findall(text)}
    wanted = sa.select(File.id).where(File.id.in_(named)).order_by(File.id)
    used = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
    kept = {one.file_id: one for one in session.scalars(sa.select(FileUse).where(FileUse.template_id == template_id))}
    for file_id in kept.keys() - used:
        session.delete(kept[file_id])
    session.add_all(FileUse(file_id=file_id, template_id=template_id) for file_id in used - kept.keys())
    session.flush()
