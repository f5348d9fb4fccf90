"""A domain as people fill it in: its name, who sends for it, and what differs by account."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7
from wtforms import ValidationError
from wtforms.fields import BooleanField, StringField

from dashboard.dns import senders
from dashboard.dns.senders import PROVIDERS, SELECTORS, asks_for, title_of
from dashboard.forms.resources import RegisteredForm
from dashboard.models import Domain
from dashboard.services.domains import DomainValues, values_of

_LABELS = {SELECTORS: "DKIM selectors", senders.RETURN_PATH: "Return path", senders.TRACKING: "Tracking host"}


class DomainForm(RegisteredForm):
    """The fields of each provider are added below: `sendgrid`, `sendgrid_selectors`, and so on."""

    name = StringField("Domain")
    tracks_replies = BooleanField("Replies are received at this domain by a provider")

    @classmethod
    def empty(cls, name: str = "") -> DomainForm:
        """Return the form of a new domain."""
        return cls(formdata=None, id=str(uuid7()), name=name)

    @classmethod
    def of(cls, domain: Domain) -> DomainForm:
        """Return the form of a domain."""
        values = values_of(domain)
        shown: dict[str, Any] = {f"{slug}_{setting}": "" for slug in PROVIDERS for setting in asks_for(slug)}
        shown |= {slug: slug in values.providers for slug in PROVIDERS}
        for setting, by_provider in values.config.items():
            for slug, value in by_provider.items():
                shown[f"{slug}_{setting}"] = ", ".join(value) if isinstance(value, list) else value
        return cls(
            formdata=None,
            name=values.name,
            tracks_replies=values.tracks_replies,
            revision=str(domain.revision),
            **shown,
        )

    @property
    def providers(self) -> list[str]:
        """The providers that were chosen."""
        return [slug for slug in PROVIDERS if self[slug].data]

    @property
    def values(self) -> DomainValues:
        """What was filled in, once it was found right."""
        given: dict[str, dict[str, Any]] = {}
        for slug in self.providers:
            for setting in asks_for(slug):
                given.setdefault(setting, {})[slug] = self[f"{slug}_{setting}"].data or ""
        domain = (self.name.data or "").strip().lower()
        config = senders.read_config(self.providers, given, domain)
        return DomainValues(self.name.data or "", self.providers, config, self.tracks_replies.data)

    @property
    def fields_shown(self) -> list[str]:
        """The names of all fields that a person sees, for showing two versions beside each other."""
        return [name for name in self._fields if name not in {"id", "revision", "csrf_token"}]


def _check_selectors(_form: DomainForm, field: StringField) -> None:
    _say(field, lambda text: senders.read_selectors(senders.split_selectors(text)), field.data or "")


def _check_host(form: DomainForm, field: StringField) -> None:
    _say(field, lambda text: senders.read_host(text, (form.name.data or "").strip().lower()), field.data or "")


def _say(field: StringField, read: Any, text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise ValidationError(f"{field.label.text}: this {error}.") from error


for _slug in PROVIDERS:
    setattr(DomainForm, _slug, BooleanField(title_of(_slug)))
    for _setting in asks_for(_slug):
        _check = _check_selectors if _setting == SELECTORS else _check_host
        setattr(DomainForm, f"{_slug}_{_setting}", StringField(f"{_LABELS[_setting]} of {title_of(_slug)}", [_check]))
