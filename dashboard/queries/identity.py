"""Who is asking: the only reads made before a company is known, each one statement on a connection of its own."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from dashboard import __version__
from dashboard.database import direct, sql
from dashboard.database.engine import Engines, Mode
from dashboard.vocabulary.people import Belonging, CompanyRef, DueDomain, KeyHolder, Member, Person
from dashboard.vocabulary.roles import Role, Scope
from dashboard.vocabulary.sources import SealedSource

_PERSON = "u.id, u.email, u.name, u.theme, u.timezone"

_FIND_PERSON = f"""
SELECT {_PERSON} FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_digest = :digest AND s.expires_at > :now
"""

_FIND_MEMBER = f"""
SELECT {_PERSON}, c.id, c.slug, c.name, c.timezone, m.role, v.version, v.changed_at, v.numbers_at
FROM sessions s JOIN users u ON u.id = s.user_id
LEFT JOIN companies c ON c.slug = :slug
LEFT JOIN memberships m ON m.company_id = c.id AND m.user_id = u.id AND m.removed_at IS NULL
LEFT JOIN company_state v ON v.company_id = c.id
WHERE s.token_digest = :digest AND s.expires_at > :now
"""

_FIND_VERSION = """
SELECT v.version, m.role, c.timezone
FROM sessions s JOIN companies c ON c.slug = :slug
JOIN memberships m ON m.company_id = c.id AND m.user_id = s.user_id AND m.removed_at IS NULL
JOIN company_state v ON v.company_id = c.id
WHERE s.token_digest = :digest AND s.expires_at > :now
"""

_FIND_KEY = """
SELECT k.id, k.name, k.scopes, k.source_id, k.digest, k.last_used_at, s.status, c.id, c.slug, c.name, c.timezone
FROM api_keys k JOIN companies c ON c.id = k.company_id
JOIN sources s ON s.company_id = k.company_id AND s.id = k.source_id
WHERE k.prefix = :prefix AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
"""

_LIST_COMPANIES = """
SELECT c.id, c.slug, c.name, c.timezone, m.role, c.is_demo FROM memberships m JOIN companies c ON c.id = m.company_id
WHERE m.user_id = :user_id AND m.removed_at IS NULL ORDER BY c.name, c.id
"""


def digest(token: str) -> bytes:
    """Return the SHA-256 by which a random token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def find_person(engines: Engines, token: str, now: datetime) -> Person | None:
    """Return who is signed in with the token, or None."""
    row = _one(engines, _FIND_PERSON, digest=digest(token), now=now)
    return Person(*row) if row else None


def find_member(engines: Engines, token: str, slug: str, now: datetime) -> tuple[Person | None, Member | None]:
    """Return who is signed in, and who that is in the company; one statement for both."""
    row = _one(engines, _FIND_MEMBER, digest=digest(token), slug=slug, now=now)
    if row is None:
        return None, None
    person = Person(*row[:5])
    company_id, slug, name, timezone, role, version, changed_at, numbers_at = row[5:]
    if role is None:
        return person, None
    company = CompanyRef(company_id, slug, name, timezone)
    instants = (sql.as_instant(changed_at) or now, sql.as_instant(numbers_at))
    return person, Member(person, company, Role.named(role), version, *instants)


def find_version(engines: Engines, token: str, slug: str, now: datetime) -> str | None:
    """Return the version of what a member's pages show, or None for whoever is no member."""
    row = _one(engines, _FIND_VERSION, digest=digest(token), slug=slug, now=now)
    if row is None:
        return None
    version, role, timezone = row
    return page_version(version, now.astimezone(ZoneInfo(timezone)).date(), role)


def page_version(version: int, today: date, role: str) -> str:
    """Return what a page's content depends on beside its address: numbers, day, role, program."""
    return f"{version}.{today.toordinal()}.{role}.{__version__}"


def find_key(engines: Engines, key: str, now: datetime) -> KeyHolder | None:
    """Return the holder of an API key that is neither revoked nor expired, or None."""
    row = _one(engines, _FIND_KEY, prefix=key_prefix(key), now=now)
    if row is None or not hmac.compare_digest(bytes(row[4]), digest(key)):
        return None
    scopes = frozenset(scope for scope in Scope if scope.letter in row[2])
    return KeyHolder(row[0], row[1], scopes, row[3], row[6] == "active", CompanyRef(*row[7:]), sql.as_instant(row[5]))


def key_prefix(key: str) -> str:
    """Return the part of an API key that may be shown: `ss_<letters>_` and eight characters."""
    head, _, secret = key.rpartition("_")
    return f"{head}_{secret[:8]}"


def list_companies(engines: Engines, user_id: int) -> list[Belonging]:
    """Return a person's companies by name, each with the role there."""
    with engines[Mode.SINGLE].connect() as connection:
        rows = sql.run(connection, _LIST_COMPANIES, user_id=user_id).all()
    return [Belonging(CompanyRef(*row[:4]), Role.named(row[4]), bool(row[5])) for row in rows]


def find_company(engines: Engines, slug: str) -> CompanyRef | None:
    """Return the company of that slug, for commands and for webhooks that name their company."""
    row = _one(engines, "SELECT id, slug, name, timezone FROM companies WHERE slug = :slug", slug=slug)
    return CompanyRef(*row) if row else None


