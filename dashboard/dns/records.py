"""Which records should be published for a domain, by who sends for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from dashboard.dns.answers import Question
from dashboard.dns.facts import FACTS, Facts, Place
from dashboard.dns.names import organisational_domain, plain

OWNERSHIP_HOST = "_sendscope"
OWNERSHIP_TEXT = "sendscope-verification="
_OWN = Facts("your own servers")


class RecordKind(StrEnum):
    """What a record is for; the last four are told of, but not asked for."""

    OWNERSHIP = "ownership"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    RETURN_PATH = "return_path"
    RETURN_SPF = "return_spf"
    TRACKING = "tracking"
    MX = "mx"
    RECEIVING = "receiving"
    MTA_STS = "mta_sts"
    TLS_RPT = "tls_rpt"
    BIMI = "bimi"


@dataclass(frozen=True, slots=True)
class Sender:
    """A provider that sends for the domain, '' for one's own servers; hosts are the part before the domain."""

    provider: str
    selectors: tuple[str, ...] = ()  # of DKIM; none means the provider's usual ones
    return_path: str = ""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A domain and who sends for it."""

    domain: str
    token: str = ""  # proves that the domain is one's own; '' asks for no proof
    senders: tuple[Sender, ...] = ()
    tracks_replies: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedRecord:
    """One record to publish. `host_short` is relative to the registered domain, as DNS panels ask for it.

    `value` is shown and `accepted` matched: alternatives with `|` between them, `*` for what an account differs by.
    A DKIM key has no value: only its provider knows it.
    """

    kind: RecordKind
    type: str
    host: str
    value: str = ""
    is_required: bool = True
    note: str = ""
    provider: str = ""
    accepted: str = ""
    includes: tuple[str, ...] = ()  # of an SPF record, each of them with alternatives
    domain: str = ""  # the sending domain
    has_host: bool = True  # False while the person has not said which selector it is

    @property
    def host_short(self) -> str:
        """The host as it is entered where the registered domain is understood; @ is the domain itself."""
        zone = organisational_domain(self.domain or self.host)
        return self.host.removesuffix(zone).rstrip(".") or "@"

    @property
    def is_per_account(self) -> bool:
        """Whether the person must copy the value from the provider."""
        return not self.value or "*" in self.value

    @property
    def key(self) -> str:
        """What the record is known by from check to check."""
        parts = [self.kind, self.host, self.provider]
        return ":".join([*parts, self.value] if self.kind is RecordKind.MX else parts)

    @property
    def question(self) -> Question:
        """What to ask; of a DKIM key always for the text, whatever CNAME leads there."""
        return Question(self.host, "TXT" if self.kind is RecordKind.DKIM else self.type)

    def matches(self, found: str) -> bool:
        """Say whether a found value is one of the accepted ones; the preference of an MX does not matter."""
        value = plain(found.rpartition(" ")[2] if self.type == "MX" else found)
        wanted = (self.accepted or self.value).lower().split("|")
        return any(fnmatchcase(value, one.rpartition(" ")[2] if self.type == "MX" else one) for one in wanted)


def records_for(setup: Setup) -> tuple[ExpectedRecord, ...]:
    """Return what should be published: proof, SPF, DKIM, DMARC, then what each provider asks for besides."""
    return (*_ownership(setup), _spf(setup), *_keys(setup), _dmarc(setup), *_paths(setup))


def records_to_look_at(domain: str, selectors: tuple[str, ...] = ()) -> tuple[ExpectedRecord, ...]:
    """Return what can be checked of any domain: SPF and DMARC, and DKIM where the selectors are known."""
    setup = Setup(domain, senders=(Sender("", selectors),) if selectors else ())
    spf = ExpectedRecord(RecordKind.SPF, "TXT", domain, "v=spf1 ~all", domain=domain)
    return (spf, *_keys(setup), _dmarc(setup))


def facts_of(provider: str) -> Facts:
    """Return what is known of a provider; one's own servers for any other."""
    return FACTS.get(provider, _OWN)


# --- one kind of record each ----------------------------------------------------------------------


def _ownership(setup: Setup) -> Iterator[ExpectedRecord]:
    if setup.token:
        yield ExpectedRecord(
            RecordKind.OWNERSHIP, "TXT", f"{OWNERSHIP_HOST}.{setup.domain}", OWNERSHIP_TEXT + setup.token,
            note="Proves that the domain is yours.", domain=setup.domain,
        )  # fmt: skip


