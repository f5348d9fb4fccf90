"""The numbers of several resources by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy.orm import Session

from dashboard.queries.keys import with_all_keys
from dashboard.queries.totals import get_series
from dashboard.vocabulary.analytics import AnalyticsFilter, DailyNumbers, Days, ResourceType


class Chosen(Protocol):
    """What days are asked for, and how."""

    @property
    def analytics(self) -> AnalyticsFilter:
        """The filter of the numbers."""

    @property
    def days(self) -> Days:
        """The days."""


def list_series(
    session: Session, company_id: int, kind: ResourceType, rows: Sequence[Any], chosen: Chosen
) -> list[DailyNumbers]:
    """Return the six counts by day of each of the resources, in their order. Three statements for each."""
    found = []
    for row in rows:
        asked = replace(chosen.analytics, type=kind, resource_key=row.resource_key)
        found.append(get_series(session, company_id, with_all_keys(session, asked), chosen.days).numbers)
    return found
