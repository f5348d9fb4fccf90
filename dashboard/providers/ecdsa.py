"""ECDSA with P-256 and SHA-256, for those who sign with a private key: SendGrid.

Source: FIPS 186-5, section 6. Malformed keys and signatures match nothing; they are never an exception.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dashboard.providers.base import TrialKeys

_ALGORITHM = ec.ECDSA(hashes.SHA256())


def is_signed(public_keys: Iterable[str], signature: str, signed: bytes) -> bool:
    """Say whether the base64 text is a signature (DER) of these bytes by one of the keys, which are as people paste."""
    try:
        given = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    keys = [_read_public_key(pasted) for pasted in public_keys]
    return any(_matches(key, given, signed) for key in keys if key is not None)


def is_public_key(pasted: str) -> bool:
    """Say whether what somebody pasted is a key that signatures can be checked with."""
    return _read_public_key(pasted) is not None


def sign(private_key: bytes, signed: bytes) -> str:
    """Return the base64 signature of these bytes; the key is PEM."""
    return base64.b64encode(_read_private_key(private_key).sign(signed, _ALGORITHM)).decode()


def make_keys() -> TrialKeys:
    """Return a new pair of keys; the public half is base64 without lines around it, as SendGrid shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return TrialKeys(public_key=base64.b64encode(public).decode(), private_key=private)


@lru_cache(maxsize=256)
def _read_public_key(pasted: str) -> ec.EllipticCurvePublicKey | None:
    """Return the key of base64 or PEM; None when it is no P-256 key."""
    bare = "".join(re.sub(r"-----[A-Z ]+-----", "", pasted).split())
    try:
        key = serialization.load_der_public_key(base64.b64decode(bare, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


@lru_cache(maxsize=4)
def _read_private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("The private key is not a key of an elliptic curve.")
    return key


def _matches(key: ec.EllipticCurvePublicKey, given: bytes, signed: bytes) -> bool:
    try:
        key.verify(given, signed, _ALGORITHM)
    except InvalidSignature:
        return False
    return True
