"""Templates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import json_type
from dashboard.models.base import MAX_KEY, MAX_NAME, Base, TenantKey, length_between, refers_to
from dashboard.models.resources import Registered, list_indexes


class Template(Registered, Base):
    """Subject and body of mails, with the variables they use."""

    __tablename__ = "templates"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "key"),
        sa.UniqueConstraint("company_id", "name"),
        *list_indexes("templates", "is_active"),
        length_between("key", 1, MAX_KEY),
        length_between("name", 1, MAX_NAME),
    )

    key: Mapped[str]
    name: Mapped[str]
    subject: Mapped[str]
    # What can be long is read when it is asked for, so that lists do without.
    content: Mapped[str] = mapped_column(deferred=True, deferred_group="content")
    text: Mapped[str] = mapped_column(default="", deferred=True, deferred_group="content")  # the plain part, if any
    variables: Mapped[list[str]] = mapped_column(json_type(), default=list)  # declared, as dotted paths
    samples: Mapped[dict[str, str]] = mapped_column(  # path → value of the preview
        json_type(), default=dict, deferred=True, deferred_group="content"
    )
    category: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)  # the number of the newest version; 0: none yet

    @property
    def resource_key(self) -> str:
        """The text by which mail names it."""
        return self.key

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name

    @property
    def searched_texts(self) -> tuple[str | None, ...]:
        """What a search looks at."""
        return (self.name, self.key, self.subject, self.category)


class TemplateVersion(TenantKey, Base):
    """What a template said from one save to the next."""

    __tablename__ = "template_versions"
    __table_args__ = (
        refers_to("templates", "template_id", ondelete="CASCADE"),
        sa.UniqueConstraint("company_id", "template_id", "number"),
    )

    template_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(sa.Integer)
    subject: Mapped[str]
    content: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    variables: Mapped[list[str]] = mapped_column(json_type(), default=list)
    author: Mapped[str]  # as the audit log names them
    note: Mapped[str] = mapped_column(default="")  # "restored from 3", "imported"
    created_at: Mapped[datetime]


class TemplateDraft(TenantKey, Base):
    """What a member's editor shows in its frame: a rendered document, kept for minutes."""

    __tablename__ = "template_drafts"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["memberships.company_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        sa.Index("ix_template_drafts_user", "company_id", "user_id", "made_at"),
    )

    user_id: Mapped[int]
    document: Mapped[str] = mapped_column(deferred=True)
    made_at: Mapped[datetime]
