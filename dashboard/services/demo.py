"""The demo: two companies with a story in their numbers, loaded, kept alive by signed traffic, and cleared."""

from __future__ import annotations

import secrets
from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.clients.storage import Storage
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.errors import DashboardError
from dashboard.models import Campaign, Company, Domain, Mailbox, Mark, Source
from dashboard.models.audit import MarkKind
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.resources import name_by
from dashboard.services import demo_domains, demo_mails, demo_warmups, identity, reported, sources, templates
from dashboard.services import demo_story as story
from dashboard.services.companies import delete_company
from dashboard.services.resources import Change
from dashboard.services.vault import Vault
from dashboard.vocabulary.analytics import AnalyticsRow, ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.roles import Role
from dashboard.vocabulary.warmup import ready_plan

PASSWORD_FILE = "demo_password"  # noqa: S105  # a file's name
SOURCE_NAME = "Acme mail platform"

COMPANIES = {
    "acme": ("Acme", "Europe/Berlin", (("ada", Role.ADMIN), ("uma", Role.USER), ("gil", Role.GUEST))),
    "rival": ("Rival", "America/New_York", (("rex", Role.ADMIN),)),
}


def demo_password(instance: Path) -> str:
    """Return the password of all four people, made up at the first call and kept in the instance folder."""
    path = instance / PASSWORD_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n")
    return path.read_text().strip()


def load_company(session: Session, vault: Vault, slug: str, *, password_hash: str, days: int, now: datetime) -> Company:
    """Make one of the two companies with its people, resources, numbers and marks; the session becomes its own."""
    name, timezone, people = COMPANIES[slug]
    company = identity.add_company(session, slug, name, timezone=timezone, now=now, is_demo=True)
    for person, role in people:
        identity.add_user(
            session, f"{person}@{slug}.test", company_id=company.id, role=role, name=person.capitalize(),
            password_hash=password_hash, now=now,
        )  # fmt: skip
    source, _ = sources.add_source(session, vault, kind="generic", name=SOURCE_NAME if slug == "acme" else "Rival shop")
    ref = CompanyRef(company.id, slug, name, timezone)
    today = ref.day_of(now)
    _add_resources(session, slug, now)
    _add_warm_ups(session, slug, today, now)
    numbers = story.tell(slug, today, days)
    numbers += story.tell_day(slug, today, 0, story.share_of_day(now.astimezone(_zone(ref))))
    session.flush()  # raw statements follow
    for start in range(0, len(numbers), reported.MAX_BATCH):
        reported.set_numbers(session, company.id, source.id, numbers[start : start + reported.MAX_BATCH], now=now)
    _add_templates(session, ref, days, now)
    for domain in session.scalars(sa.select(Domain)).all():
        demo_domains.tell_checks(session, ref, domain, days, now)
    if slug == "acme":
        _add_marks(session, ref, days, now)
    return company


def next_updates(rows: list[AnalyticsRow], random: Random, ref: CompanyRef, now: datetime) -> list[ReportedNumbers]:
    """Return today's numbers after a few more mails: what a mail platform would report next.

    `rows` are today's numbers so far. One way in use gets some mails more, as long as its campaign has room below its
    daily limit; after that only late openers come.
    """
    today = ref.day_of(now)
    so_far = {(row.type, row.resource_key): row.metrics for row in rows}
    ways = [way for way in story.COMPANIES[ref.slug] if way.days_ago[1] == 0]
    way = random.choices(ways, [one.per_day for one in ways])[0]
    room = story.ROOM[way.campaign] - so_far.get((ResourceType.CAMPAIGN, way.campaign), Metrics()).sent
    if room <= 0:
        return _late(so_far, random, way, today)
    sent = random.randint(1, min(6, room))
    bounced = sum(random.random() < way.bounces for _ in range(sent))
    delivered = sent - bounced
    opened = sum(random.random() < way.opens for _ in range(delivered))
    clicked = sum(random.random() < way.clicks / way.opens for _ in range(opened))
    replied = sum(random.random() < way.replies for _ in range(delivered))
    more = Metrics(sent, delivered, opened, clicked, replied, bounced)
    booked: dict[tuple[ResourceType, str], Metrics] = defaultdict(Metrics)
    story.book(booked, way, more)
    return [
        ReportedNumbers(kind, key, today, so_far.get((kind, key), Metrics()) + metrics)
        for (kind, key), metrics in booked.items()
    ]


