"""Who opened or clicked: a person, a proxy that fetches images, a scanner that follows links, or nobody knows.

Each class comes with the rule that decided it. The rules look at all events of a message, so they are run again
whenever one arrives, and over history when they change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from dashboard.vocabulary.events import EventType

# Version of the rules; a rise means that history is classed anew.
RULES_VERSION = 1

TOO_SOON_US = 2_000_000  # nobody opens within two seconds of delivery
SCAN_WINDOW_US = 5_000_000
SCAN_LINKS = 2  # that many different links within the window


class Actor(StrEnum):
    """Who did it; unknown counts as a person."""

    HUMAN = "human"
    PROXY = "proxy"
    SCANNER = "scanner"
    UNKNOWN = "unknown"


class Rule(StrEnum):
    """What decided."""

    PROVIDER = "the provider marks it as automatic"
    PROXY = "a known image proxy fetched it"
    SCANNER = "a known scanner or program fetched it"
    TOO_SOON = "it came within two seconds of delivery"
    MANY_LINKS = "several links were followed within five seconds"
    BROWSER = "a mail program or browser that people use"
    NOTHING = "nothing speaks for or against a person"


class Verdict(NamedTuple):
    """A class, and why."""

    actor: Actor
    rule: Rule

    @property
    def is_machine(self) -> bool:
        """Whether it is counted apart from people."""
        return self.actor in {Actor.PROXY, Actor.SCANNER}


_PROXIES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|ggpht\.com|Outlook-?ImageProxy|ImageProxy|^Mozilla/5\.0$", re.IGNORECASE
)
_SCANNERS = re.compile(
    r"barracuda|proofpoint|mimecast|symantec|trend ?micro|forcepoint|safelinks|bot\b|crawler|spider|"
    r"python-requests|curl/|wget/|Go-http-client|HeadlessChrome|PhantomJS",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"Windows NT|Macintosh|iPhone|iPad|Android|X11|Thunderbird|Outlook|Mail/", re.IGNORECASE)


class Engagement(NamedTuple):
    """An open or a click, as the rules see it."""

    type: str
    at_us: int
    url: str
    user_agent: str
    is_flagged: bool


def classify(engagements: Sequence[Engagement], delivered_at_us: int | None) -> list[Verdict]:
    """Return a verdict for each open and click of a message, in their order.

    `delivered_at_us` is the first delivery that the provider reported, if it did.
    """
    scanned = _scanned(engagements)
    return [_verdict(one, delivered_at_us, is_scan=one.at_us in scanned) for one in engagements]


def is_unsubscribe(url: str) -> bool:
    """Say whether an address is there to unsubscribe."""
    if "nsubscribe" not in url:  # the usual case
        return False
    return "unsubscribe" in url.partition("#")[0].lower()


def _verdict(one: Engagement, delivered_at_us: int | None, *, is_scan: bool) -> Verdict:
    """Return the verdict of the first rule that applies."""
    seems, is_click = _look_at(one.user_agent), one.type == EventType.CLICKED
    machine = Actor.SCANNER if is_click else Actor.PROXY
    rules = (
        (one.is_flagged, machine, Rule.PROVIDER),
        (not is_click and seems.proxy, Actor.PROXY, Rule.PROXY),
        (seems.scanner, Actor.SCANNER, Rule.SCANNER),
        (_is_too_soon(one, delivered_at_us), Actor.SCANNER, Rule.TOO_SOON),
        (is_scan, Actor.SCANNER, Rule.MANY_LINKS),
        (seems.person, Actor.HUMAN, Rule.BROWSER),
    )
    return next((Verdict(actor, rule) for applies, actor, rule in rules if applies), _UNKNOWN)


class _Seems(NamedTuple):
    """What a user agent looks like; it may look like several."""

    proxy: bool
    scanner: bool
    person: bool


@lru_cache(maxsize=4_096)
def _look_at(agent: str) -> _Seems:
    return _Seems(*(pattern.search(agent) is not None for pattern in (_PROXIES, _SCANNERS, _PEOPLE)))


_UNKNOWN = Verdict(Actor.UNKNOWN, Rule.NOTHING)


def _is_too_soon(one: Engagement, delivered_at_us: int | None) -> bool:
    return delivered_at_us is not None and 0 <= one.at_us - delivered_at_us < TOO_SOON_US


def _scanned(engagements: Sequence[Engagement]) -> frozenset[int]:
    """Return the instants of clicks that are part of a burst over several links: that is how scanners read mail."""
    clicks = sorted((one.at_us, one.url) for one in engagements if one.type == EventType.CLICKED)
    if len(clicks) < SCAN_LINKS:
        return frozenset()
    found: set[int] = set()
    first = 0
    for last, (at_us, _) in enumerate(clicks):
        while at_us - clicks[first][0] > SCAN_WINDOW_US:
            first += 1
        if len({url for _, url in clicks[first : last + 1]}) >= SCAN_LINKS:
            found.update(at for at, _ in clicks[first : last + 1])
    return frozenset(found)
