"""People: users, their memberships of companies, their signed-in sessions, and counts of failed attempts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import MAX_NAME, NEVER_AGAIN, Base, BigId, Timestamps, check, length_between
from dashboard.tenancy import DirectoryScoped


class Theme(StrEnum):
    """How a person wants the pages to look."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class RoleName(StrEnum):
    """The roles as they are stored."""

    GUEST = "guest"
    USER = "user"
    ADMIN = "admin"


class User(Timestamps, Base):
    """A person, known by one e-mail address, stored lower-cased."""

    __tablename__ = "users"
    __table_args__ = (
        length_between("email", 3, 254),
        check("email = lower(email)", "email_lower"),
        length_between("name", 1, MAX_NAME),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    theme: Mapped[Theme] = mapped_column(choice(Theme, "theme"), default=Theme.SYSTEM)
    timezone: Mapped[str | None]  # changes clock times only; days are the company's


class Membership(DirectoryScoped, Timestamps, Base):
    """A person's role in one company. A removed member keeps the row, which other rows refer to."""

    __tablename__ = "memberships"
    __table_args__ = (sa.Index("ix_memberships_user_id", "user_id"),)

    company_id: Mapped[int] = mapped_column(
        sa.ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[RoleName] = mapped_column(choice(RoleName, "role"))
    removed_at: Mapped[datetime | None]


class LoginSession(Base):
    """One browser that is signed in; the cookie carries the token, the row only its digest."""

    __tablename__ = "sessions"

    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")


class Throttle(Base):
    """How often something was tried in the present window, for example failed sign-ins for one address."""

    __tablename__ = "throttles"

    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    count: Mapped[int]
    window_ends_at: Mapped[datetime] = mapped_column(index=True)
