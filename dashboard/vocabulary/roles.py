"""Who a person or a key is to a company."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """The roles of a member, ordered: each may do all that the ones before it may."""

    GUEST = 1
    USER = 2
    ADMIN = 3

    @property
    def slug(self) -> str:
        """The word for commands, forms and the database."""
        return self.name.lower()

    @classmethod
    def named(cls, slug: str) -> Role:
        """Return the role of that name; an unknown name is a programming error and raises KeyError."""
        return {role.slug: role for role in cls}[slug]


class Scope(StrEnum):
    """What an API key may do; the letters stand in the key itself."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"

    @property
    def letter(self) -> str:
        """The letter in `ss_<letters>_...`."""
        return self.value[0]
