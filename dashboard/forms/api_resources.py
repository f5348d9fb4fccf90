"""Resources as programs send and ask for them, in camelCase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from dashboard.errors import Fault, Invalid
from dashboard.forms.campaigns import read_limit, read_name, read_zone
from dashboard.forms.queries import Limit
from dashboard.forms.reading import Form, refuse_suspect
from dashboard.forms.reading import read as read_form
from dashboard.forms.templates import read_category, read_source, read_subject, read_variables
from dashboard.forms.values import parse_key
from dashboard.queries.resources import KINDS
from dashboard.services.campaigns import CampaignValues
from dashboard.services.templates import TemplateValues
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.resources import ARCHIVED, ListFilter

DEFAULT_PAGE = 100


def _text(read: Callable[[str], str]) -> BeforeValidator:
    def check(value: Any) -> Any:
        return read(value) if isinstance(value, str) else value

    return BeforeValidator(check)


Name = Annotated[str, _text(read_name)]
CampaignKey = Annotated[str, _text(lambda text: parse_key("campaign", text))]
Zone = Annotated[str, _text(read_zone)]
Revision = Annotated[int, Field(ge=1)]


def _limit(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("must be a whole number")  # noqa: TRY004  # so that pydantic says it
    return read_limit(value)


DailyLimit = Annotated[int, BeforeValidator(_limit)]


class ResourceListQuery(Form):
    """`GET /api/campaigns` and its like."""

    companyId: str | None = None  # noqa: N815  # the names of the seed's API
    q: Annotated[str, Field(max_length=500)] = ""
    status: str | None = None
    limit: Limit = DEFAULT_PAGE
    cursor: str | None = None

    def filter(self, kind: ResourceType) -> ListFilter:
        """Return the list that is asked for; raises Invalid for a status that the type does not have."""
        states = (*KINDS[kind].states, ARCHIVED)
        if self.status not in {None, *states}:
            fault = Fault("status", f"must be one of {', '.join(states)}")
            raise Invalid(f"Some parameters are not right: status {fault.message}.", fields=[fault])
        return ListFilter(kind, self.q, self.status)


class ResourceQuery(Form):
    """One resource."""

    companyId: str | None = None  # noqa: N815


class DeleteQuery(ResourceQuery):
    """The resource that is deleted, and the revision that was seen."""

    revision: Annotated[int | None, BeforeValidator(lambda value: int(value) if str(value).isdigit() else value)] = None


class CampaignSettings(Form):
    """A campaign's settings."""

    dailyLimit: DailyLimit  # noqa: N815
    timezone: Zone
    trackOpens: bool  # noqa: N815
    trackClicks: bool  # noqa: N815


class NewCampaign(Form):
    """`POST /api/campaigns`."""

    companyId: str | None = None  # noqa: N815
    name: Name
    key: CampaignKey | None = None
    settings: CampaignSettings

    def values(self) -> CampaignValues:
        """Return what a campaign is made of."""
        chosen = self.settings
        return CampaignValues(
            self.name, self.key or "", chosen.dailyLimit, chosen.timezone, chosen.trackOpens, chosen.trackClicks
        )


class CampaignSettingsPatch(Form):
    """Those of the settings that change."""

    dailyLimit: DailyLimit | None = None  # noqa: N815
    timezone: Zone | None = None
    trackOpens: bool | None = None  # noqa: N815
    trackClicks: bool | None = None  # noqa: N815


class CampaignPatch(Form):
    """`PATCH /api/campaigns/<id>`: what changes; a revision refuses an edit of an older one."""

    companyId: str | None = None  # noqa: N815
    name: Name | None = None
    key: CampaignKey | None = None
    settings: CampaignSettingsPatch | None = None
    status: str | None = None
    reason: Annotated[str, Field(max_length=150)] = ""
    archived: bool | None = None
    revision: Revision | None = None

    def merge(self, old: CampaignValues) -> CampaignValues:
        """Return the values with what changes."""
        given = self.settings or CampaignSettingsPatch()
        return CampaignValues(
            name=_or(self.name, old.name), key=_or(self.key, old.key),
            daily_limit=_or(given.dailyLimit, old.daily_limit), timezone=_or(given.timezone, old.timezone),
            track_opens=_or(given.trackOpens, old.track_opens), track_clicks=_or(given.trackClicks, old.track_clicks),
        )  # fmt: skip


TemplateKey = Annotated[str, _text(lambda text: parse_key("template", text))]
Subject = Annotated[str, _text(read_subject)]
Source = Annotated[str, _text(read_source)]
Category = Annotated[str, _text(lambda text: read_category(text) or "")]


def _names(value: Any) -> Any:
    is_right = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return read_variables(value) if is_right else value


Variables = Annotated[list[str], BeforeValidator(_names)]


class NewTemplate(Form):
    """`POST /api/templates`."""

    companyId: str | None = None  # noqa: N815
    name: Name
    key: TemplateKey | None = None
    subject: Subject = ""
    content: Source = ""
    text: Source = ""
    category: Category = ""
    variables: Variables = Field(default_factory=list)
    active: bool = False
    note: Annotated[str, Field(max_length=150)] = ""

    def values(self) -> TemplateValues:
        """Return what a template is made of."""
        return TemplateValues(
            self.name, self.key or "", self.subject, self.content, self.text, self.category or None, self.variables,
            {}, self.active,
        )  # fmt: skip


class TemplatePatch(Form):
    """`PATCH /api/templates/<id>`: what changes; a revision refuses an edit of an older one."""

    companyId: str | None = None  # noqa: N815
    name: Name | None = None
    key: TemplateKey | None = None
    subject: Subject | None = None
    content: Source | None = None
    text: Source | None = None
    category: Category | None = None
    variables: Variables | None = None
    active: bool | None = None
    note: Annotated[str, Field(max_length=150)] = ""
    archived: bool | None = None
    revision: Revision | None = None

    def merge(self, old: TemplateValues) -> TemplateValues:
        """Return the values with what changes."""
        return TemplateValues(
            name=_or(self.name, old.name), key=_or(self.key, old.key), subject=_or(self.subject, old.subject),
            content=_or(self.content, old.content), text=_or(self.text, old.text),
            category=_or(self.category, old.category) or None, variables=_or(self.variables, old.variables),
            samples=old.samples, is_active=_or(self.active, old.is_active),
        )  # fmt: skip


def _or(value: Any, old: Any) -> Any:
    return old if value is None else value


def read(model: Any, body: Any) -> Any:
    """Return the checked body; raises Invalid naming every field at fault."""
    checked = read_form(model, body)
    refuse_suspect(body)
    return checked


def read_id(text: str) -> UUID | None:
    """Return an id, or None for text that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
