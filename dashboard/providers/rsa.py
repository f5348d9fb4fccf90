"""RSA keys and PKCS #1 v1.5 signatures, for those who sign with a private key: Postal, and Amazon's topics.

Source: RFC 8017, section 8.2. Malformed keys and signatures match nothing; they are never an exception.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)

from dashboard.providers.base import TrialKeys

SHA1 = hashes.SHA1()  # noqa: S303  # what these providers sign with; nothing of ours rests on it
SHA256 = hashes.SHA256()
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm)


@lru_cache(maxsize=256)
def read_public_keys(pasted: str) -> tuple[RSAPublicKey, ...]:
    """Return the RSA keys in what people paste; nothing if it cannot be read.

    It may be PEM (a key, or certificates), a JSON Web Key Set, base64 DER, or a DKIM record with that behind `p=`.
    """
    try:
        return tuple(key for key in _read_any(pasted.strip()) if isinstance(key, RSAPublicKey))
    except MALFORMED:
        return ()


def is_public_key(pasted: str) -> bool:
    """Say whether what somebody pasted holds a key that signatures can be checked with."""
    return bool(read_public_keys(pasted))


def is_signed(keys: Iterable[RSAPublicKey], signature: str, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    """Say whether the base64 text is a signature of these bytes by one of the keys."""
    try:
        given = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    return any(_matches(key, given, signed, algorithm) for key in keys)


def sign(private_key: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> str:
    """Return the base64 signature of these bytes; the key is PEM."""
    return base64.b64encode(_read_private_key(private_key).sign(signed, padding.PKCS1v15(), algorithm)).decode()


def make_keys() -> TrialKeys:
    """Return a new pair of keys; the public half is PEM, as it is pasted."""
    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return TrialKeys(public_key=public.decode(), private_key=private)


@lru_cache(maxsize=4)
def _read_private_key(pem: bytes) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("The private key is not an RSA key.")
    return key


def _matches(key: RSAPublicKey, given: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(given, signed, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _read_any(pasted: str) -> list[Any]:
    if "-----BEGIN CERTIFICATE" in pasted:
        return [certificate.public_key() for certificate in x509.load_pem_x509_certificates(pasted.encode())]
    if "-----BEGIN" in pasted:
        return [serialization.load_pem_public_key(pasted.encode())]
    if pasted.startswith("{"):
        return [_read_jwk(one) for one in orjson.loads(pasted)["keys"]]
    record = re.search(r'(?:^|[;\s"])p=([^;]*)', pasted)
    encoded = re.sub(r'[\s"]', "", record[1] if record else pasted)
    return [serialization.load_der_public_key(base64.b64decode(encoded, validate=True))]


def _read_jwk(key: dict[str, str]) -> RSAPublicKey:
    return RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()


def _number(encoded: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)), "big")
