"""Cursors of pages: signed, and bound to the company and to what was asked; any other is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson

from dashboard.errors import BadRequest


def make_cursor(key: str, company_id: int, asked: object, position: Sequence[Any]) -> str:
    """Return the text that stands for a position in the answer to `asked`."""
    payload = orjson.dumps(list(position))
    return base64.urlsafe_b64encode(_mac(key, company_id, asked, payload) + payload).decode().rstrip("=")


def read_cursor(key: str, company_id: int, asked: object, cursor: str) -> list[Any]:
    """Return the position; raises BadRequest for a cursor of another company or question, or not of our making."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        raw = b""
    mac, payload = raw[:16], raw[16:]
    if not payload or not hmac.compare_digest(mac, _mac(key, company_id, asked, payload)):
        message = "This cursor does not belong to this question. Start again without one."
        raise BadRequest(message, code="invalid_cursor")
    position: list[Any] = orjson.loads(payload)
    return position


def _mac(key: str, company_id: int, asked: object, payload: bytes) -> bytes:
    context = f"cursor {company_id} {asked!r} ".encode("utf-8", "backslashreplace")
    return hmac.digest(key.encode(), context + payload, hashlib.sha256)[:16]
