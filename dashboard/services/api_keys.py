"""API keys: making, revoking, noting their use."""

from __future__ import annotations

import math
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Fault, Invalid, NotFound
from dashboard.models import ApiKey, Source
from dashboard.models.base import MAX_NAME
from dashboard.models.sources import SourceKind, SourceStatus
from dashboard.queries import identity
from dashboard.vocabulary.roles import Scope

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


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
