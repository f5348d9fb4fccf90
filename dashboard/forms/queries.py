"""Query strings of the API."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from dashboard.forms.reading import Form
from dashboard.forms.values import BasisName, Day, ReportableType, parse_key
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, ResourceType

MAX_PAGE = 1000


def _whole(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"must be a whole number from 1 to {MAX_PAGE:,}")
    return int(value)


def _limited(value: int) -> int:
    if not 1 <= value <= MAX_PAGE:
        raise ValueError(f"must be a whole number from 1 to {MAX_PAGE:,}")
    return value


def _resource_key(value: str, info: ValidationInfo) -> str:
    return parse_key(info.data.get("type") or "", value)


def _campaign_key(value: str) -> str:
    return parse_key(ResourceType.CAMPAIGN, value)


Limit = Annotated[int, BeforeValidator(_whole), AfterValidator(_limited)]


class WriteQuery(Form):
    """What may stand in the address of a write: nothing but the company, which must be the key's."""

    companyId: str | None = None  # noqa: N815  # the names of the seed's API


class AnalyticsQuery(Form):
    """`GET /api/analytics` and what shares its filters; an empty bound or resource is no filter."""

    companyId: str | None = None  # noqa: N815
    type: Literal[ReportableType, "receiver"] | None = None
    resourceId: Annotated[str | None, AfterValidator(_resource_key)] = None  # noqa: N815
    startDate: Day | None = None  # noqa: N815
    endDate: Day | None = None  # noqa: N815
    basis: BasisName = "sent"

    def filter(self) -> AnalyticsFilter:
        """Return the plain filter; a start after the end is a filter that nothing meets."""
        kind = ResourceType(self.type) if self.type else None
        return AnalyticsFilter(self.startDate, self.endDate, kind, self.resourceId, basis=Basis(self.basis))

    def period(self) -> dict[str, date]:
        """Return the bounds that were asked for."""
        bounds = {"startDate": self.startDate, "endDate": self.endDate}
        return {name: day for name, day in bounds.items() if day is not None}


class AnalyticsPageQuery(AnalyticsQuery):
    """With pages."""

    limit: Limit = MAX_PAGE
    cursor: str | None = None


class RecentQuery(Form):
    """`GET /api/analytics/recent`."""

    companyId: str | None = None  # noqa: N815
    type: ReportableType | None = None
    basis: BasisName = "sent"
    limit: Limit = 100

    def filter(self) -> AnalyticsFilter:
        """Return the plain filter."""
        kind = ResourceType(self.type) if self.type else None
        return AnalyticsFilter(type=kind, basis=Basis(self.basis))


class CampaignQuery(Form):
    """`GET /api/campaign-analytics`."""

    companyId: str | None = None  # noqa: N815
    campaignId: Annotated[str, AfterValidator(_campaign_key)] | None = None  # noqa: N815
    startDate: Day | None = None  # noqa: N815
    endDate: Day | None = None  # noqa: N815
    basis: BasisName = "sent"

    def filter(self) -> AnalyticsFilter:
        """Return the plain filter."""
        days = (self.startDate, self.endDate)
        return AnalyticsFilter(*days, ResourceType.CAMPAIGN, self.campaignId, basis=Basis(self.basis))


class ExportQuery(AnalyticsQuery):
    """`GET /api/export`."""

    format: Literal["csv", "json"]
    columns: Literal["six", "all"] = "six"


class RowQuery(Form):
    """`DELETE /api/analytics`: the one row to take back."""

    companyId: str | None = None  # noqa: N815
    type: ReportableType
    resourceId: Annotated[str, Field(min_length=1), AfterValidator(_resource_key)]  # noqa: N815
    date: Day


class RowForm(RowQuery):
    """The form under a reported row: the row, and whose it is."""

    source_id: Annotated[int, BeforeValidator(_whole)]
    csrf_token: str = ""
