"""What a source is to those who check its signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.vocabulary.people import CompanyRef


@dataclass(frozen=True, slots=True)
class SealedSource:
    """A source whose secrets are still encrypted, and the company it belongs to."""

    id: int
    name: str
    company: CompanyRef
    is_paused: bool
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SourceSecrets:
    """What a source and its sender share: the address token, and the secrets that are valid.

    During a rotation two secrets are valid; the older one until `old_until`.
    """

    token: str
    secret: str
    old_secret: str = ""
    old_until: datetime | None = None
    public_key: str = ""

    def valid(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets that may sign at this instant, the current one first; an empty one never may."""
        secrets = [self.secret]
        if self.old_until is not None and now < self.old_until:
            secrets.append(self.old_secret)
        return tuple(secret for secret in secrets if secret)


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """One request as it came: raw bytes, lower-cased header names, and when."""

    body: bytes
    headers: dict[str, str]
    received_at: datetime
