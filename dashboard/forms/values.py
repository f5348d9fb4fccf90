"""The values that several forms share: days, resource keys, types."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo

from dashboard.vocabulary.keys import MAX_KEY, normal_form

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST = date(1970, 1, 1)
# Normal form C makes at most one character of four; putting marks in order takes quadratic time, so no more are read.
LONGEST_KEY = 4 * MAX_KEY

ReportableType = Literal["campaign", "template", "mailbox", "domain"]
BasisName = Literal["sent", "event"]


def parse_day(value: Any) -> date:
    """Return the day that `YYYY-MM-DD` names; raises ValueError with a sentence."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a day such as 2026-11-22")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
    if day < EARLIEST:
        raise ValueError("lies before 1970")
    return day


def parse_reported_day(value: Any, info: ValidationInfo) -> date:
    """Return a day that numbers may be reported for: at most one day ahead of the company's today."""
    day = parse_day(value)
    last = (info.context or {})["today"] + timedelta(days=1)
    if day > last:
        raise ValueError(f"lies more than one day in the future (the last day taken now is {last})")
    return day


def parse_key(kind: str, value: str) -> str:
    """Return the resource key as it is stored; raises ValueError with a sentence.

    Names of mailboxes and domains are compared without regard to case and in IDNA form; others by code point in
    normal form C.
    """
    if len(value) > LONGEST_KEY:
        raise ValueError(_too_long(value))
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise ValueError("must not contain control characters or lone surrogates")
    key = normal_form(kind, value)
    if not key.strip():
        raise ValueError("must not be empty")
    if len(key) > MAX_KEY:
        raise ValueError(_too_long(key))
    return key


def _too_long(key: str) -> str:
    return f"has {len(key):,} characters; at most {MAX_KEY} are taken"


Day = Annotated[date, BeforeValidator(parse_day)]
ReportedDay = Annotated[date, BeforeValidator(parse_reported_day)]
