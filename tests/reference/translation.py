"""From the words of the recordings to ours: keys, companies, arguments, rows and refusals."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

MAX_KEY = 200
SIX = ("sent", "delivered", "opened", "clicked", "replied", "bounced")

# Control characters cannot stand in a key of ours; their pictures (U+2400 and on) stand in for them.
PICTURES = {code: 0x2400 + code for code in range(32)} | {127: 0x2421}

# Names beyond ASCII as mailboxes and domains keep them; 😀 has no such form and stays as it is.
IDNA = {"ünïcödé-é": "xn--ncd--dpab1b7c8b", "日本語": "xn--wgv71a119e", "é": "xn--9ca"}

# What we answer where the reference refuses. Whoever has no key is told so before anything else.
STATUSES = {
    "validation": {400, 422},
    "rejected": {400, 422},
    "error": {400},
    "limit": {422},
    "unauthenticated": {401},
    "forbidden": {403},
}


def sent_key(text: str) -> str:
    """Return the resource id as it is sent: visible, and short enough to be a key; one to one."""
    text = text.translate(PICTURES)
    if len(text) <= MAX_KEY:
        return text
    return text[: MAX_KEY - 32] + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def held_key(kind: str, text: str) -> str:
    """Return the resource id as it comes back: mailboxes and domains in lower case and in IDNA form."""
    key = unicodedata.normalize("NFC", sent_key(text))
    return IDNA.get(key.lower(), key.lower()) if kind in {"mailbox", "domain"} else key


@dataclass(frozen=True)
class Row:
    """One row of the recordings, its key as we hold it."""

    company: str
    type: str
    key: str
    day: str
    metrics: tuple[int, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What the row is about."""
        return (self.company, self.type, self.key, self.day)

    @property
    def shown(self) -> tuple[object, ...]:
        """What a reader within its company sees."""
        return (self.day, self.key, self.type, self.metrics)


def read_row(document: Mapping[str, Any]) -> Row:
    """Return the row that a document of the recordings holds."""
    return Row(
        company=document["companyId"].removeprefix("@"),
        type=document["type"],
        key=held_key(document["type"], document["resourceId"]),
        day=document["date"],
        metrics=six(document["metrics"]),
        created_at=instant(document["createdAt"]),
        updated_at=instant(document["updatedAt"]),
    )


def six(metrics: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the six counts in our order."""
    return tuple(metrics[name] for name in SIX)


def total(rows: Iterable[Row]) -> tuple[int, ...]:
    """Return the six sums."""
    return tuple(map(sum, zip(*(row.metrics for row in rows), strict=True))) or (0,) * len(SIX)


def shown(details: Iterable[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """Return the rows of an answer, in its order."""
    return [(one["date"], one["resourceId"], one["type"], six(one["metrics"])) for one in details]


def instant(milliseconds: int) -> datetime:
    """Return the instant of a number of milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def day(text: str) -> date:
    """Return a day of the recordings."""
    return date.fromisoformat(text)


def number(value: Any) -> Any:
    """Return the value with the numbers that JSON lacks in their places."""
    if isinstance(value, dict):
        if "$num" in value:
            return float(value["$num"])
        return {name: number(one) for name, one in value.items()}
    return [number(one) for one in value] if isinstance(value, list) else value


def written(value: Any) -> str:
    """Return an argument as it stands in an address: text as it is, everything else as JSON writes it."""
    if isinstance(value, str):
        return value
    return value["$num"] if isinstance(value, dict) else json.dumps(value)


def bound(text: str, slugs: Mapping[str, str]) -> str:
    """Return the text with our slugs where the ids of companies stand; other ids stay, for they name nothing."""
    return re.sub(r"@(c\d+)\b", lambda found: slugs.get(found[1], found[0]), text)
