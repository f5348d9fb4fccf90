"""What the polled pages share: the version they show, the filter they show it for, one reading of the numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from urllib.parse import urlencode

from flask import Response, g, request, url_for

from dashboard import htmx
from dashboard.extensions import db
from dashboard.forms.filters import PageFilter, read_filter
from dashboard.permissions import View
from dashboard.presenters.overview import Page, make_page
from dashboard.queries.identity import page_version
from dashboard.queries.keys import with_all_keys
from dashboard.queries.overview import get_overview
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.people import Member


@dataclass(frozen=True, slots=True)
class Live:
    """A filter, the numbers it leads to, who sees them, and the addresses that show them."""

    chosen: PageFilter
    page: Page
    member: Member
    fragment: str
    address: str
    version: str
    is_fixed: bool = False  # the page is one resource's own, so that its address names it already

    def link(self, **changes: object) -> str:
        """Return the address of the page with some changes of the filter."""
        return _with_query(self.address, self._query(**changes))

    def poll(self) -> str:
        """Return the address of the live part."""
        return _with_query(self.fragment, self._query())

    def _query(self, **changes: object) -> dict[str, str]:
        query = self.chosen.query(**changes)
        return {name: value for name, value in query.items() if not self.is_fixed or name not in {"type", "resource"}}

    def narrowed_to(self) -> str:
        """Return the beginning of the addresses that show one resource only: its key follows."""
        query = self.chosen.query(resource=None) | {"resource": ""}
        return _with_query(url_for("analytics.show"), query)


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


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


def fragment(html: str) -> Response:
    """Answer a polled part whose changes no version tells; 304 when it is what the page shows already."""
    tag = blake2b(html.encode(), digest_size=16).hexdigest()
    if htmx.request.htmx.ptag == tag:
        return Response(status=304)
    return Response(html, headers={htmx.PTAG: tag})


def read_live(fragment: str, endpoint: str, *, league_limit: int) -> Live:
    """Read the filter from the query string and the numbers from one transaction."""
    chosen = read_filter(request.args, today=g.member.company.day_of(g.now))
    return _live(chosen, url_for(fragment), url_for(endpoint), league_limit=league_limit)


def read_live_of(kind: ResourceType, key: str, fragment: str, address: str) -> Live:
    """Read the numbers of one resource; the query string says of which days and how."""
    arguments = {name: value for name, value in request.args.items() if name not in {"type", "resource"}}
    chosen = read_filter(arguments, today=g.member.company.day_of(g.now))
    return _live(replace(chosen, type=kind, resource_key=key), fragment, address, league_limit=1, is_fixed=True)


def _live(chosen: PageFilter, fragment: str, address: str, *, league_limit: int, is_fixed: bool = False) -> Live:
    session, company = db.session(), g.member.company
    asked = with_all_keys(session, chosen.analytics)
    found = get_overview(session, company.id, asked, chosen.days, chosen.previous, machines=chosen.with_machines)
    page = make_page(
        found, days=chosen.days, full=chosen.full_days, previous=chosen.previous,
        today=chosen.today, unit=chosen.unit, league_limit=league_limit,
    )  # fmt: skip
    return Live(chosen, page, g.member, fragment, address, version_of(g.member), is_fixed)
