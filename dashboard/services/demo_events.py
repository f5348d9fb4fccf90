"""The demo's mail that is known by its events: acme's own application tells of every message by signed webhooks.

Its campaign, template and mailbox are not among those of the reported numbers, so that no mail is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.database.engine import Engines, Mode
from dashboard.models import Campaign, Mailbox, Source, Template, TemplateVersion
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.inbox import DeliveryState
from dashboard.models.resources import Registered, name_by
from dashboard.providers.base import TrialKeys
from dashboard.providers.registry import adapters
from dashboard.queries.totals import get_sum
from dashboard.services import counting, demo_domains, inbox, sources
from dashboard.services.vault import Vault
from dashboard.simulation.mail import Burst
from dashboard.simulation.stories import make_messages
from dashboard.simulation.telling import Message
from dashboard.vocabulary.analytics import AnalyticsFilter, ResourceType
from dashboard.vocabulary.events import Event
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.sources import ReceivedDelivery, SourceSecrets

SOURCE_NAME = "Acme app"
SEED = 61
MESSAGES = 700
LIMIT = 200
DAYS = 14
EVENTS_A_DELIVERY = 25
CAMPAIGN, TEMPLATE, DOMAIN = "onboarding", "tpl-tips", "app.acme.test"
DOMAIN_DAYS = 30  # so long ago it was first looked up
MAILBOX = f"tips@{DOMAIN}"
SUBJECT = "Three tips for your first week"
_CONTENT = """<h1>Three tips for your first week</h1>
<p>Hello {{ contact.first_name }}, here is what others do first.</p>
<p><a href="https://app.acme.test/tips">Read the tips</a></p>
<p><a href="https://app.acme.test/unsubscribe">Unsubscribe</a></p>
"""


def add_source(session: Session, vault: Vault, company: CompanyRef, now: datetime) -> int:
    """Make the source and register what its mail names; return the source's id. The session is the demo company's."""
    source, _ = sources.add_source(session, vault, kind="generic", name=SOURCE_NAME)
    domain = demo_domains.make_domain(DOMAIN)
    _register(session, ResourceType.DOMAIN, domain, now)
    demo_domains.tell_checks(session, company, domain, DOMAIN_DAYS, now)
    campaign = Campaign(
        key=CAMPAIGN, name="Onboarding tips", status=CampaignStatus.ACTIVE, daily_limit=LIMIT, timezone="Europe/Berlin"
    )
    template = Template(
        key=TEMPLATE, name="Tips", subject=SUBJECT, content=_CONTENT, category="Lifecycle", is_active=True,
        variables=["contact.first_name"],
    )  # fmt: skip
    mailbox = Mailbox(domain_id=domain.id, email=MAILBOX, name="Acme tips", daily_limit=LIMIT)
    for kind, row in (
        (ResourceType.CAMPAIGN, campaign), (ResourceType.TEMPLATE, template), (ResourceType.MAILBOX, mailbox),
    ):  # fmt: skip
        _register(session, kind, row, now)
    session.add(
        TemplateVersion(
            template_id=template.id, number=1, subject=SUBJECT, content=_CONTENT, variables=list(template.variables),
            author="ada@acme.test", created_at=now,
        )
    )  # fmt: skip
    return source.id


def _register(session: Session, kind: ResourceType, row: Registered, now: datetime) -> None:
    session.add(row)
    session.flush()  # its key refers to it
    session.add(name_by(kind, row, row.resource_key, at=now))


def tell_history(engines: Engines, company: CompanyRef, source_id: int, now: datetime) -> int:
    """Put the events of the last days into the inbox and count them; return how many there were."""
    dice = Random(SEED)  # noqa: S311  # made-up mail
    told = [message for message in make_messages(SEED, MESSAGES, now, make_bursts(now)) if _is_usual(message, dice)]
    events = [event for message in told for event in message.events]
    events.sort(key=lambda event: event.at_us)
    with engines[Mode.WRITE].begin() as connection:
        for start in range(0, len(events), EVENTS_A_DELIVERY):
            delivery = make_delivery(events[start : start + EVENTS_A_DELIVERY], now)
            inbox.insert(connection, company.id, source_id, delivery, state=DeliveryState.PENDING)
    counting.count_company(engines, company, "demo", lambda: now, lambda: True)
    return len(events)


def _is_usual(message: Message, dice: Random) -> bool:
    """Leave most bounces out: the trial's mail bounces more than a company's own does."""
    return not message.meant.bounced or dice.random() < 0.15


def make_bursts(now: datetime) -> list[Burst]:
    """Return a sending a day, at ten in the morning (UTC) or as long before now as there is room."""
    mornings = [(now - timedelta(days=days)).replace(hour=8, minute=0, second=0) for days in range(1, DAYS)]
    mornings.append(now - timedelta(hours=2))
    return [make_burst(at) for at in mornings]


def make_burst(at: datetime) -> Burst:
    """Return a sending of the campaign."""
    return Burst(int(at.timestamp()) * 1_000_000, CAMPAIGN, TEMPLATE, MAILBOX, SUBJECT)


def make_delivery(events: Iterable[Event], now: datetime) -> ReceivedDelivery:
    """Return a request that tells of these events, as it was received soon after the last of them."""
    told = tuple(events)
    last = datetime.fromtimestamp(max(event.at_us for event in told) / 1_000_000, UTC)
    received_at = min(now, last + timedelta(seconds=1))
    composed = adapters()["generic"].compose(told, TrialKeys("unused"), "", received_at)
    return ReceivedDelivery(composed.body, composed.headers, received_at)


def find_shared(session: Session, vault: Vault) -> SourceSecrets | None:
    """Return what the application shares with the dashboard; None when the demo is gone or the source deleted."""
    found = session.scalar(sa.select(Source).where(Source.name == SOURCE_NAME))
    return vault.open(found.sealed) if found is not None and found.sealed is not None else None


def has_room(session: Session, company: CompanyRef, today: date) -> bool:
    """Say whether more mail of today would look like that of other days, and stay below the daily limit."""
    asked = AnalyticsFilter(today, today, ResourceType.CAMPAIGN, CAMPAIGN)
    return get_sum(session, company.id, asked).sent < MESSAGES // DAYS * 3 // 2


def next_events(dice: Random, now: datetime) -> list[Event]:
    """Return what happens to one or two mails that were sent just now: what the application would tell next."""
    seed, count = dice.randrange(10**9), dice.choice((1, 1, 2))
    messages = make_messages(seed, count, now, [make_burst(now - timedelta(minutes=dice.randint(3, 30)))])
    return [event for message in messages for event in message.events]
