"""Sources and API keys: making, finding the secret, rotating, revoking."""

from __future__ import annotations

import base64
import math
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict, Fault, Invalid, NotFound
from dashboard.models import ApiKey, Source
from dashboard.models.base import MAX_NAME
from dashboard.models.sources import SourceKind, SourceStatus
from dashboard.queries import identity
from dashboard.services.vault import Vault
from dashboard.vocabulary.roles import Scope
from dashboard.vocabulary.sources import SourceSecrets

ROTATION_OVERLAP = timedelta(days=1)
MAX_GENERIC = 100  # each is tried against a signature, so there cannot be any number of them
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# Those who post webhooks; the other kinds are ways in of our own, which nobody adds by name.
PROVIDERS = (
    "sendgrid", "mailgun", "postmark", "ses", "resend", "sparkpost", "brevo", "mailjet", "mandrill", "mailersend",
    "mailtrap", "postal", "unisender", "scaleway", "generic",
)  # fmt: skip
# Those whose secret we may choose; the others show theirs in their own settings.
CHOOSES_SECRET: frozenset[str] = frozenset({SourceKind.GENERIC})


def add_source(
    session: Session,
    vault: Vault,
    *,
    kind: str,
    name: str,
    secret: str | None = None,
    public_key: str | None = None,
) -> tuple[Source, SourceSecrets]:
    """Make a source with a secret address token; a missing secret is made up where the sender lets us choose."""
    name = name.strip()
    faults = []
    if kind not in PROVIDERS:
        faults.append(Fault("provider", f"{kind!r} is not a provider. Known: {', '.join(PROVIDERS)}."))
    if not 1 <= len(name) <= MAX_NAME:
        faults.append(Fault("name", f"A name has 1 to {MAX_NAME} characters."))
    if kind == SourceKind.GENERIC and _count_generic(session) >= MAX_GENERIC:
        faults.append(Fault("provider", f"A company has at most {MAX_GENERIC} generic sources."))
    if faults:
        raise Invalid("The source was not made.", fields=faults)
    if session.scalar(sa.select(Source.id).where(Source.name == name)):
        raise Conflict(f"There is a source named {name!r} already.")
    if not secret and kind in CHOOSES_SECRET:
        secret = make_secret()
    shared = SourceSecrets(secrets.token_urlsafe(24), secret or "", public_key=public_key or "")
    source = Source(kind=kind, name=name, token_digest=identity.digest(shared.token))
    source.company_id = session.info["company_id"]
    source.sealed = vault.seal(shared)
    session.add(source)
    session.flush()  # the caller prints the id
    return source, shared


def _count_generic(session: Session) -> int:
    statement = sa.select(sa.func.count()).select_from(Source).where(Source.kind == SourceKind.GENERIC)
    return session.scalar(statement) or 0


def rotate_secret(session: Session, vault: Vault, source_id: int, *, now: datetime) -> SourceSecrets:
    """Give a source a new secret; the old one stays valid for ROTATION_OVERLAP."""
    source = session.scalar(sa.select(Source).where(Source.id == source_id))
    if source is None or source.sealed is None:
        raise NotFound("There is no such source.")
    old = vault.open(source.sealed)
    fresh = SourceSecrets(old.token, make_secret(), old.secret, now + ROTATION_OVERLAP, old.public_key)
    source.sealed = vault.seal(fresh)
    return fresh


def make_secret() -> str:
    """Return a signing secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def add_key(
    session: Session, *, name: str, scopes: frozenset[Scope], now: datetime, source_id: int | None = None
) -> tuple[ApiKey, str]:
    """Make an API key and return it with its text, which is shown this once and never stored."""
    name = name.strip()
    faults = []
    if not 1 <= len(name) <= MAX_NAME:
        faults.append(Fault("name", f"A name has 1 to {MAX_NAME} characters."))
    if not scopes:
        faults.append(Fault("scope", "A key needs at least one scope: read, write or export."))
    source = session.scalar(
        sa.select(Source).where(
            Source.id == source_id if source_id is not None else Source.kind == SourceKind.API,
            Source.status != SourceStatus.DELETED,
        )
    )
    if source is None:
        faults.append(Fault("source", "There is no such source in this company."))
    if faults or source is None:
        raise Invalid("The key was not made.", fields=faults)
    letters = "".join(scope.letter for scope in Scope if scope in scopes)
    text = f"ss_{letters}_{_base62(secrets.token_bytes(32))}"
    key = ApiKey(
        company_id=session.info["company_id"],
        name=name,
        prefix=identity.key_prefix(text),
        digest=identity.digest(text),
        scopes=letters,
        source_id=source.id,
        created_at=now,
    )
    session.add(key)
    session.flush()  # the caller prints the id
    return key, text


def revoke_key(session: Session, key_id: int, *, now: datetime) -> ApiKey:
    """End a key; requests with it are refused from the next one on."""
    key = session.scalar(sa.select(ApiKey).where(ApiKey.id == key_id))
    if key is None:
        raise NotFound("There is no such key.")
    key.revoked_at = key.revoked_at or now
    return key


def note_use(engines: Engines, company_id: int, key_id: int, now: datetime) -> None:
    """Write when a key was last used, in a short transaction of its own; called at most once a minute per key."""
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection,
            "UPDATE api_keys SET last_used_at = :now WHERE company_id = :company_id AND id = :key_id",
            company_id=company_id, key_id=key_id, now=now,
        )  # fmt: skip


def _base62(data: bytes) -> str:
    """Return the bytes as digits and letters, padded to the length of the largest value."""
    number, digits = int.from_bytes(data), ""
    for _ in range(math.ceil(len(data) * 8 / math.log2(62))):
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits
