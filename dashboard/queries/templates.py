"""Versions of templates, their categories, and what editors show just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.errors import NotFound
from dashboard.models import Template, TemplateDraft, TemplateVersion

MOST_CATEGORIES = 100


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version without its texts."""

    number: int
    subject: str
    author: str
    note: str
    created_at: datetime
    length: int  # characters of the HTML


def list_versions(
    session: Session, template_id: UUID, *, limit: int | None = None, before: int | None = None
) -> list[VersionRow]:
    """Return the versions of a template, the newest first, below a number."""
    one = TemplateVersion
    statement = sa.select(
        one.number, one.subject, one.author, one.note, one.created_at, sa.func.length(one.content)
    ).where(one.template_id == template_id)
    if before is not None:
        statement = statement.where(one.number < before)
    return [VersionRow(*row) for row in session.execute(statement.order_by(one.number.desc()).limit(limit))]


def find_version(session: Session, template_id: UUID, number: int) -> TemplateVersion | None:
    """Return one version, if there is one of that number."""
    return session.scalar(
        sa.select(TemplateVersion).where(TemplateVersion.template_id == template_id, TemplateVersion.number == number)
    )


def get_version(session: Session, template_id: UUID, number: int) -> TemplateVersion:
    """Return one version; raises NotFound."""
    found = find_version(session, template_id, number) if 0 < number < 2**31 else None
    if found is None:
        raise NotFound("There is no such version.")
    return found


def list_categories(session: Session) -> list[str]:
    """Return the categories that templates have, in alphabetical order."""
    named = Template.category
    statement = sa.select(named).where(named.is_not(None)).distinct().order_by(named).limit(MOST_CATEGORIES)
    return [name for name in session.scalars(statement) if name]


def get_draft(session: Session, user_id: int, id_: UUID) -> TemplateDraft:
    """Return what the person's own editor shows; raises NotFound."""
    found = session.scalar(sa.select(TemplateDraft).where(TemplateDraft.id == id_, TemplateDraft.user_id == user_id))
    if found is None:
        raise NotFound("This preview is over. Type on to make a new one.")
    return found
