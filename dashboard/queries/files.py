"""Uploaded files: lists, counts, single ones, and which templates use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.errors import NotFound
from dashboard.models import Company, File, FileUse, Template, User
from dashboard.models.companies import FILE_QUOTA_BYTES
from dashboard.tenancy import company_of
from dashboard.vocabulary.files import MEDIA_TYPES, FileFilter, FileKind, MediaType, media_type
from dashboard.vocabulary.folding import patterns


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file, who uploaded it, and how many templates use it."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    storage_key: str
    created_at: datetime
    uploader: str
    uses: int

    @property
    def type(self) -> MediaType:
        """What is known of its type."""
        return media_type(self.media_type)

    @property
    def position(self) -> Position:
        """Where a page ends behind it."""
        return Position(self.created_at, self.id)


@dataclass(frozen=True, slots=True)
class Usage:
    """How many files a company has, and how much of its room they take."""

    count: int
    used_bytes: int
    quota_bytes: int

    @property
    def room_bytes(self) -> int:
        """How much is left."""
        return max(0, self.quota_bytes - self.used_bytes)

    @property
    def share(self) -> float:
        """How full it is, from 0 to 100."""
        return min(100.0, 100 * self.used_bytes / self.quota_bytes) if self.quota_bytes else 100.0


@dataclass(frozen=True, slots=True)
class Use:
    """A template that uses a file."""

    template_id: UUID
    name: str


def list_files(session: Session, asked: FileFilter, *, limit: int, after: Position | None = None) -> list[FileRow]:
    """Return the files that match, the newest first, those behind a position when one is given."""
    statement = _rows().where(*_named(asked), *_of_kind(asked)).order_by(File.created_at.desc(), File.id.desc())
    if after is not None:
        is_older = sa.or_(File.created_at < after.at, File.id < after.id)
        statement = statement.where(File.created_at <= after.at, is_older)
    return [FileRow(*row) for row in session.execute(statement.limit(limit))]


def get_file(session: Session, id_: UUID) -> FileRow:
    """Return a file; raises NotFound."""
    row = session.execute(_rows().where(File.id == id_)).one_or_none()
    if row is None:
        raise NotFound("There is no such file. Perhaps it was deleted.")
    return FileRow(*row)


def count_by_kind(session: Session, asked: FileFilter) -> dict[FileKind | None, int]:
    """Return how many files match the text, by group; None counts all."""
    statement = sa.select(File.media_type, sa.func.count()).where(*_named(asked)).group_by(File.media_type)
    counts: dict[FileKind | None, int] = dict.fromkeys((None, *FileKind), 0)
    for name, count in session.execute(statement):
        counts[None] += count
        counts[media_type(name).kind] += count
    return counts


def get_usage(session: Session) -> Usage:
    """Return what the company has and may have."""
    quota = session.scalar(sa.select(Company.file_quota_bytes).where(Company.id == company_of(session)))
    total = sa.cast(sa.func.coalesce(sa.func.sum(File.size_bytes), 0), sa.BigInteger)
    count, used = session.execute(sa.select(sa.func.count(), total).select_from(File)).one()
    return Usage(count, used, FILE_QUOTA_BYTES if quota is None else quota)


def list_uses(session: Session, id_: UUID) -> list[Use]:
    """Return the templates that use a file, by name."""
    statement = (
        sa.select(Template.id, Template.name)
        .join(FileUse, FileUse.template_id == Template.id)
        .where(FileUse.file_id == id_)
        .order_by(Template.sort_name, Template.id)
    )
    return [Use(*row) for row in session.execute(statement)]


def _rows() -> sa.Select[Any]:
    uses = sa.select(sa.func.count()).where(FileUse.company_id == File.company_id, FileUse.file_id == File.id)
    return sa.select(
        File.id, File.name, File.media_type, File.size_bytes, File.sha256, File.storage_key, File.created_at,
        User.name, uses.scalar_subquery(),
    ).join(User, User.id == File.uploaded_by)  # fmt: skip


def _named(asked: FileFilter) -> list[sa.ColumnElement[bool]]:
    return [File.search_text.like(f"%{pattern}%") for pattern in patterns(asked.text)]


def _of_kind(asked: FileFilter) -> list[sa.ColumnElement[bool]]:
    if asked.kind is None:
        return []
    known = [name for name, one in MEDIA_TYPES.items() if one.kind is asked.kind]
    if asked.kind is FileKind.OTHER:
        return [sa.or_(File.media_type.in_(known), File.media_type.not_in(MEDIA_TYPES))]
    return [File.media_type.in_(known)]
