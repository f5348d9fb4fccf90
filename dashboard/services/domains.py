"""Sending domains: adding and editing them, adopting names seen in mail, and asking for a check of their records."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.dns.names import read_domain, shown_name
from dashboard.dns.records import ExpectedRecord, Setup, records_for
from dashboard.dns.senders import senders_of, title_of
from dashboard.errors import Conflict, Fault, Invalid
from dashboard.models import Domain
from dashboard.queries import companies
from dashboard.queries import keys as key_queries
from dashboard.queries import resources as queries
from dashboard.services import jobs, resources
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import ResourceType

KIND = ResourceType.DOMAIN
CHECK_JOB = "check_domains"
PATIENCE = timedelta(minutes=2)  # before somebody who waits for a check may ask again
_SETTINGS = {"selectors": "DKIM selectors", "return_path": "return path", "tracking": "tracking host"}


@dataclass(frozen=True, slots=True)
class DomainValues:
    """What people choose of a domain: its name, who sends for it, and what differs by account (`dns/senders.py`)."""

    name: str
    providers: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    tracks_replies: bool = False


def values_of(domain: Domain) -> DomainValues:
    """Return what people chose of a domain."""
    return DomainValues(domain.name, list(domain.providers), dict(domain.config), domain.tracks_replies)


def records_of(domain: Domain) -> tuple[ExpectedRecord, ...]:
    """Return the records that should be published for a domain."""
    senders = senders_of(domain.providers, domain.config)
    return records_for(Setup(domain.name, domain.token, senders, domain.tracks_replies))


def create_domain(session: Session, change: Change, id_: UUID, values: DomainValues) -> tuple[Domain, bool]:
    """Make a domain, pending, under an id that its form brought; the second of two equal requests makes nothing.

    Raises Invalid for what cannot be a sending domain, and for a name that is taken. A name that another company has
    verified is taken all the same: a proof in the DNS decides.
    """
    resources.lock_company(session, change)
    known = session.get(Domain, (change.company.id, id_))
    if known is not None:
        return known, False
    values = replace(values, name=_read_name(session, change, values.name))
    _check_free(session, id_, values.name)
    domain = _add(session, change, Domain(id=id_, **asdict(values)))
    resources.finish(session, change, KIND, domain, "create", values=asdict(values))
    return domain, True


def edit_domain(session: Session, change: Change, id_: UUID, values: DomainValues, *, revision: int | None) -> Domain:
    """Change who sends, so that its records are looked up soon; raises Overtaken. The name stays as it is."""
    domain: Domain = resources.open_row(session, change, KIND, id_, revision=revision)
    old = values_of(domain)
    rest = {name: value for name, value in asdict(values).items() if name != "name"}
    changes = resources.apply_edit(domain, rest)
    if not changes:
        return domain
    domain.failing_since = None  # what is asked for now must fail twice by itself
    domain.next_check_at = change.now
    if "providers" in changes:
        changes["providers"] = [[title_of(slug) for slug in slugs] for slugs in (old.providers, values.providers)]
    if changes.pop("config", None):
        changes |= _describe_settings(old.config, values.config)
    resources.finish(session, change, KIND, domain, "edit", changes=changes)
    return domain


def ask_check(session: Session, change: Change, id_: UUID) -> Domain:
    """Have a domain's records looked up by the worker now; asked twice, it is one check.

    Raises Conflict for an archived domain and for one of the demo, whose names do not exist.
    """
    domain: Domain = resources.open_row(session, change, KIND, id_)
    if domain.archived_at is not None:
        raise Conflict(f"{domain.title} is archived. Bring it back first.")
    if companies.is_demo(session, change.company.id):
        raise Conflict("Names of the demo do not exist in the DNS.")
    if is_waiting(domain) and domain.asked_at and change.now - domain.asked_at < PATIENCE:
        return domain
    domain.asked_at = domain.next_check_at = change.now
    jobs.enqueue(tenancy.connection(session, change.company.id), CHECK_JOB, run_at=change.now, now=change.now)
    resources.finish(session, change, KIND, domain, "check")
    return domain


def is_waiting(domain: Domain) -> bool:
    """Say whether somebody asked for a check that has not come yet."""
    return domain.asked_at is not None


# --- names -----------------------------------------------------------------------------------------


def why_not(session: Session, key: str) -> str | None:
    """Return why a key that was seen in mail cannot become a domain; None when it can."""
    allow_special = companies.is_demo(session, tenancy.company_of(session))
    try:
        name = read_domain(key, allow_special=allow_special)
    except Invalid as error:
        return f"{key} was left: {error.message}"
    return None if name == key else f"{key} was left: it is written {name}."


def adopt_keys(session: Session, change: Change, keys: Iterable[str]) -> list[Domain]:
    """Register domains for names that were seen in mail, pending and without providers.

    Names that are registered already, or that `why_not` gives a reason against, are passed over.
    """
    resources.lock_company(session, change)
    new = [key for key in dict.fromkeys(keys) if key_queries.find_owner(session, KIND, key) is None]
    made = [_adopt(session, change, key) for key in new if why_not(session, key) is None]
    if made:
        resources.tell_pages(session, change)
    return made


def _adopt(session: Session, change: Change, key: str) -> Domain:
    known: Domain | None = resources.take_back(session, change, KIND, key)
    if known is not None:  # its key was taken away or merged, and mail came under it since
        return known
    domain = _add(session, change, Domain(id=uuid7(), name=key))
    resources.record(session, change, KIND, domain.id, "adopt", name=domain.title, key=key)
    return domain


def _add(session: Session, change: Change, domain: Domain) -> Domain:
    domain.token = secrets.token_hex(16)
    session.add(domain)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, domain, domain.name)
    session.flush()
    return domain


def _read_name(session: Session, change: Change, text: str) -> str:
    try:
        return read_domain(text, allow_special=companies.is_demo(session, change.company.id))
    except Invalid as error:
        raise Invalid("The domain was not saved.", fields=[Fault("name", error.message)]) from error


def _check_free(session: Session, id_: UUID, name: str) -> None:
    """Raise Invalid where another domain has the name, as its own or as a further key."""
    owner = key_queries.find_owner(session, KIND, name)
    known = queries.find_domain_named(session, name)
    other = known or (queries.get_resource(session, KIND, owner) if owner not in {None, id_} else None)
    if other is None:
        return
    where = ", in the archive." if other.archived_at is not None else " already."
    whose = f"{shown_name(name)} is registered" if other.name == name else f"This name is a key of {other.title}"
    raise Invalid("The domain was not saved.", fields=[Fault("name", whose + where)])


def _describe_settings(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[object]]:
    """Return what differs between two sets of settings, each named in words."""
    return {
        f"{word} of {title_of(provider)}": [before, after]
        for setting, word in _SETTINGS.items()
        for provider in sorted({*old.get(setting, {}), *new.get(setting, {})})
        if (before := old.get(setting, {}).get(provider)) != (after := new.get(setting, {}).get(provider))
    }
