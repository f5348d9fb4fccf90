"""All that an overview or analytics page shows, read in one transaction with a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dashboard.queries.league import Standing, list_standings
from dashboard.queries.marks import MarkRow, list_marks
from dashboard.queries.overlaps import Overlap, list_overlaps
from dashboard.queries.sources import list_source_names
from dashboard.queries.totals import Series, get_machines, get_series, get_untracked
from dashboard.vocabulary.analytics import AnalyticsFilter, Days


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of one moment: everything in it agrees with everything else."""

    series: Series  # of the range and of the period it is compared with
    standings: list[Standing]
    marks: list[MarkRow]
    overlaps: list[Overlap]
    machines: dict[str, tuple[int, ...]]  # by day, where asked for
    untracked: dict[str, tuple[int, ...]]  # by day, where a campaign is not tracked
    sources: dict[int, str]  # names, by id


def get_overview(
    session: Session, company_id: int, asked: AnalyticsFilter, days: Days, previous: Days, *, machines: bool = False
) -> Overview:
    """Read a page's numbers; the transaction of the session should be one that sees a single moment."""
    series = get_series(session, company_id, asked, Days(min(previous.start, days.start), days.end))
    inside = tuple(day for day in series.overlapping if day in days)
    standings = list_standings(session, company_id, asked)
    is_untracked = any(not (one.is_open_tracked and one.is_click_tracked) for one in standings)
    return Overview(
        series=series,
        standings=standings,
        machines=get_machines(session, company_id, asked, days) if machines else {},
        untracked=get_untracked(session, company_id, asked, days) if is_untracked else {},
        marks=list_marks(session, company_id, asked, days),
        overlaps=list_overlaps(session, company_id, asked, inside),
        sources=list_source_names(session, company_id),
    )
