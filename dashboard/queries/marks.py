"""Marks: the causes that stand under a chart."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import Mark
from dashboard.vocabulary.analytics import Days

MAX_MARKS = 50


def list_marks(session: Session, days: Days) -> list[Mark]:
    """Return the company's marks within the days, oldest first, at most MAX_MARKS."""
    statement = sa.select(Mark).where(Mark.day.between(days.start, days.end))
    return list(session.scalars(statement.order_by(Mark.day, Mark.at).limit(MAX_MARKS)))