def _spf(setup: Setup) -> ExpectedRecord:
    """Return the one SPF record; it is asked for only where a provider sends with the domain in the return path."""
    wanted = [facts.include for sender in setup.senders if (facts := facts_of(sender.provider)).include]
    includes = tuple(dict.fromkeys(wanted))
    value = " ".join(["v=spf1", *(f"include:{one.partition('|')[0]}" for one in includes), "~all"])
    note = "Only one SPF record may exist: add the includes to yours if there is one already."
    if not includes:
        note = "Your providers do not ask for it; it says that nobody else sends with this domain."
    return ExpectedRecord(
        RecordKind.SPF, "TXT", setup.domain, value,
        is_required=bool(includes), note=note, includes=includes, domain=setup.domain,
    )  # fmt: skip


def _keys(setup: Setup) -> Iterator[ExpectedRecord]:
    for sender in setup.senders:
        facts = facts_of(sender.provider)
        for number, selector in enumerate(sender.selectors or facts.selectors, 1):
            yield _key(setup.domain, sender.provider, selector, _target(facts, setup.domain, selector, number))
        if not (sender.selectors or facts.selectors):
            yield ExpectedRecord(
                RecordKind.DKIM, "CNAME" if facts.dkim_target else "TXT", f"_domainkey.{setup.domain}",
                note=f"Enter the selector that {facts.title} {'shows' if sender.provider else 'use'} for this domain.",
                provider=sender.provider, domain=setup.domain, has_host=False,
            )  # fmt: skip


def _key(domain: str, provider: str, selector: str, target: str) -> ExpectedRecord:
    title, shown = facts_of(provider).title, target.partition("|")[0]
    note = f"Copy the value from {title}." if not shown or "*" in shown else f"The key is kept by {title}."
    return ExpectedRecord(
        RecordKind.DKIM, "CNAME" if target else "TXT", f"{selector.lower()}._domainkey.{domain}", shown,
        note=note, provider=provider, accepted=target, domain=domain,
    )  # fmt: skip


def _target(facts: Facts, domain: str, selector: str, number: int) -> str:
    """Return where a selector's CNAME leads, '' where the key itself is published."""
    is_usual = not facts.selectors or selector in facts.selectors
    target = facts.dkim_target if is_usual or facts.entered_target is None else facts.entered_target
    if facts.selectors and is_usual:
        number = facts.selectors.index(selector) + 1
    for name, value in (("selector", selector), ("dashed", domain.replace(".", "-")), ("number", str(number))):
        target = target.replace(f"{{{name}}}", value.lower())
    return target


def _dmarc(setup: Setup) -> ExpectedRecord:
    return ExpectedRecord(
        RecordKind.DMARC, "TXT", f"_dmarc.{setup.domain}", "v=DMARC1; p=none",
        note="Any policy will do to begin with; a record of the registered domain counts for the names below it.",
        domain=setup.domain,
    )  # fmt: skip


def _paths(setup: Setup) -> Iterator[ExpectedRecord]:
    for sender in setup.senders:
        facts = facts_of(sender.provider)
        yield from _return_path(setup.domain, sender, facts)
        if facts.tracking and (host := sender.tracking or facts.tracking.host):
            yield _leading(RecordKind.TRACKING, setup.domain, sender.provider, host, facts.tracking, is_required=False)
        if setup.tracks_replies:
            for value in facts.inbound:
                place = Place(value, type="MX")
                yield _leading(RecordKind.MX, setup.domain, sender.provider, "", place, is_required=False)


def _return_path(domain: str, sender: Sender, facts: Facts) -> Iterator[ExpectedRecord]:
    """Yield the return path; it is required once the person has said where it is."""
    if facts.return_path is None or not (host := sender.return_path or facts.return_path.host):
        return
    is_required = bool(sender.return_path)
    kind = RecordKind.RETURN_PATH
    yield _leading(kind, domain, sender.provider, host, facts.return_path, is_required=is_required)
    if facts.return_include:
        yield ExpectedRecord(
            RecordKind.RETURN_SPF, "TXT", f"{host}.{domain}", f"v=spf1 include:{facts.return_include} ~all",
            is_required=is_required, note=f"The SPF record of {facts.title}'s return path.", provider=sender.provider,
            includes=(facts.return_include,), domain=domain,
        )  # fmt: skip


def _leading(
    kind: RecordKind, domain: str, provider: str, host: str, place: Place, *, is_required: bool
) -> ExpectedRecord:
    shown, title = place.value.partition("|")[0], facts_of(provider).title
    note = f"Copy the value from {title}." if "*" in shown else ""
    return ExpectedRecord(
        kind, place.type, f"{host}.{domain}".lower() if host else domain, shown,
        is_required=is_required, note=note, provider=provider, accepted=place.value, domain=domain,
    )  # fmt: skip
