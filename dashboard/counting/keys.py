"""Keys: 16-byte digests by which a message and an event are the same wherever and however often they are told."""

from __future__ import annotations

from hashlib import blake2b

_SIZE = 16


def message_key(source_id: int, message_id: str, recipient: str) -> bytes:
    """Return the key of a message: one mail to one recipient (lower-cased), as one source names it."""
    return blake2b(f"{source_id}\0{message_id}\0{recipient}".encode("utf-8", "replace"), digest_size=_SIZE).digest()


def alias_key(alias: str, recipient: str) -> bytes:
    """Return the key of another name of a message, such as its Message-ID; the same for all sources of a company."""
    return blake2b(f"\0{alias}\0{recipient}".encode("utf-8", "replace"), digest_size=_SIZE).digest()


def event_key(message: bytes, kind: str, at_us: int, url: str) -> bytes:
    """Return the key of an event: its message, type, instant as the provider gave it, and address.

    The provider's own event id is left out: it is seen to change when the same event is told again.
    """
    return blake2b(f"{kind}\0{at_us}\0{url}".encode("utf-8", "replace"), key=message, digest_size=_SIZE).digest()
