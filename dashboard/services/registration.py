"""Registering by itself what mail names, where a company has switched that on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models.companies import AUTO_REGISTER
from dashboard.queries import companies, identity, keys
from dashboard.services import campaigns, domains, mailbox_adoption, templates
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.people import CompanyRef

ACTOR = "automatic registration"
DAYS = 7  # so far back it is looked each time

Adopt = Callable[[Session, Change, list[str]], Sequence[Any]]
ADOPTERS: dict[ResourceType, Adopt] = {
    ResourceType.CAMPAIGN: campaigns.adopt_keys,
    ResourceType.TEMPLATE: templates.adopt_keys,
    ResourceType.DOMAIN: domains.adopt_keys,
    ResourceType.MAILBOX: mailbox_adoption.adopt_keys,
}
# Keys that can never be adopted are left out beforehand: each look would begin a change that changes nothing.
REFUSERS = {ResourceType.DOMAIN: domains.why_not, ResourceType.MAILBOX: mailbox_adoption.why_not}


def register_all(engines: Engines, clock: Callable[[], datetime]) -> int:
    """Register what mail of the last days names in every company that wants it; return how much that was."""
    return sum(_register(engines, company, clock()) for company in identity.list_all_companies(engines))


def _register(engines: Engines, company: CompanyRef, now: datetime) -> int:
    found = _list_unregistered(engines, company, now)
    if not any(found.values()):
        return 0
    with open_session(engines, Mode.WRITE, company.id) as session, session.begin():
        change = Change(company, ACTOR, now)
        return sum(len(ADOPTERS[kind](session, change, names)) for kind, names in found.items() if names)


def _list_unregistered(engines: Engines, company: CompanyRef, now: datetime) -> dict[ResourceType, list[str]]:
    """Return the keys that name nothing, by type; read beforehand, so that an idle look takes no write lock."""
    today = company.day_of(now)
    days = Days(today - timedelta(days=DAYS - 1), today)
    with open_session(engines, Mode.READ, company.id) as session:
        if not companies.has_feature(session, company.id, AUTO_REGISTER):
            return {}
        return {kind: _list_adoptable(session, company, kind, days) for kind in ADOPTERS}


def _list_adoptable(session: Session, company: CompanyRef, kind: ResourceType, days: Days) -> list[str]:
    found = [one.key for one in keys.list_unregistered(session, company.id, kind, days)]
    refuse = REFUSERS.get(kind)
    return found if refuse is None else [key for key in found if refuse(session, key) is None]
