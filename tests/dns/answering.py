"""Look-ups from a table, for tests that need no network."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dashboard.dns.answers import Answer, AnswerState

# Of 768 bits; cryptography makes no such weak keys any more, but reads them.
WEAK_KEY = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAM5+Zl7/DBbJ15esJZzOnmHK1zpn2eHXMh2+86GXPU42RBsQtc1vf+iNGrxCtP+JLHNxiW0G4xq4VQKR"
    "yg5aFX1DYEVITbginqcv5pV85AWx9NgE7Pv4olYl02+lPMgV+wIDAQAB"
)


def make_key(bits: int) -> str:
    """Return the base64 text of a new RSA key."""
    raw = (
        rsa.generate_private_key(65537, bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(raw).decode()


KEY_1024, KEY_2048 = make_key(1024), make_key(2048)
KEY_ED25519 = base64.b64encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


class Table:
    """A look-up from a table of `"name TYPE": [values]`; `asked` has the questions in their order.

    A string instead of values is why the look-up failed. `chains` has the CNAMEs that led from a name.
    """

    def __init__(self, records: dict[str, list[str] | str], chains: dict[str, list[str]] | None = None) -> None:
        self.records, self.chains, self.asked = dict(records), chains or {}, []

    def __call__(self, name: str, type_: str) -> Answer:
        self.asked.append(f"{name} {type_}")
        found, chain = self.records.get(f"{name} {type_}"), tuple(self.chains.get(name, ()))
        if isinstance(found, str):
            return Answer(name, type_, AnswerState.FAILED, chain=chain, reason=found)
        if found:
            return Answer(name, type_, AnswerState.FOUND, tuple(found), chain, 300)
        exists = any(key.partition(" ")[0] == name for key in self.records)
        return Answer(name, type_, AnswerState.NODATA if exists else AnswerState.NXDOMAIN, chain=chain)
