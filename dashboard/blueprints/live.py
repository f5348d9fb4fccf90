"""What the polled pages share: the version they show, the filter they show it for, one reading of the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, request

from dashboard import htmx
from dashboard.extensions import db
from dashboard.forms.filters import PageFilter, read_filter
from dashboard.permissions import View
from dashboard.presenters.overview import Page, make_page
from dashboard.queries.identity import page_version
from dashboard.queries.overview import get_overview
from dashboard.vocabulary.people import Member


@dataclass(frozen=True, slots=True)
class Live:
    """A filter, the numbers it leads to, and the endpoints that show them."""

    chosen: PageFilter
    page: Page
    fragment: str
    endpoint: str
    version: str


def version_of(member: Member) -> str:
    """Return the version of what the member's pages show.

    It was read before the numbers were, so a page can be newer than it says, never older.
    """
    return page_version(member.version, member.company.day_of(g.now), member.role.slug)


def polled(view: View) -> View:
    """Mark a view whose unchanged polls lifecycle answers; below `requires`, above nothing."""
    view.is_polled = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def stamp(response: Response) -> Response:
    """Write the version on the answer; the next poll sends it back."""
    response.headers[htmx.PTAG] = version_of(g.member)
    return response


def read_live(fragment: str, endpoint: str, *, league_limit: int) -> Live:
    """Read the filter from the query string and the numbers from one transaction."""
    company = g.member.company
    chosen = read_filter(request.args, today=company.day_of(g.now))
    found = get_overview(db.session(), company.id, chosen.analytics, chosen.days, chosen.previous)
    page = make_page(
        found, days=chosen.days, full=chosen.full_days, previous=chosen.previous,
        today=chosen.today, unit=chosen.unit, league_limit=league_limit,
    )  # fmt: skip
    return Live(chosen, page, fragment, endpoint, version_of(g.member))
