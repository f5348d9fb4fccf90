"""Reading a DKIM key record (RFC 6376, section 3.6.1; Ed25519 by RFC 8463)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from dashboard.dns.tags import Tags, read_tags

MIN_BITS = 1024
GOOD_BITS = 2048
ED25519_BYTES = 32


@dataclass(frozen=True, slots=True)
class DkimReport:
    """What is known of a selector's key; `errors` make every signature fail, '' as algorithm means no key at all."""

    texts: tuple[str, ...] = ()
    algorithm: str = ""
    bits: int | None = None
    is_revoked: bool = False
    is_testing: bool = False
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def examine(values: tuple[str, ...]) -> DkimReport:
    """Return what the texts of a selector are worth; no text is no record."""
    texts = tuple(dict.fromkeys(text for text in values if looks_like_key(text)))
    if not texts:
        near = ("There is a text, but it is not a DKIM key: it has no p=.",) if values else ()
        return DkimReport(values, errors=near)
    if len(texts) > 1:
        return DkimReport(texts, errors=(f"There are {len(texts)} keys; receivers may take the wrong one.",))
    return _examine_key(texts[0])


def looks_like_key(text: str) -> bool:
    """Say whether a text is a key record: its version, or a key."""
    tags = read_tags(text)
    return tags.get("v").upper() == "DKIM1" or tags.has("p")


def _examine_key(text: str) -> DkimReport:
    tags = read_tags(text)
    errors, warnings = _check_tags(tags)
    key, is_testing = "".join(tags.get("p").split()), "y" in _flags(tags)
    if is_testing:
        warnings.append("The key is marked as a test (t=y); receivers may ignore it.")
    algorithm = tags.get("k", "rsa").lower()
    if tags.has("p") and not key:
        return DkimReport((text,), algorithm, None, True, is_testing, ("The key was revoked: p= is empty.",))
    bits: int | None = None
    if not errors:
        bits, problem = _measure(algorithm, key)
        errors += [problem] if problem else []
    if bits is not None and bits < GOOD_BITS and algorithm == "rsa" and not errors:
        warnings.append(f"The key has {bits} bits; {GOOD_BITS} are recommended.")
    return DkimReport((text,), algorithm, bits, False, is_testing, tuple(errors), tuple(warnings))


def _check_tags(tags: Tags) -> tuple[list[str], list[str]]:
    """Return what breaks the record, and what is odd about it."""
    errors, warnings = list(tags.problems), []
    if tags.has("v") and tags.get("v") != "DKIM1":
        errors.append(f"The version is {tags.get('v') or 'empty'} instead of DKIM1.")
    elif tags.has("v") and tags.pairs[0][0] != "v":
        errors.append("v=DKIM1 must come first.")
    if not tags.has("p"):
        errors.append("There is no key: p= is missing.")
    if tags.has("h") and "sha256" not in tags.get("h").lower():
        errors.append("h= allows no SHA-256, which all receivers ask for.")
    if tags.has("s") and not {"*", "email"} & {part.strip().lower() for part in tags.get("s").split(":")}:
        errors.append("s= does not allow the key for e-mail.")
    if unknown := _flags(tags) - {"y", "s", ""}:
        warnings.append(f"t= has flags that are not known: {', '.join(sorted(unknown))}.")
    return errors, warnings


def _flags(tags: Tags) -> set[str]:
    return {flag.strip().lower() for flag in tags.get("t").split(":")}


def _measure(algorithm: str, key: str) -> tuple[int | None, str]:
    """Return the bits of a key, and what is wrong with it."""
    if algorithm not in {"rsa", "ed25519"}:
        return None, f"The kind of key, {algorithm}, is not one that receivers know."
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return None, "The key is not valid base64; was it cut off, or are there quotes within it?"
    if algorithm == "ed25519":
        return (256, "") if len(raw) == ED25519_BYTES else (None, f"An Ed25519 key has {ED25519_BYTES} bytes.")
    return _measure_rsa(raw)


def _measure_rsa(raw: bytes) -> tuple[int | None, str]:
    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm, OverflowError):
        return None, "The key cannot be read; it may have been cut off when it was pasted."
    if not isinstance(key, rsa.RSAPublicKey):
        return None, "The key is not an RSA key, although the record says so."
    bits = key.key_size
    return bits, f"The key has only {bits} bits; receivers ask for {MIN_BITS} or more." if bits < MIN_BITS else ""
