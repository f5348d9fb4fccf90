"""Requests that carry an Idempotency-Key: the first answer is kept for a day and given again.

A key is claimed in a short transaction of its own before the work begins; the answer is written in the
transaction of the work, and only while the claim still stands. So the work is done once, whatever is cut off:
a request that dies leaves a claim that ends after CLAIM_LIFETIME.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import BadRequest, Conflict

KEPT_FOR = timedelta(hours=24)
CLAIM_LIFETIME = timedelta(minutes=1)
MAX_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the keys tell them apart."""

    company_id: int
    api_key_id: int
    path: str
    key: str
    body: bytes

    @property
    def identity(self) -> dict[str, object]:
        """The columns that name the request."""
        return {
            "company_id": self.company_id, "api_key_id": self.api_key_id, "path": self.path, "key": self.key,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before."""

    status: int
    answer: bytes


_SAME = "company_id = :company_id AND api_key_id = :api_key_id AND path = :path AND key = :key"


def claim(engines: Engines, request: Request, now: datetime) -> bytes | Kept:
    """Return the claim under which the work may be done, or the answer that was given before.

    Raises Conflict when the key came with another body, or while its first request is in flight.
    """
    if not 1 <= len(request.key) <= MAX_KEY_LENGTH or not request.key.isprintable():
        raise BadRequest(f"Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable characters.")
    digest, mine = hashlib.sha256(request.body).digest(), secrets.token_bytes(16)
    statement = f"""
        INSERT INTO idempotency_keys (company_id, api_key_id, path, key, body_digest, claim, expires_at)
        VALUES (:company_id, :api_key_id, :path, :key, :digest, :claim, :expires)
        ON CONFLICT (company_id, api_key_id, path, key) DO UPDATE SET
            body_digest = excluded.body_digest, claim = excluded.claim, expires_at = excluded.expires_at,
            status = NULL, answer = NULL
        WHERE idempotency_keys.expires_at <= :now
    """  # noqa: F541
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection, statement, **request.identity,
            digest=digest, claim=mine, expires=now + CLAIM_LIFETIME, now=now,
        )  # fmt: skip
        row = sql.run(
            connection,
            f"SELECT claim, body_digest, status, answer FROM idempotency_keys WHERE {_SAME}",
            **request.identity,
        ).one()
    if bytes(row.claim) == mine:
        return mine
    if bytes(row.body_digest) != digest:
        raise Conflict("This Idempotency-Key was used with another body.", code="idempotency_key_reused")
    if row.status is None:
        raise Conflict(
            "The first request with this Idempotency-Key is still in progress.",
            code="idempotency_key_in_flight",
            headers={"Retry-After": "1"},
        )
    return Kept(row.status, bytes(row.answer))


def keep(session: Session, request: Request, claimed: bytes, *, status: int, answer: bytes, now: datetime) -> None:
    """Write the answer into the transaction of the work; raises Conflict when the claim was lost to a repeat."""
    result = sql.run(
        tenancy.connection(session, request.company_id),
        "UPDATE idempotency_keys SET status = :status, answer = :answer, expires_at = :expires"
        f" WHERE {_SAME} AND claim = :claim",
        **request.identity, status=status, answer=answer, expires=now + KEPT_FOR, claim=claimed,
    )  # fmt: skip
    if result.rowcount != 1:
        raise Conflict("This request took too long and was repeated.", code="idempotency_key_in_flight")


def release(engines: Engines, request: Request, claimed: bytes) -> None:
    """Give the claim back after a refusal: only successful answers are kept."""
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection,
            f"DELETE FROM idempotency_keys WHERE {_SAME} AND claim = :claim AND status IS NULL",
            **request.identity, claim=claimed,
        )  # fmt: skip
