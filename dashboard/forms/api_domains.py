"""Domains as programs send them, in camelCase."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from dashboard.dns import senders
from dashboard.dns.names import MAX_NAME
from dashboard.forms.api_resources import Revision
from dashboard.forms.reading import Form
from dashboard.services.domains import DomainValues


def _selectors(given: dict[str, list[str]]) -> dict[str, list[str]]:
    senders.read_providers(given)
    return {slug: senders.read_selectors(one) for slug, one in given.items()}


def _hosts(given: dict[str, str]) -> dict[str, str]:
    senders.read_providers(given)
    return {slug: senders.read_host(one) for slug, one in given.items()}


Text = Annotated[str, Field(max_length=MAX_NAME)]
Providers = Annotated[list[str], Field(max_length=100), AfterValidator(senders.read_providers)]
Selectors = Annotated[dict[str, Annotated[list[Text], Field(max_length=50)]], AfterValidator(_selectors)]
Hosts = Annotated[dict[str, Text], AfterValidator(_hosts)]


class DomainConfig(Form):
    """What differs by account, by the slug of the provider; hosts are the part before the domain."""

    selectors: Selectors = Field(default_factory=dict)
    returnPaths: Hosts = Field(default_factory=dict)  # noqa: N815  # the API speaks camelCase
    tracking: Hosts = Field(default_factory=dict)

    def as_given(self) -> dict[str, dict[str, Any]]:
        """Return the settings by our own names."""
        return {
            senders.SELECTORS: dict(self.selectors), senders.RETURN_PATH: dict(self.returnPaths),
            senders.TRACKING: dict(self.tracking),
        }  # fmt: skip


class NewDomain(Form):
    """`POST /api/domains`."""

    companyId: str | None = None  # noqa: N815
    name: Annotated[str, Field(max_length=4 * MAX_NAME)]
    providers: Providers = Field(default_factory=list)
    config: DomainConfig = Field(default_factory=DomainConfig)
    tracksReplies: bool = False  # noqa: N815

    def values(self) -> DomainValues:
        """Return what a domain is made of; its name is read by the service."""
        config = senders.read_config(self.providers, self.config.as_given())
        return DomainValues(self.name, self.providers, config, self.tracksReplies)


class DomainPatch(Form):
    """`PATCH /api/domains/<id>`: what changes; a revision refuses an edit of an older one."""

    companyId: str | None = None  # noqa: N815
    providers: Providers | None = None
    config: DomainConfig | None = None
    tracksReplies: bool | None = None  # noqa: N815
    archived: bool | None = None
    revision: Revision | None = None

    def merge(self, old: DomainValues) -> DomainValues:
        """Return the values with what changes; settings of providers that no more send go."""
        providers = old.providers if self.providers is None else self.providers
        given = old.config if self.config is None else self.config.as_given()
        tracks = old.tracks_replies if self.tracksReplies is None else self.tracksReplies
        return DomainValues(old.name, providers, senders.read_config(providers, given), tracks)
