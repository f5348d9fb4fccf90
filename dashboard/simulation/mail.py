"""What made-up mail is about: campaigns, senders, recipients, links, and the programs in which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

DOMAINS = ("mail.trial.example", "notes.trial.example")
MAILBOXES = ("news@mail.trial.example", "ada@notes.trial.example", "shop@mail.trial.example")
TEMPLATES = ("trial-newsletter", "trial-receipt", "trial-invitation")
CAMPAIGNS = (
    ("trial-spring", "Spring has come"), ("trial-welcome", "Welcome aboard"), ("trial-autumn", "What is new"),
    ("trial-harvest", "The harvest is in"),
)  # fmt: skip
LINKS = tuple(f"https://www.trial.example/{page}?utm_source=mail" for page in ("shop", "news", "about", "jobs", "help"))
UNSUBSCRIBE = "https://mail.trial.example/unsubscribe?c=8f3a"

_RECEIVERS = {
    "gmail.com": 40, "outlook.com": 14, "hotmail.com": 8, "yahoo.com": 12, "icloud.com": 8, "gmx.de": 5, "proton.me": 3,
    "harbour.example": 6, "oak-and-sons.example": 4,
}  # fmt: skip
_NAMES = ("ada", "bo", "cleo", "dan", "eve", "finn", "gil", "hana", "ivo", "june", "kim", "leo", "mia", "ned", "olga")

PEOPLE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.1.0",
)
PROXIES = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0",  # of Apple's Mail Privacy Protection
)


@dataclass(frozen=True, slots=True)
class Burst:
    """One sending of a campaign: many mails within a short time."""

    starts_us: int
    campaign: str
    template: str
    mailbox: str
    subject: str

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.mailbox.rpartition("@")[2]


def make_burst(dice: Random, starts_us: int) -> Burst:
    """Return a sending that begins then."""
    campaign, subject = dice.choice(CAMPAIGNS)
    return Burst(starts_us, campaign, dice.choice(TEMPLATES), dice.choice(MAILBOXES), subject)


def make_recipient(dice: Random) -> str:
    """Return somebody's address; the same person may come again."""
    domain = dice.choices(tuple(_RECEIVERS), tuple(_RECEIVERS.values()))[0]
    return f"trial.{dice.choice(_NAMES)}{dice.randrange(500)}@{domain}"


def make_ip(dice: Random) -> str:
    """Return an address of the ranges that are kept for examples (RFC 5737)."""
    return f"{dice.choice(('192.0.2', '198.51.100', '203.0.113'))}.{dice.randrange(1, 255)}"
