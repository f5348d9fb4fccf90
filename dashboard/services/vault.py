"""Secrets at rest: encrypted with the data keys, the first of which is current (Fernet, via MultiFernet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

import orjson
from cryptography.fernet import Fernet, MultiFernet

from dashboard.vocabulary.sources import SourceSecrets


class Vault:
    """Seals and opens the secrets of sources; opened ones are remembered by their ciphertext."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self.open = lru_cache(maxsize=1024)(self._open)

    def seal(self, secrets: SourceSecrets) -> bytes:
        """Encrypt the secrets of one source."""
        return self._fernet.encrypt(orjson.dumps(asdict(secrets)))

    def _open(self, sealed: bytes) -> SourceSecrets:
        fields = orjson.loads(self._fernet.decrypt(sealed))
        for name in ("old_until", "trial_until"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields.get(name) else None
        return SourceSecrets(**fields)
