"""The demo's domains: what their DNS would have said over the days, looked up and kept as if it had; no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session

from dashboard.dns.answers import Answer, AnswerState, LookUp
from dashboard.dns.records import OWNERSHIP_HOST, OWNERSHIP_TEXT
from dashboard.dns.verdicts import check_domain
from dashboard.models import Domain
from dashboard.models.domains import DomainStatus
from dashboard.queries.domains import list_checks
from dashboard.services import demo_story as story
from dashboard.services.domain_checks import ACTOR, OFTEN, SELDOM, keep_check
from dashboard.services.domains import records_of
from dashboard.services.resources import Change
from dashboard.vocabulary.people import CompanyRef

Zone = Mapping[str, tuple[str, ...]]  # "name TYPE" → values

_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAstfEmtSsI/fhKPW1442iGFW4nrMlyXOZLtUB7LKkDMl6AfAfiYVCcF6OJB5E"
    "y4f7OQ0u9/xRO7hkM00mMx6MlyOndF6d6LVxI9SQKfL7nU2uCqPhrhDBHGftp5sQCWbacGgOh9JdtNbhMz2R0lue2L5TxA2mb54NzvHL"
    "j0UJ6lswIzxFbPQ59xitDwY1Jmnn5oNLJV8Gh08Ja030V6yRr4tnTFhvqWre5YN0QRDt5addc3hc26rdmaKxWkUO+farKB9P9bF92eM0"
    "AmBCD+lif9fYM2SYKqMuvlyygdfufs064ono5eyG14F2rsDueoWIuLQM6BcUNN4iQojsEquLdwIDAQAB"
)
_SHORT_KEY = (  # 1,024 bits: it passes, with a warning
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCuq22Q+KCo7VoMqU1s04txGd/BB7nYB/GHhqTknj1nWFDJoAj2SOZjiThs8tQJYvy7"
    "Nf4DylKxwrVu7q1TRfncF9UxpCSCLkkQsoEaoUOnyeasKzmanYqIVzU69ArEaYoB1rUMuzyPWtmvX/4hThCKEd7yMgmPQcW/xw6FA9OR"
    "FwIDAQAB"
)
_TEXT = (f"v=DKIM1; k=rsa; p={_KEY}",)
_NONE: tuple[str, ...] = ()
LAST_CHECK = timedelta(minutes=40)  # before now


@dataclass(frozen=True, slots=True)
class Era:
    """From so many days ago on, these records are in the place of those before; none takes one away."""

    days_ago: int
    records: Zone


@dataclass(frozen=True, slots=True)
class DemoDomain:
    """A domain: who sends for it, and its eras, the oldest first."""

    name: str
    providers: tuple[str, ...]
    config: dict[str, Any] = field(default_factory=dict)
    eras: tuple[Era, ...] = ()
    chains: Mapping[str, str] = field(default_factory=dict)  # a name → where its CNAME leads


_NEWS, _MAIL = "news.acme.test", "mail.acme.test"
_NEWS_KEYS = (f"s1._domainkey.{_NEWS} TXT", f"s2._domainkey.{_NEWS} TXT")
_HELPDESK, _CRM = "_spf.helpdesk.test", "_spf.crm.test"

DOMAINS = (
    DemoDomain(
        _NEWS, ("sendgrid",), {"return_path": {"sendgrid": "em4711"}, "tracking": {"sendgrid": "links"}},
        (
            Era(10_000, {
                **dict.fromkeys(_NEWS_KEYS, _TEXT),
                f"em4711.{_NEWS} CNAME": ("u4711.wl007.sendgrid.net",), f"links.{_NEWS} CNAME": ("sendgrid.net",),
                "_dmarc.acme.test TXT": ("v=DMARC1; p=none; rua=mailto:dmarc@acme.test",),
                f"{_NEWS} MX": ("10 mx.acme.test",),
            }),
            Era(story.BAD_FROM, dict.fromkeys(_NEWS_KEYS, _NONE)),
            Era(story.BAD_TO - 1, dict.fromkeys(_NEWS_KEYS, _TEXT)),
            Era(14, {"_dmarc.acme.test TXT": ("v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.test",)}),
            Era(8, {f"_smtp._tls.{_NEWS} TXT": ("v=TLSRPTv1; rua=mailto:tls@acme.test",)}),
        ),
        {f"{one}._domainkey.{_NEWS}": f"{one}.domainkey.u4711.wl007.sendgrid.net" for one in ("s1", "s2")},
    ),
    DemoDomain(
        _MAIL, ("mailgun", "postmark"), {"selectors": {"mailgun": ["mg"], "postmark": ["20250114pm"]}},
        (
            Era(10_000, {
                f"mg._domainkey.{_MAIL} TXT": _TEXT, f"20250114pm._domainkey.{_MAIL} TXT": _TEXT,
                # 4 + 2 + 1 + 1 + 1 = 9 look-ups
                f"{_MAIL} TXT": (f"v=spf1 include:mailgun.org include:{_HELPDESK} include:{_CRM} a mx ~all",),
                "mailgun.org TXT": ("v=spf1 include:_spf.mailgun.org ~all",),
                "_spf.mailgun.org TXT": ("v=spf1 include:_spf1.mailgun.org include:_spf2.mailgun.org ~all",),
                "_spf1.mailgun.org TXT": ("v=spf1 ip4:192.0.2.0/24 ~all",),
                "_spf2.mailgun.org TXT": ("v=spf1 ip4:198.51.100.0/24 ~all",),
                f"{_HELPDESK} TXT": ("v=spf1 include:_spf.hosts.test -all",),
                "_spf.hosts.test TXT": ("v=spf1 ip4:203.0.113.0/26 -all",),
                f"{_CRM} TXT": ("v=spf1 ip4:203.0.113.64/26 -all",),
                f"{_MAIL} A": ("192.0.2.10",), f"{_MAIL} MX": ("10 mx.acme.test",),
                "_dmarc.acme.test TXT": ("v=DMARC1; p=none; rua=mailto:dmarc@acme.test",),
                f"pm-bounces.{_MAIL} CNAME": ("pm.mtasv.net",), f"email.{_MAIL} CNAME": ("mailgun.org",),
            }),
            Era(52, {  # 2 look-ups more
                f"{_CRM} TXT": ("v=spf1 include:_spf-eu.crm.test include:_spf-us.crm.test -all",),
                "_spf-eu.crm.test TXT": ("v=spf1 ip4:203.0.113.64/26 -all",),
                "_spf-us.crm.test TXT": ("v=spf1 ip4:203.0.113.128/26 -all",),
            }),
            Era(50, {f"{_MAIL} TXT": (f"v=spf1 include:mailgun.org include:{_CRM} mx ~all",)}),
            Era(14, {"_dmarc.acme.test TXT": ("v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.test",)}),
        ),
    ),
    DemoDomain(
        "app.acme.test", ("resend",), {"return_path": {"resend": "send"}},
        (
            Era(10_000, {
                "resend._domainkey.app.acme.test TXT": (f"p={_SHORT_KEY}",),
                "send.app.acme.test MX": ("10 feedback-smtp.eu-west-1.amazonses.com",),
                "send.app.acme.test TXT": ("v=spf1 include:amazonses.com ~all",),
                "amazonses.com TXT": ("v=spf1 ip4:192.0.2.128/26 -all",),
                "_dmarc.acme.test TXT": ("v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.test",),
                "app.acme.test MX": ("10 mx.acme.test",),
            }),
        ),
    ),
    DemoDomain(
        "rival.test", ("generic",), {"selectors": {"generic": ["main"]}},
        (
            Era(10_000, {
                "main._domainkey.rival.test TXT": _TEXT, "rival.test TXT": ("v=spf1 mx -all",),
                "rival.test MX": ("10 mx.rival.test",), "_dmarc.rival.test TXT": ("v=DMARC1; p=reject",),
            }),
        ),
    ),
)  # fmt: skip


def make_domain(name: str) -> Domain:
    """Return a domain of the story, as it was before its first check."""
    told = _find(name)
    token = blake2b(name.encode(), digest_size=16).hexdigest()
    return Domain(
        name=name, status=DomainStatus.PENDING, token=token, providers=list(told.providers), config=told.config
    )  # fmt: skip


def tell_checks(session: Session, ref: CompanyRef, domain: Domain, days: int, now: datetime) -> None:
    """Keep what each era's checks would have found; a failure is looked at again an hour later."""
    told, records = _find(domain.name), dict[str, tuple[str, ...]]()
    records[f"{OWNERSHIP_HOST}.{domain.name} TXT"] = (OWNERSHIP_TEXT + domain.token,)
    for era in told.eras:
        records |= era.records
        at = now - LAST_CHECK - timedelta(days=min(era.days_ago, days - 1))
        if era.days_ago < days or era is told.eras[0]:
            _keep(session, ref, domain, _look_up(records, told.chains), at)
    _fill(session, domain, now - LAST_CHECK)


