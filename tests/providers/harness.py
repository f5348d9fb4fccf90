"""What the tests of all providers share: payload files, and deliveries made of bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.providers.base import iso_of, iso_us
from dashboard.vocabulary.events import Event
from dashboard.vocabulary.sources import Connection, ReceivedDelivery, SourceSecrets

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
URL = "https://hooks.example.com/webhook/x/token"
_INSTANTS = {"at_us": "at", "sent_at_us": "sent_at"}


@dataclass(frozen=True)
class Case:
    """A payload file: the request's body and headers, and what must be read from it.

    `body` is JSON and sent compactly, or `raw` is the body's text as it stands (for forms, line ends, broken JSON).
    `expected.events` name only what differs from an empty event; instants are RFC 3339. `expected.unreadable` is a
    list of [place, a part of the reason]; `expected.refused` is a part of the reason when nothing can be read.
    """

    provider: str
    name: str
    delivery: ReceivedDelivery
    expected: dict[str, Any]


def load_cases() -> list[Case]:
    """Return every payload file."""
    return [_load(path) for path in sorted(PAYLOADS.glob("*/*.json"))]


def _load(path: Path) -> Case:
    content = json.loads(path.read_text())
    raw = content["raw"] if "raw" in content else json.dumps(content["body"], ensure_ascii=False, separators=(",", ":"))
    headers = {name.lower(): value for name, value in content.get("headers", {}).items()}
    return Case(path.parent.name, path.stem, make_delivery(raw.encode(), headers), content["expected"])


def make_delivery(
    body: bytes, headers: Mapping[str, str] = {}, url: str = URL, now: datetime = NOW
) -> ReceivedDelivery:
    """Return a delivery of these bytes; header names are given in lower case."""
    return ReceivedDelivery(body, dict(headers), now, url)


def connect(secret: str = "", **more: Any) -> Connection:
    """Return a connection with these secrets; `topics` and `certificate_of` may be given, too."""
    outer = {name: more.pop(name) for name in ("topics", "certificate_of") if name in more}
    return Connection(SourceSecrets("token", secret, **more), **outer)


def as_plain(event: Event) -> dict[str, Any]:
    """Return what differs from an empty event, as payload files write it."""
    empty = Event(type=event.type, at_us=0, message_id="")
    plain: dict[str, Any] = {"type": str(event.type)}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name == "type" or value == getattr(empty, field.name):
            continue
        if field.name in _INSTANTS:
            plain[_INSTANTS[field.name]] = iso_of(value)
        elif field.name == "metadata":
            plain["metadata"] = dict(value)
        else:
            plain[field.name] = list(value) if isinstance(value, tuple) else value
    return plain


def normal(expected: dict[str, Any]) -> dict[str, Any]:
    """Return an expected event with its instants in full, so that files may write them short."""
    return expected | {name: iso_of(iso_us(expected[name])) for name in _INSTANTS.values() if name in expected}
