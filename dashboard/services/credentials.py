"""Secrets that we make, and for whom: some providers take ours, others show their own."""

from __future__ import annotations

import base64
import secrets

from dashboard.providers.base import Adapter, Secret


def make_secret_for(adapter: Adapter) -> str:
    """Return a new secret where the provider lets us choose it, else nothing.

    A topic that speaks for its provider cannot be given a user and a password, so it gets none unasked.
    """
    if adapter.guide.secret is Secret.OURS:
        return make_secret()
    if adapter.guide.secret is Secret.BASIC and not speaks_through_topics(adapter):
        return make_credentials()
    return ""


def make_secret() -> str:
    """Return a signing secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def make_credentials() -> str:
    """Return a user and a password that may stand in an address as they are."""
    return f"sendscope:{secrets.token_urlsafe(24)}"


def speaks_through_topics(adapter: Adapter) -> bool:
    """Say whether the provider's deliveries come through topics, which can be pinned."""
    return hasattr(adapter, "subscription")
