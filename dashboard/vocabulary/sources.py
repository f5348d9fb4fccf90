"""What a source is to those who check its signatures."""

from __future__ import annotations

from collections.abc import Callable
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
    kind: str = "generic"
    topics: tuple[str, ...] = ()  # that may speak to it; the first one that does is kept


@dataclass(frozen=True, slots=True)
class SourceSecrets:
    """What a source and its sender share: the address token, and what is valid to sign with.

    `secret` is a signing secret, an API key, or `user:password`; `public_key` is what a provider publishes that signs
    with a private key. During a rotation the older ones are valid, too, until `old_until`. While traffic is being
    simulated its own secret and key are valid beside them, until `trial_until`.
    """

    token: str
    secret: str = ""
    old_secret: str = ""
    old_until: datetime | None = None
    public_key: str = ""
    old_public_key: str = ""
    trial_secret: str = ""
    trial_public_key: str = ""
    trial_until: datetime | None = None

    def valid(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets that may sign at this instant, the current one first; an empty one never may."""
        return self._valid(now, self.secret, self.old_secret, self.trial_secret)

    def public_keys(self, now: datetime) -> tuple[str, ...]:
        """Return the public keys that are valid at this instant, the current one first."""
        return self._valid(now, self.public_key, self.old_public_key, self.trial_public_key)

    def _valid(self, now: datetime, current: str, old: str, trial: str) -> tuple[str, ...]:
        found = [current]
        if self.old_until is not None and now < self.old_until:
            found.append(old)
        if self.trial_until is not None and now < self.trial_until:
            found.append(trial)
        return tuple(one for one in found if one)


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """One request as it came: raw bytes, lower-cased header names, when, and the public address it came to."""

    body: bytes
    headers: dict[str, str]
    received_at: datetime
    url: str = ""


class NoCertificate(Exception):
    """A signer's certificate cannot be fetched now; the sender should come again."""


def no_certificates(url: str) -> bytes:
    """Look up no certificate; the default where nobody gave a look-up."""
    raise NoCertificate(f"There is no way to fetch {url}.")


@dataclass(frozen=True, slots=True)
class Connection:
    """What checks a delivery: the source's secrets, the topics that may speak to it, and a look-up of certificates.

    `certificate_of` returns the PEM behind an address that the adapter has found to be the provider's; raises
    NoCertificate when it cannot be had now.
    """

    secrets: SourceSecrets
    topics: tuple[str, ...] = ()
    certificate_of: Callable[[str], bytes] = no_certificates
