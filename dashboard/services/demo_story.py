"""The demo's numbers: a story that is the same for the same day, made from nothing but a seed. Pure.

Every number is made for one way that mail takes (campaign, template, mailbox), and booked on all four resources
of that way, so that the totals by campaign, template, mailbox and domain are equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from dashboard.services.demo_warmups import tell_warm_ups
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics

SEED = 20260
WEEKDAYS = (1.0, 1.15, 1.1, 1.0, 0.8, 0.3, 0.25)  # Monday first

# The bad week, in days before today: the DKIM record of news.acme.test is gone.
BAD_FROM, BAD_TO = 29, 23
BAD_DOMAIN = "news.acme.test"


@dataclass(frozen=True, slots=True)
class Way:
    """One campaign's mail with one template from one mailbox: how much, and how it is received."""

    campaign: str
    template: str
    mailbox: str
    per_day: int
    opens: float
    clicks: float
    replies: float
    bounces: float = 0.012
    days_ago: tuple[int, int] = (10_000, 0)  # first and last day with mail

    @property
    def domain(self) -> str:
        """The sending domain."""
        return self.mailbox.partition("@")[2]


ACME = (
    Way("welcome", "tpl-welcome", "hello@mail.acme.test", 340, 0.58, 0.14, 0.021),
    Way("welcome", "tpl-welcome", "team@mail.acme.test", 190, 0.56, 0.13, 0.026),
    Way("trial-day-3", "tpl-plain", "ada@mail.acme.test", 260, 0.47, 0.09, 0.048),
    Way("trial-day-3", "tpl-plain", "sales@mail.acme.test", 210, 0.45, 0.08, 0.041),
    Way("product-news", "tpl-news", "news@news.acme.test", 820, 0.41, 0.062, 0.004, 0.015),
    Way("win-back", "tpl-plain", "offers@news.acme.test", 300, 0.29, 0.031, 0.009, 0.021, (10_000, 24)),
    Way("webinar", "tpl-news", "news@news.acme.test", 240, 0.44, 0.11, 0.012, 0.013, (75, 41)),
)
RIVAL = (Way("spring-sale", "sale", "shop@rival.test", 420, 0.33, 0.05, 0.003, 0.018),)

COMPANIES = {"acme": ACME, "rival": RIVAL}

CAMPAIGNS = (
    # company, key, name, status, daily limit
    ("acme", "welcome", "Welcome series", "active", 800),
    ("acme", "trial-day-3", "Trial, day 3", "active", 600),
    ("acme", "product-news", "Product news", "active", 1500),
    ("acme", "win-back", "Win-back, dormant 90 days", "paused", 400),
    ("acme", "webinar", "Webinar invitations", "completed", 400),
    ("rival", "spring-sale", "Spring sale", "active", 900),
)
# Mails of a day while the demo runs: little more than on other days, and below every daily limit.
ROOM = {
    key: min(limit * 9 // 10, sum(way.per_day for way in (*ACME, *RIVAL) if way.campaign == key) * 23 // 20)
    for _, key, _, _, limit in CAMPAIGNS
}
MAILBOX_NAMES = {
    "hello": "Acme", "team": "The Acme team", "ada": "Ada Acme", "sales": "Acme sales", "news": "Acme news",
    "offers": "Acme offers", "shop": "Rival shop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryMark:
    """A cause in the story."""

    days_ago: int
    kind: str
    title: str


ACME_MARKS = (StoryMark(24, "pause", "Win-back was paused: 11.8 % of its mail bounced"),)


def tell(slug: str, today: date, days: int) -> list[ReportedNumbers]:
    """Return a company's numbers of the days before today, oldest first."""
    numbers = []
    for days_ago in range(days - 1, 0, -1):
        numbers += tell_day(slug, today, days_ago)
    return numbers


def tell_day(slug: str, today: date, days_ago: int, share: float = 1.0) -> list[ReportedNumbers]:
    """Return the numbers of one day, or of the share of it that has passed."""
    day = today - timedelta(days=days_ago)
    booked: dict[tuple[ResourceType, str], Metrics] = defaultdict(Metrics)
    for n, way in enumerate(COMPANIES[slug]):
        first, last = way.days_ago
        if last <= days_ago <= first:
            random = Random(f"{SEED} {slug} {n} {day.toordinal()}")
            book(booked, way, make_metrics(random, way, day, days_ago, share))
    for mailbox, metrics in tell_warm_ups(slug, today, days_ago, share):
        book(booked, Way("trial-day-3", "tpl-plain", mailbox, 0, 0, 0, 0), metrics)
    return [ReportedNumbers(kind, key, day, metrics) for (kind, key), metrics in booked.items()]


def book(booked: dict[tuple[ResourceType, str], Metrics], way: Way, metrics: Metrics) -> None:
    """Add numbers to all four resources of a way."""
    for kind, key in resources_of(way):
        booked[kind, key] += metrics


def resources_of(way: Way) -> Iterator[tuple[ResourceType, str]]:
    """Yield the four resources that a way's mail belongs to."""
    yield ResourceType.CAMPAIGN, way.campaign
    yield ResourceType.TEMPLATE, way.template
    yield ResourceType.MAILBOX, way.mailbox
    yield ResourceType.DOMAIN, way.domain


def make_metrics(random: Random, way: Way, day: date, days_ago: int, share: float) -> Metrics:
    """Return one day's numbers of a way: weekday rhythm, slow growth, noise, and the bad week."""
    growth = 1.0 - 0.0025 * days_ago
    volume = way.per_day * WEEKDAYS[day.weekday()] * growth * random.uniform(0.9, 1.1)
    is_bad = way.domain == BAD_DOMAIN and BAD_TO <= days_ago <= BAD_FROM
    better = 1.12 if way.template == "tpl-news" and days_ago <= 12 else 1.0  # the shorter subject helps
    sent = round(volume * share)
    bounced = _part(random, sent, way.bounces + (0.095 if is_bad else 0))
    delivered = sent - bounced
    opened = _part(random, delivered, way.opens * (0.55 if is_bad else better))
    clicked = min(opened, _part(random, delivered, way.clicks * (0.5 if is_bad else better)))
    return Metrics(sent, delivered, opened, clicked, _part(random, delivered, way.replies), bounced)


def _part(random: Random, whole: int, share: float) -> int:
    return min(whole, max(0, round(whole * share * random.uniform(0.88, 1.12))))


def share_of_day(now: datetime) -> float:
    """Return how much of a day's mail is usually out at this local time: most goes between 8 and 18 o'clock."""
    hour = now.hour + now.minute / 60
    return min(0.98, max(0.06, (hour - 7) / 12))
