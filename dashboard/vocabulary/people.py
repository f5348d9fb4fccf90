"""Who is asking: persons, members, keys, and the company they ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from dashboard.vocabulary.roles import Role, Scope


@dataclass(frozen=True, slots=True)
class CompanyRef:
    """The company that a request is about; days are in its time zone."""

    id: int
    slug: str
    name: str
    timezone: str

    def day_of(self, instant: datetime) -> date:
        """Return the calendar day of an instant in the company's time zone."""
        return instant.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class DueDomain:
    """A domain whose records are to be looked up, and whose it is."""

    company: CompanyRef
    id: UUID


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: int
    email: str
    name: str
    theme: str
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Belonging:
    """One of a person's companies, and who they are there."""

    company: CompanyRef
    role: Role
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A person within a company. `version` was read before anything else of the request."""

    person: Person
    company: CompanyRef
    role: Role
    version: int
    changed_at: datetime
    numbers_at: datetime | None

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return self.person.email


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A program with an API key; all that it writes belongs to the key's source."""

    key_id: int
    name: str
    scopes: frozenset[Scope]
    source_id: int
    is_source_active: bool
    company: CompanyRef
    last_used_at: datetime | None

    @property
    def actor(self) -> str:
        """How the audit log names it."""
        return f"key {self.name}"


# The name under which the browser's signed cookie carries the session's token.
COOKIE_TOKEN = "token"  # noqa: S105  # a name, not a secret
