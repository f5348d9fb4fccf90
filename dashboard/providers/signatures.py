"""Signatures over raw bytes: plain HMAC-SHA256, and Standard Webhooks.

Sources: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
Malformed input of any kind is a signature that does not match, never an exception; an empty secret matches nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"
MAX_ID = 255  # characters of a `webhook-id`, which is remembered


def is_hex_hmac(header: str, body: bytes, secrets: Iterable[str]) -> bool:
    """Say whether the header is the hex HMAC-SHA256 of the body under a secret, with or without `sha256=`."""
    try:
        given = bytes.fromhex(header.strip().removeprefix("sha256="))
    except ValueError:
        return False
    return _any_matches([given], body, secrets)


def is_standard_webhook(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> bool:
    """Say whether the three `webhook-*` headers sign the body under one of the secrets.

    The signed bytes are `id.timestamp.body`; the timestamp, in whole seconds, may be TOLERANCE away from now on
    either side; one `v1` entry of the space-separated list must match, others are passed over.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 1 <= len(webhook_id) <= MAX_ID or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    given = []
    for entry in headers.get("webhook-signature", "").split():
        version, _, text = entry.partition(",")
        decoded = _base64(text) if version == "v1" else None
        if decoded:
            given.append(decoded)
    signed = f"{webhook_id}.{timestamp}.".encode("latin-1", "replace") + body  # headers come as latin-1
    return _any_matches(given, signed, secrets)


def sign_hex(body: bytes, secret: str) -> str:
    """Return what `x-webhook-signature` carries."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def sign_standard(webhook_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """Return what `webhook-signature` carries."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_keys(secret)[-1], signed, hashlib.sha256)).decode()


def _any_matches(given: list[bytes], signed: bytes, secrets: Iterable[str]) -> bool:
    """Compare in constant time; the first secret that fits is enough."""
    for secret in secrets:
        for key in _keys(secret):
            expected = hmac.digest(key, signed, hashlib.sha256)
            if any(hmac.compare_digest(expected, one) for one in given):
                return True
    return False


def _keys(secret: str) -> list[bytes]:
    """Return the key bytes that a secret stands for: its text, and for `whsec_` what it encodes.

    Programs disagree on which of the two signs; both are equally secret.
    """
    if not secret:
        return []
    keys = [secret.encode()]
    if secret.startswith(PREFIX):
        decoded = _base64(secret.removeprefix(PREFIX))
        if decoded:
            keys.append(decoded)
    return keys


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
