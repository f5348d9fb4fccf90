"""One function per thing to arrange, everything defaulted, the company first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import Campaign, Domain, Mailbox
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.domains import DomainStatus
from dashboard.models.resources import Registered, name_by
from dashboard.services import api_keys, identity, reported, sources
from dashboard.services.vault import Vault
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.roles import Role, Scope
from dashboard.vocabulary.sources import SourceSecrets

Row = TypeVar("Row", bound=Registered)

PASSWORD = "correct horse battery"

PEOPLE = {
    "ada": ("acme", Role.ADMIN),
    "uma": ("acme", Role.USER),
    "gil": ("acme", Role.GUEST),
    "rex": ("rival", Role.ADMIN),
}


@dataclass(frozen=True)
class Cast:
    """The companies of the tests, and who is who in them."""

    acme: CompanyRef
    rival: CompanyRef

    @staticmethod
    def email(who: str) -> str:
        return f"{who}@{PEOPLE[who][0]}.test"


@cache
def password_hash() -> str:
    return identity.hash_password(PASSWORD)  # slow on purpose, so once a run


def make_company(engines: Engines, slug: str, now: datetime, timezone: str = "Europe/Berlin") -> CompanyRef:
    with open_session(engines, Mode.WRITE, directory=True) as session:
        company = identity.add_company(session, slug, slug.capitalize(), timezone=timezone, now=now)
        session.commit()
        return CompanyRef(company.id, slug, company.name, timezone)


def make_cast(engines: Engines, now: datetime) -> Cast:
    cast = Cast(make_company(engines, "acme", now), make_company(engines, "rival", now, "America/New_York"))
    for who, (slug, role) in PEOPLE.items():
        make_user(engines, getattr(cast, slug), cast.email(who), role, now)
    return cast


def make_user(engines: Engines, company: CompanyRef, email: str, role: Role, now: datetime) -> None:
    with open_session(engines, Mode.WRITE, company.id) as session:
        identity.add_user(
            session,
            email,
            company_id=company.id,
            role=role,
            name=email.partition("@")[0].capitalize(),
            password_hash=password_hash(),
            now=now,
        )
        session.commit()


def make_key(engines: Engines, company: CompanyRef, now: datetime, *scopes: str, source_id: int | None = None) -> str:
    """Return the text of a new API key; all scopes when none are named."""
    wanted = frozenset(Scope(scope) for scope in scopes or ("read", "write", "export"))
    with open_session(engines, Mode.WRITE, company.id) as session:
        _, text = api_keys.add_key(session, name="Program", scopes=wanted, now=now, source_id=source_id)
        session.commit()
    return text


def make_source(
    engines: Engines,
    vault: Vault,
    company: CompanyRef,
    *,
    kind: str = "generic",
    name: str = "Website",
    secret: str | None = None,
) -> tuple[int, SourceSecrets]:
    """Return a new source's id and what it shares with its sender."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        source, shared = sources.add_source(session, vault, kind=kind, name=name, secret=secret)
        session.commit()
        return source.id, shared


def make_campaign(session: Session, **values: object) -> Campaign:
    """Add a campaign with its key to the session's company."""
    return register(session, ResourceType.CAMPAIGN, campaign_of(**values))


def campaign_of(**values: object) -> Campaign:
    """Return a campaign that no session knows yet."""
    fields: dict[str, object] = {
        "key": "spring",
        "name": "Spring",
        "status": CampaignStatus.ACTIVE,
        "daily_limit": 100,
        "timezone": "UTC",
    } | values
    return Campaign(**fields)


def register(session: Session, kind: ResourceType, row: Row) -> Row:
    """Add a resource with its own key."""
    session.add(row)
    session.flush()
    session.add(name_by(kind, row, row.resource_key, at=row.created_at))
    return row


def numbers(day: date, key: str = "spring", kind: str = "campaign", **counts: int) -> ReportedNumbers:
    """Return one day's numbers; 100 sent, 90 delivered, 40 opened, 10 clicked, 2 replied, 10 bounced by default."""
    six = {"sent": 100, "delivered": 90, "opened": 40, "clicked": 10, "replied": 2, "bounced": 10} | counts
    return ReportedNumbers(ResourceType(kind), key, day, Metrics(**six))


def report(engines: Engines, company: CompanyRef, source_id: int, *updates: ReportedNumbers, now: datetime) -> None:
    """Set reported numbers."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        reported.set_numbers(session, company.id, source_id, updates, now=now)
        session.commit()


def api_source_id(engines: Engines, company: CompanyRef) -> int:
    """Return the id of the source that the company's API keys write to."""
    from dashboard.models import Source

    with open_session(engines, Mode.READ, company.id) as session:
        found = session.scalar(select(Source.id).where(Source.name == "API"))
    assert found is not None
    return found


def make_mailbox(session: Session, email: str = "news@acme.test", **values: object) -> Mailbox:
    """Add a mailbox to the session's company, and its domain where that is missing."""
    name = email.partition("@")[2]
    domain = session.scalar(select(Domain).where(Domain.name == name))
    if domain is None:
        domain = register(session, ResourceType.DOMAIN, Domain(name=name, status=DomainStatus.VERIFIED))
    fields: dict[str, object] = {"email": email, "name": "News", "daily_limit": 50, "domain_id": domain.id} | values
    return register(session, ResourceType.MAILBOX, Mailbox(**fields))
