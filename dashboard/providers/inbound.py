"""Inbound mail: whether a person or a program answered, and what was answered.

Sources: RFC 5322 (In-Reply-To, References), RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

from dashboard.providers.base import MAX_ADDRESS, MAX_ID, Unreadable, address_of, text
from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.sources import ReceivedDelivery

MAX_ANSWERED = 50  # ids kept of one mail's In-Reply-To and References
_ROBOT_PRECEDENCE = {"auto_reply", "auto-reply", "bulk", "junk"}
_MAX_HEADER = 20_000  # characters read of one header
_MAX_HEADERS = 200_000  # characters read of all headers of a mail
_MAX_FIELDS = 1_000  # of a form
_OLDEST, _AHEAD = timedelta(days=7), timedelta(minutes=10)  # of a Date that can be believed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def header_map(value: Any) -> dict[str, str]:
    """Return headers by lower-cased name; equal ones are joined by a space.

    Providers write them as an object (of texts or lists), as a list of objects with name and value (or key), or as
    pairs; whatever has another form is passed over.
    """
    found: dict[str, str] = {}
    for name, content in _entries(value):
        parts = content if isinstance(content, list) else [content]
        for part in parts:
            if isinstance(name, str) and isinstance(part, str):
                key = name.strip().lower()
                found[key] = f"{found[key]} {part}"[:_MAX_HEADER] if key in found else part[:_MAX_HEADER]
    return found


def is_auto_reply(headers: Mapping[str, str]) -> bool:
    """Say whether a program wrote the mail: an absence note, a bounce, a mailing list. Names are lower-cased."""
    submitted = headers.get("auto-submitted", "").partition(";")[0].strip().lower()
    if submitted not in {"", "no"} or headers.get("precedence", "").strip().lower() in _ROBOT_PRECEDENCE:
        return True
    if "x-autoreply" in headers or "x-autorespond" in headers:
        return True
    if "x-auto-response-suppress" in headers and answered_ids(headers):
        return True
    return address_of(headers.get("from", "")).startswith("mailer-daemon@")


def answered_ids(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the Message-IDs that a mail answers, without angle brackets: In-Reply-To's first, then References'."""
    found: dict[str, None] = {}
    for name in ("in-reply-to", "references"):
        content = headers.get(name, "")[:_MAX_HEADER]
        ids = re.findall(r"<\s*([^<>\s]+)\s*>", content) or [one for one in content.split() if "@" in one]
        found.update(dict.fromkeys(text(one, MAX_ID) for one in ids))
    return tuple(found)[:MAX_ANSWERED]


def read_reply(
    headers: Mapping[str, str], *, at_us: int, sender: Any = "", subject: Any = "", event_id: Any = ""
) -> Event:
    """Return what an inbound mail means: a reply, an automatic one, or nothing when it answers no mail.

    Names of headers are lower-cased; `sender` is who wrote it, where the provider says so outside the headers.
    """
    answered = answered_ids(headers)
    if not answered:
        return Event(type=EventType.IGNORED, at_us=0, message_id="")
    author = address_of(sender) or address_of(headers.get("from", ""))
    is_automatic = is_auto_reply({"from": author, **headers})
    return Event(
        type=EventType.AUTORESPONDED if is_automatic else EventType.REPLIED,
        at_us=at_us,
        message_id="",
        recipient=author[:MAX_ADDRESS],
        provider_event_id=text(event_id, MAX_ID),
        subject=text(subject),
        in_reply_to=answered,
    )


def written_us(headers: Mapping[str, str], received_at: datetime) -> int:
    """Return microseconds of a mail's Date, or of its receipt where the Date is missing or cannot be right.

    For providers that tell no instant of their own. A Date may be a week old (queues) or ten minutes ahead.
    """
    try:
        written = parsedate_to_datetime(headers.get("date", ""))
        written = written if written.tzinfo else written.replace(tzinfo=UTC)
        is_plausible = received_at - _OLDEST <= written <= received_at + _AHEAD
    except (ValueError, TypeError, IndexError, OverflowError):
        return (received_at - _EPOCH) // timedelta(microseconds=1)
    return ((written if is_plausible else received_at) - _EPOCH) // timedelta(microseconds=1)


def mail_headers(mail: str) -> dict[str, str]:
    """Return the headers of a mail given as text, by lower-cased name; its body may follow or not."""
    return header_map([[name, str(value)] for name, value in HeaderParser().parsestr(mail[:_MAX_HEADERS]).items()])


def form_fields(delivery: ReceivedDelivery) -> dict[str, list[str]]:
    """Return the texts of a form by name, in order; files are passed over. Nothing when the body is no form.

    Raises Unreadable for more fields than anybody sends.
    """
    kind = delivery.headers.get("content-type", "")
    if kind.lower().startswith("application/x-www-form-urlencoded"):
        try:
            return parse_qs(
                delivery.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS
            )
        except ValueError as error:
            raise Unreadable(f"The form cannot be read: {error}") from error
    boundary = re.search(r'boundary="?([^";,\s]+)', kind) if kind.lower().startswith("multipart/form-data") else None
    return _parts(delivery.body, boundary[1].encode("latin-1", "replace")) if boundary else {}


def _parts(body: bytes, boundary: bytes) -> dict[str, list[str]]:
    """Return what a multipart body holds, cut at its boundary (RFC 7578)."""
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary, _MAX_FIELDS + 1)
    if len(parts) > _MAX_FIELDS:
        raise Unreadable("The form has too many fields.")
    found: dict[str, list[str]] = {}
    for part in parts[1:]:
        head, separator, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'[;\s]name="([^"\r\n]*)"', head)
        if separator and name and b"filename" not in head.lower():
            found.setdefault(name[1].decode("utf-8", "replace"), []).append(content.decode("utf-8", "replace"))
    return found


def _entries(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    entries: list[tuple[Any, Any]] = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, Mapping):
            named = {str(name).lower(): content for name, content in one.items()}
            entries.append((named.get("name", named.get("key")), named.get("value")))
        elif isinstance(one, list) and len(one) == 2:
            entries.append((one[0], one[1]))
    return entries