def find_company_by_id(engines: Engines, company_id: int) -> CompanyRef | None:
    """Return the company of that number, for work in the background."""
    row = _one(engines, "SELECT id, slug, name, timezone FROM companies WHERE id = :id", id=company_id)
    return CompanyRef(*row) if row else None


def list_all_companies(engines: Engines) -> list[CompanyRef]:
    """Return every company by id, for commands and the worker."""
    with engines[Mode.SINGLE].connect() as connection:
        rows = sql.run(connection, "SELECT id, slug, name, timezone FROM companies ORDER BY id").all()
    return [CompanyRef(*row) for row in rows]


def find_password(engines: Engines, email: str) -> tuple[int, str | None] | None:
    """Return the user's id and password hash, or None for an unknown address."""
    row = _one(engines, "SELECT id, password_hash FROM users WHERE email = :email", email=email)
    return (row[0], row[1]) if row else None


def has_users(engines: Engines) -> bool:
    """Say whether anybody can sign in at all."""
    return _one(engines, "SELECT 1 FROM users LIMIT 1") is not None


def find_count(engines: Engines, key: str, now: datetime) -> int:
    """Return how often something was tried in its present window."""
    row = _one(
        engines,
        "SELECT count FROM throttles WHERE key_digest = :digest AND window_ends_at > :now",
        digest=digest(key),
        now=now,
    )
    return int(row[0]) if row else 0


def list_generic_sources(engines: Engines, company_id: int | None) -> list[SealedSource]:
    """Return the generic sources of one company, or of all companies, oldest first.

    All are asked for only when a body cannot be read and so names no company; at most 200 are returned.
    """
    statement = """
        SELECT s.id, s.name, s.status, s.sealed, c.id, c.slug, c.name, c.timezone
        FROM sources s JOIN companies c ON c.id = s.company_id
        WHERE s.kind = 'generic' AND s.status <> 'deleted' AND s.sealed IS NOT NULL
    """
    values: dict[str, Any] = {}
    if company_id is not None:
        statement += "AND s.company_id = :company_id "
        values["company_id"] = company_id
    with engines[Mode.SINGLE].connect() as connection:
        rows = sql.run(connection, statement + "ORDER BY s.id LIMIT 200", **values).all()
    return [SealedSource(row[0], row[1], CompanyRef(*row[4:]), row[2] == "paused", bytes(row[3])) for row in rows]


_SEALED = """
SELECT s.id, s.name, s.status, s.sealed, s.kind, s.config, c.id, c.slug, c.name, c.timezone
FROM sources s JOIN companies c ON c.id = s.company_id
WHERE s.status <> 'deleted' AND s.sealed IS NOT NULL
"""
_FIND_INBOX = _SEALED + "AND s.token_digest = :digest"
_FIND_SOURCE = _SEALED + "AND s.id = :source_id AND s.token_digest IS NOT NULL"


def find_inbox(engines: Engines, kind: str, token: str) -> SealedSource | None:
    """Return the source of that provider whose secret address ends with the token, or None."""
    row = _one(engines, _FIND_INBOX, digest=digest(token))
    return _sealed(row) if row and row[4] == kind else None


def find_source(engines: Engines, source_id: int) -> SealedSource | None:
    """Return a source that takes webhooks, or None; for the command line, which knows no company beforehand."""
    row = _one(engines, _FIND_SOURCE, source_id=source_id)
    return _sealed(row) if row else None


def _sealed(row: tuple[Any, ...]) -> SealedSource:
    config = orjson.loads(row[5]) if isinstance(row[5], str) else row[5]
    topics = tuple(config.get("topics", ()))
    return SealedSource(row[0], row[1], CompanyRef(*row[6:]), row[2] == "paused", bytes(row[3]), row[4], topics)


def list_waiting_companies(engines: Engines) -> list[CompanyRef]:
    """Return the companies that have deliveries to be counted."""
    statement = """
        SELECT c.id, c.slug, c.name, c.timezone FROM companies c
        WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.company_id = c.id AND d.state = 'pending') ORDER BY c.id
    """
    with engines[Mode.SINGLE].connect() as connection:
        rows = sql.run(connection, statement).all()
    return [CompanyRef(*row) for row in rows]


def list_due_domains(engines: Engines, now: datetime, *, limit: int) -> list[DueDomain]:
    """Return domains that are to be checked, those that somebody waits for first; the demo's names do not exist."""
    statement = """
        SELECT d.id, c.id, c.slug, c.name, c.timezone FROM domains d JOIN companies c ON c.id = d.company_id
        WHERE NOT c.is_demo AND d.archived_at IS NULL AND (d.next_check_at IS NULL OR d.next_check_at <= :now)
        ORDER BY CASE WHEN d.asked_at IS NULL THEN 1 ELSE 0 END, COALESCE(d.next_check_at, d.created_at), d.id
        LIMIT :limit
    """
    with engines[Mode.SINGLE].connect() as connection:
        rows = sql.run(connection, statement, now=now, limit=limit).all()
    return [DueDomain(CompanyRef(*row[1:]), id_) for row in rows if (id_ := sql.as_id(row[0])) is not None]


def _one(engines: Engines, statement: str, **values: Any) -> tuple[Any, ...] | None:
    return direct.read_one(engines, statement, **values)