def _late(
    so_far: dict[tuple[ResourceType, str], Metrics], random: Random, way: story.Way, today: date
) -> list[ReportedNumbers]:
    """Return today's numbers after somebody opened a mail that was sent before; nothing where most did already."""
    booked: dict[tuple[ResourceType, str], Metrics] = defaultdict(Metrics)
    story.book(booked, way, Metrics(opened=1, clicked=int(random.random() < way.clicks / way.opens)))
    known = {place: so_far.get(place, Metrics()) for place in booked}
    if any(metrics.opened >= metrics.delivered * 2 // 3 for metrics in known.values()):
        return []
    return [ReportedNumbers(kind, key, today, known[kind, key] + more) for (kind, key), more in booked.items()]


def find_source(session: Session) -> Source | None:
    """Return the demo's source of the session's company."""
    return session.scalar(sa.select(Source).where(Source.name == SOURCE_NAME))


def clear(engines: Engines, storage: Storage) -> int:
    """Remove the demo companies, each in a short transaction of its own; return how many there were.

    Bytes of files that cannot be deleted are left to `dashboard files check`.
    """
    with open_session(engines, Mode.READ, directory=True) as session:
        found = list(session.scalars(sa.select(Company.id).where(Company.is_demo).order_by(Company.id)))
    for company_id in found:
        with open_session(engines, Mode.WRITE, company_id) as session, session.begin():
            keys = delete_company(session, company_id)
        for key in keys:
            with suppress(DashboardError):
                storage.delete(key)
    return len(found)


def _zone(ref: CompanyRef) -> ZoneInfo:
    return ZoneInfo(ref.timezone)


def _add_resources(session: Session, slug: str, now: datetime) -> None:
    for owner, key, name, status, limit in story.CAMPAIGNS:
        if owner == slug:
            campaign = Campaign(key=key, name=name, status=CampaignStatus(status), daily_limit=limit, timezone="UTC")
            _register(session, ResourceType.CAMPAIGN, campaign, now)
    domains: dict[str, UUID] = {}
    for address in dict.fromkeys(way.mailbox for way in story.COMPANIES[slug]):
        local, _, host = address.partition("@")
        if host not in domains:
            domain = demo_domains.make_domain(host)
            _register(session, ResourceType.DOMAIN, domain, now)
            domains[host] = domain.id
        mailbox = Mailbox(domain_id=domains[host], email=address, name=story.MAILBOX_NAMES[local], daily_limit=1000)
        _register(session, ResourceType.MAILBOX, mailbox, now)


def _add_warm_ups(session: Session, slug: str, today: date, now: datetime) -> None:
    for one in demo_warmups.WARM_UPS:
        if one.company == slug:
            domain = session.scalars(sa.select(Domain).where(Domain.name == one.email.partition("@")[2])).one()
            mailbox = Mailbox(
                domain_id=domain.id, email=one.email, name=one.name, daily_limit=one.limit, tracks_replies=True,
                is_warming_up=True, warm_up=ready_plan(one.preset, one.limit).write(),
                warm_up_since=today - timedelta(days=one.since_days_ago),
            )  # fmt: skip
            _register(session, ResourceType.MAILBOX, mailbox, now)


def _add_templates(session: Session, ref: CompanyRef, days: int, now: datetime) -> None:
    """Write each template as its author did: the first version, and what changed later."""
    tenancy.bind(session, ref.id)
    for one in demo_mails.STORIES:
        if one.company != ref.slug:
            continue
        first, *later = one.editions
        at, id_ = now - timedelta(days=first.days_ago), uuid7()
        template, _ = templates.create_template(session, Change(ref, one.author, at), id_, first.values)
        template.created_at = template.updated_at = at
        for edition in (one for one in later if one.days_ago < days):
            at = now - timedelta(days=edition.days_ago)
            change = Change(ref, one.author, at)
            templates.edit_template(session, change, id_, edition.values, revision=None, note=edition.note)
            template.updated_at = at
        session.flush()


def _register(session: Session, kind: ResourceType, row: Any, now: datetime) -> None:
    session.add(row)
    session.flush()  # its key refers to it
    session.add(name_by(kind, row, row.resource_key, at=now))


def _add_marks(session: Session, ref: CompanyRef, days: int, now: datetime) -> None:
    tenancy.bind(session, ref.id)
    for mark in story.ACME_MARKS:
        if mark.days_ago < days:
            at = now - timedelta(days=mark.days_ago)
            session.add(Mark(day=ref.day_of(at), at=at, kind=MarkKind(mark.kind), title=mark.title))
