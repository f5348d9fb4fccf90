"""A campaign as people fill it in."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from uuid_utils.compat import uuid7
from wtforms import ValidationError
from wtforms.fields import BooleanField, StringField

from dashboard.forms.resources import RegisteredForm
from dashboard.forms.values import parse_key
from dashboard.models import Campaign
from dashboard.models.base import MAX_NAME
from dashboard.models.campaigns import MAX_DAILY_LIMIT
from dashboard.services.campaigns import CampaignValues, values_of


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all time zones of the IANA database."""
    return tuple(sorted(available_timezones() - {"Factory", "localtime"}))


def read_name(text: str) -> str:
    """Return a name trimmed and in normal form C; raises ValueError with a sentence."""
    name = unicodedata.normalize("NFC", text[: 8 * MAX_NAME]).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise ValueError(f"must have 1 to {MAX_NAME} characters")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise ValueError("must not contain control characters")
    return name


def read_limit(value: Any) -> int:
    """Return a daily limit; raises ValueError with a sentence."""
    text = str(value).strip().replace(",", "").replace("\u202f", "") if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10:
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int) or not 1 <= text <= MAX_DAILY_LIMIT:
        raise ValueError(f"must be a whole number from 1 to {MAX_DAILY_LIMIT:,}")
    return text


def read_zone(text: str) -> str:
    """Return the name of a time zone; raises ValueError with a sentence."""
    if text not in zones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return text


class CampaignForm(RegisteredForm):
    """Name, key and settings."""

    name = StringField("Name")
    key = StringField("Key")
    daily_limit = StringField("Daily limit")
    timezone = StringField("Time zone")
    track_opens = BooleanField("Opens are tracked")
    track_clicks = BooleanField("Clicks are tracked")

    @classmethod
    def empty(cls, timezone: str, values: CampaignValues | None = None) -> CampaignForm:
        """Return the form of a new campaign, filled in with what it is copied from."""
        values = values or CampaignValues("", "", 1_000, timezone)
        return cls._filled(values, id=str(uuid7()))

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignForm:
        """Return the form of a campaign."""
        return cls._filled(values_of(campaign), revision=str(campaign.revision))

    @classmethod
    def _filled(cls, values: CampaignValues, **hidden: str) -> CampaignForm:
        return cls(
            formdata=None, name=values.name, key=values.key, daily_limit=str(values.daily_limit),
            timezone=values.timezone, track_opens=values.track_opens, track_clicks=values.track_clicks, **hidden,
        )  # fmt: skip

    @property
    def values(self) -> CampaignValues:
        """What was filled in, once it was found right."""
        return CampaignValues(
            read_name(self.name.data), parse_key("campaign", self.key.data) if self.key.data else "",
            read_limit(self.daily_limit.data), self.timezone.data, self.track_opens.data, self.track_clicks.data,
        )  # fmt: skip

    def validate_name(self, field: StringField) -> None:
        """Take 1 to 100 characters on one line."""
        _say("The name", read_name, field.data or "")

    def validate_key(self, field: StringField) -> None:
        """Take a key, or nothing: then it is made from the name."""
        if field.data:
            _say("The key", lambda text: parse_key("campaign", text), field.data)

    def validate_daily_limit(self, field: StringField) -> None:
        """Take a whole number within the limits."""
        _say("The daily limit", read_limit, field.data or "")

    def validate_timezone(self, field: StringField) -> None:
        """Take a zone of the IANA database."""
        _say("The time zone", read_zone, field.data or "")


def _say(what: str, read: Any, text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise ValidationError(f"{what} {error}.") from error
