"""People, companies, and who is signed in: changes made before, or apart from, any one company's session."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.config import is_time_zone
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict, Fault, Invalid, TooMany, Unauthenticated
from dashboard.models import Company, CompanyState, LoginSession, Membership, Source, User
from dashboard.models.sources import SourceKind
from dashboard.models.users import RoleName, Theme
from dashboard.queries import identity
from dashboard.vocabulary.roles import Role

SESSION_LIFETIME = timedelta(days=30)
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_PERSON = 10
FAILURES_PER_ADDRESS = 100
MIN_PASSWORD = 12
MAX_PASSWORD = 1000

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])")
EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,189}")

_hasher = PasswordHasher()

# The hash of a random text that nobody kept, so that an unknown address costs as much as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$ZzK/ZiA/u6snhcgMK6U30w$YPV0HSuj2pFKmVvwun9ltwHaqbEnXFeItSAe17wGXwk"


def check_password(engines: Engines, email: str, password: str, address: str, now: datetime) -> int:
    """Return the id of the user whose address and password these are.

    Takes the same time whether or not the address is known. Raises Unauthenticated with one sentence that does
    not say which of the two was wrong, and TooMany after too many failures within FAILURE_WINDOW.
    """
    email = email.strip().lower()
    counters = {f"sign-in {email} {address}": FAILURES_PER_PERSON, f"sign-in {address}": FAILURES_PER_ADDRESS}
    if any(identity.find_count(engines, key, now) >= limit for key, limit in counters.items()):
        wait_s = int(FAILURE_WINDOW.total_seconds())
        raise TooMany(
            "There were too many failed attempts. Please wait a quarter of an hour.",
            headers={"Retry-After": str(wait_s)},
        )
    known = identity.find_password(engines, email) if EMAIL.fullmatch(email) else None
    stored = (known and known[1]) or _NOBODY
    if not is_password(stored, password) or known is None:
        count_failures(engines, list(counters), now)
        raise Unauthenticated("This e-mail address and password do not belong together.", code="wrong_password")
    return known[0]


def is_password(stored: str, password: str) -> bool:
    """Say whether the password belongs to the stored argon2id hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def count_failures(engines: Engines, keys: list[str], now: datetime) -> None:
    """Count one failed attempt under each key, in a short transaction of its own: it survives the refusal."""
    statement = """
        INSERT INTO throttles (key_digest, count, window_ends_at) VALUES (:digest, 1, :ends)
        ON CONFLICT (key_digest) DO UPDATE SET
            count = CASE WHEN throttles.window_ends_at > :now THEN throttles.count + 1 ELSE 1 END,
            window_ends_at = CASE WHEN throttles.window_ends_at > :now
                THEN throttles.window_ends_at ELSE excluded.window_ends_at END
    """
    with engines[Mode.WRITE].begin() as connection:
        for key in sorted(keys):
            sql.run(connection, statement, digest=identity.digest(key), ends=now + FAILURE_WINDOW, now=now)


def sign_in(session: Session, user_id: int, *, user_agent: str, address: str, now: datetime) -> str:
    """Open a session for the user and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_digest=identity.digest(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
            user_agent=user_agent[:300],
            address=address,
        )
    )
    return token


def sign_out(session: Session, token: str) -> None:
    """End the session of that token; a copied cookie is worth nothing after this."""
    session.execute(sa.delete(LoginSession).where(LoginSession.token_digest == identity.digest(token)))


def change_password(session: Session, user_id: int, *, current_is_right: bool, new_hash: str, keep_token: str) -> None:
    """Set a new password and end all other sessions of the user; raises Invalid when the current one was wrong.

    Both hashes are worked out before the transaction, because argon2 is slow on purpose.
    """
    if not current_is_right:
        raise Invalid("Your password was not changed.", fields=[Fault("current", "This is not your current password.")])
    session.execute(sa.update(User).where(User.id == user_id).values(password_hash=new_hash))
    session.execute(
        sa.delete(LoginSession).where(
            LoginSession.user_id == user_id, LoginSession.token_digest != identity.digest(keep_token)
        )
    )


def change_preferences(session: Session, user_id: int, *, name: str, theme: str, timezone: str | None) -> None:
    """Set how a person is called, wants the pages to look, and reads clock times."""
    values = {"name": name, "theme": Theme(theme), "timezone": timezone or None}
    session.execute(sa.update(User).where(User.id == user_id).values(**values))


def hash_password(password: str, *, field: str = "password") -> str:
    """Return the argon2id hash; raises Invalid for a password that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        message = f"A password has {MIN_PASSWORD} to {MAX_PASSWORD:,} characters."
        raise Invalid(message, fields=[Fault(field, message)])
    return _hasher.hash(password)


def add_company(
    session: Session, slug: str, name: str, *, timezone: str = "UTC", now: datetime, is_demo: bool = False
) -> Company:
    """Make a company, with the state row of its numbers and the source that its API keys write to."""
    name = unicodedata.normalize("NFC", name.strip())
    faults = []
    if not SLUG.fullmatch(slug):
        faults.append(Fault("slug", "A slug has 2 to 60 lower-case letters, digits and hyphens."))
    if not 1 <= len(name) <= 100:
        faults.append(Fault("name", "A name has 1 to 100 characters."))
    if not is_time_zone(timezone):
        faults.append(Fault("timezone", f"{timezone!r} is not an IANA time zone such as Europe/Berlin."))
    if faults:
        raise Invalid("The company was not made.", fields=faults)
    if session.scalar(sa.select(Company.id).where(Company.slug == slug)):
        raise Conflict(f"There is a company {slug!r} already.")
    company = Company(slug=slug, name=name, timezone=timezone, is_demo=is_demo, created_at=now, updated_at=now)
    session.add(company)
    session.flush()  # the state and the source need the company's id
    tenancy.bind(session, company.id)  # from here on the session is the new company's
    session.add(CompanyState(changed_at=now))
    session.add(Source(company_id=company.id, kind=SourceKind.API, name="API"))
    return company


def add_user(
    session: Session,
    email: str,
    *,
    company_id: int,
    role: Role,
    name: str = "",
    password_hash: str,
    now: datetime,
) -> User:
    """Make a person a member of a company; a person who is known already keeps name and password."""
    email = email.strip().lower()
    if len(email) > 254 or not EMAIL.fullmatch(email):
        raise Invalid("The user was not made.", fields=[Fault("email", f"{email!r} is not an e-mail address.")])
    user = session.scalar(sa.select(User).where(User.email == email))
    if user is None:
        shown = unicodedata.normalize("NFC", name.strip()) or email.partition("@")[0]
        user = User(email=email, name=shown[:100], password_hash=password_hash, created_at=now, updated_at=now)
        session.add(user)
        session.flush()  # the membership needs the user's id
    membership = session.get(Membership, (company_id, user.id))
    if membership is None:
        membership = Membership(company_id=company_id, user_id=user.id, created_at=now, updated_at=now)
        session.add(membership)
    membership.role = RoleName(role.slug)
    membership.removed_at = None
    return user