def _keep(session: Session, ref: CompanyRef, domain: Domain, look_up: LookUp, at: datetime) -> None:
    for later in (timedelta(0), OFTEN):
        findings = check_domain(records_of(domain), look_up)
        keep_check(session, Change(ref, ACTOR, at + later), domain, findings)
        session.flush()
        if domain.failing_since is None:
            return


def _fill(session: Session, domain: Domain, until: datetime) -> None:
    """Let each kept check stand for all that would have come until the next one."""
    for check in list_checks(session, domain.id, limit=100):
        pause = OFTEN if check.is_failing else SELDOM
        more = max(0, (until - check.first_at) // pause)
        check.count, check.last_at = 1 + more, check.first_at + more * pause
        until = check.first_at - timedelta(seconds=1)
        domain.checked_at = max(check.last_at, domain.checked_at or check.last_at)


def _look_up(records: Zone, chains: Mapping[str, str]) -> LookUp:
    """Return a look-up from a table."""

    def ask(name: str, type_: str) -> Answer:
        values = records.get(f"{name} {type_}", _NONE)
        if not values:
            return Answer(name, type_, AnswerState.NXDOMAIN)
        chain = (chains[name],) if name in chains else ()
        return Answer(name, type_, AnswerState.FOUND, values, chain, 3600)

    return ask


def _find(name: str) -> DemoDomain:
    return next(one for one in DOMAINS if one.name == name)
