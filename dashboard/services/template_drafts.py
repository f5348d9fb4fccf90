"""What the frames of editors show: rendered documents, kept for minutes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import TemplateDraft
from dashboard.services.resources import Change

DRAFTS = 5  # of one member; a browser shows one of them
DRAFT_AGE = timedelta(minutes=15)


def keep_draft(session: Session, change: Change, user_id: int, document: str) -> UUID:
    """Keep a rendered document for a member's own editor, in place of older ones; return what its frame asks for."""
    statement = sa.select(TemplateDraft).where(TemplateDraft.user_id == user_id)
    kept = list(session.scalars(statement.order_by(TemplateDraft.made_at.desc(), TemplateDraft.id)))
    for number, one in enumerate(kept, start=1):
        if number >= DRAFTS or one.made_at < change.now - DRAFT_AGE:
            session.delete(one)
    draft = TemplateDraft(id=uuid4(), user_id=user_id, document=document, made_at=change.now)  # not to be guessed
    session.add(draft)
    session.flush()
    return draft.id
