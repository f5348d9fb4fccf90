"""Resource keys: the text by which providers and programs name a campaign, template, mailbox or domain."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import idna

from dashboard.vocabulary.analytics import ResourceType

MAX_KEY = 200  # code points
_BY_NAME = frozenset({ResourceType.MAILBOX, ResourceType.DOMAIN})


def normal_form(kind: str, text: str) -> str:
    """Return the form in which keys are compared: mailboxes and domains in IDNA and without case, others in NFC."""
    key = unicodedata.normalize("NFC", text)
    if kind in _BY_NAME:
        local, at, domain = key.lower().rpartition("@")
        key = local + at + _ascii_domain(domain)
    return key


@lru_cache(maxsize=65_536)
def read_key(kind: str, text: str) -> str:
    """Return the key that a provider's text stands for: cleaned rather than refused, '' where nothing is left."""
    cleaned = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text[: 4 * MAX_KEY])
    return normal_form(kind, cleaned).strip()[:MAX_KEY].strip()


def _ascii_domain(domain: str) -> str:
    """Return the domain in its ASCII form where it has one; other text is a key all the same."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def shown_domain(name: str) -> str:
    """Return a domain as people write it: in the letters of its language where it has some."""
    try:
        return idna.decode(name) if "xn--" in name else name
    except idna.IDNAError:
        return name
