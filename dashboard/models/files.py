"""Files that members upload."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from dashboard.models.base import Base, TenantKey, Timestamps, check, length_between


class File(TenantKey, Timestamps, Base):
    """A stored file; size, digest and type were measured by the server."""

    __tablename__ = "files"
    __table_args__ = (
        sa.ForeignKeyConstraint(["company_id", "uploaded_by"], ["memberships.company_id", "memberships.user_id"]),
        sa.UniqueConstraint("company_id", "storage_key"),
        sa.Index("ix_files_uploaded_by", "company_id", "uploaded_by"),
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
