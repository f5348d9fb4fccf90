"""Files that members upload."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.models.base import Base, Exact, TenantKey, Timestamps, check, length_between, refers_to
from dashboard.tenancy import TenantScoped


class File(TenantKey, Timestamps, Base):
    """A stored file; size, digest and type were measured by the server."""

    __tablename__ = "files"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "uploaded_by"], ["memberships.company_id", "memberships.user_id"]),
        sa.UniqueConstraint("company_id", "storage_key"),
        sa.Index("ix_files_uploaded_by", "company_id", "uploaded_by"),
        sa.Index("ix_files_created_at", "company_id", "created_at", "id"),
        length_between("name", 1, 255),
        check("size_bytes >= 0", "size_bytes"),
        check("length(sha256) = 32", "sha256_length"),
    )

    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[bytes]
    storage_key: Mapped[str]
    uploaded_by: Mapped[int]
    search_text: Mapped[str] = mapped_column(Exact, default="")


class FileUse(TenantScoped, Base):
    """A template that shows or links a file, which stays as long as one does."""

    __tablename__ = "file_uses"
    __table_args__ = (
        refers_to("files", "file_id"),
        refers_to("templates", "template_id", ondelete="CASCADE"),
        sa.Index("ix_file_uses_template_id", "company_id", "template_id"),
    )

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID] = mapped_column(primary_key=True)
