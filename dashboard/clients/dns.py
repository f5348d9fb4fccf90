"""Asking the DNS: look-ups that never raise, are over in five seconds, and follow CNAMEs with the chain kept."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver

from dashboard.clients.http import CannotFetch, Fetcher
from dashboard.config import read_server
from dashboard.dns.answers import Answer, AnswerState, LookUp, Question, remembering
from dashboard.dns.extras import Policy

TIMEOUT_S = 5.0
TRY_S = 2.0  # for one try; then the next server, or the same one again
TOTAL_S = 20.0  # for a whole check of a domain
MAX_WORKERS = 8
MAX_HOPS = 8  # of CNAMEs
MAX_AHEAD = 60  # questions that a check may ask in advance
UDP_BYTES = 1232

Follow = Callable[[Answer], Iterable[Question]]


@dataclass(frozen=True, slots=True)
class _Step:
    """One answer of a server: the records, the CNAMEs before them, or why there are none."""

    state: AnswerState
    values: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    ttl: int | None = None
    reason: str = ""


class Resolver:
    """Looks names up at the nameservers of this machine, or at those given (addresses)."""

    def __init__(
        self, nameservers: Sequence[str] | None = None, *, port: int = 53, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._timeout_s = timeout_s
        self._resolver = _configured(nameservers, port)
        self._resolver.timeout = min(TRY_S, timeout_s)
        self._resolver.cache = None
        self._resolver.use_edns(0, 0, UDP_BYTES)

    def look_up(self, name: str, type_: str, timeout_s: float | None = None) -> Answer:
        """Return what there is; a time-out, SERVFAIL or refusal is a failed answer, never an error."""
        until = time.monotonic() + (self._timeout_s if timeout_s is None else min(timeout_s, self._timeout_s))
        try:
            asked = _read_name(name)
        except (dns.exception.DNSException, UnicodeError, ValueError) as error:
            return Answer(name, type_, AnswerState.FAILED, reason=f"it is not a name that can be asked ({error})")
        return self._follow(name, type_, asked, until)

    def look_up_many(self, questions: Iterable[Question]) -> list[Answer]:
        """Return the answers in the order of the questions, several of them asked at once."""
        return _at_once(self.look_up, questions)

    def prepared(self, questions: Iterable[Question], follow: Follow, *, total_s: float = TOTAL_S) -> LookUp:
        """Return a look-up for one check: what can be told ahead was asked in parallel, and all ends in time.

        `follow` tells what an answer will be asked for next. After `total_s` every further question fails.
        """
        until = time.monotonic() + total_s
        known: dict[Question, Answer] = {}
        waiting = list(dict.fromkeys(questions))
        while waiting and len(known) < MAX_AHEAD and time.monotonic() < until:
            answers = _at_once(partial(self._within, until), waiting[: MAX_AHEAD - len(known)])
            known |= {Question(answer.name, answer.type): answer for answer in answers}
            waiting = [
                one for one in dict.fromkeys(q for answer in answers for q in follow(answer)) if one not in known
            ]
        return remembering(partial(self._within, until), known.values())

    def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, as the guarded fetcher asks for them; raises CannotFetch."""
        answers = self.look_up_many([Question(host, "A"), Question(host, "AAAA")])
        if not (found := [value for answer in answers for value in answer.values]):
            raise CannotFetch(f"{host} has no address.")
        return found

    def _within(self, until: float, name: str, type_: str) -> Answer:
        left_s = until - time.monotonic()
        if left_s <= 0:
            return Answer(name, type_, AnswerState.FAILED, reason="the check took too long")
        return self.look_up(name, type_, left_s)

    def _follow(self, name: str, type_: str, asked: dns.name.Name, until: float) -> Answer:
        """Ask, and ask again where a CNAME leads to a name that the server told nothing about."""
        chain: tuple[str, ...] = ()
        seen = {_plain(asked)}
        for _ in range(MAX_HOPS):
            step = self._ask(asked, type_, until)
            repeated = next((one for one in step.chain if one in seen), None)
            chain, seen = (*chain, *step.chain), seen | set(step.chain)
            if repeated or len(set(step.chain)) < len(step.chain):
                return _circle(name, type_, chain)
            if not step.chain or step.state is not AnswerState.NODATA:
                return Answer(name, type_, step.state, step.values, chain, step.ttl, step.reason)
            asked = _read_name(step.chain[-1])
        return _circle(name, type_, chain)

    def _ask(self, asked: dns.name.Name, type_: str, until: float) -> _Step:
        left_s = until - time.monotonic()
        if left_s <= 0:
            return _Step(AnswerState.FAILED, reason="no answer in time")
        try:
            found = self._resolver.resolve(asked, type_, lifetime=left_s, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN as error:
            return _Step(AnswerState.NXDOMAIN, chain=_links(error.kwargs["responses"][asked], asked))
        except dns.resolver.NoNameservers as error:
            chain = _too_long(error, asked)
            return _Step(AnswerState.NODATA if chain else AnswerState.FAILED, chain=chain, reason=_why(error))
        except (dns.exception.DNSException, OSError, ValueError) as error:
            return _Step(AnswerState.FAILED, reason=_why(error))
        chain = _links(found.response, asked) if type_ != "CNAME" else ()
        if found.rrset is None:
            return _Step(AnswerState.NODATA, chain=chain)
        return _Step(AnswerState.FOUND, tuple(sorted(_value(one) for one in found.rrset)), chain, found.rrset.ttl)


def policy_reader(fetcher: Fetcher) -> Callable[[str], Policy]:
    """Return what fetches the MTA-STS policy of a domain (RFC 8461, section 3.3), guarded."""

    def read(domain: str) -> Policy:
        try:
            body = fetcher.get(f"https://mta-sts.{domain}/.well-known/mta-sts.txt")
        except CannotFetch as error:
            return Policy(reason=str(error))
        return Policy(body.decode("utf-8", "replace"))

    return read


def open_resolver(nameserver: str = "") -> Resolver:
    """Return a resolver that asks the given server, or else those of this machine; raises ValueError."""
    if not nameserver:
        return Resolver()
    address, port = read_server(nameserver)
    return Resolver([address], port=port)


def _at_once(look_up: LookUp, questions: Iterable[Question]) -> list[Answer]:
    asked = list(questions)
    with ThreadPoolExecutor(max_workers=MAX_WORKERS, thread_name_prefix="dns") as pool:
        return list(pool.map(look_up, (one.name for one in asked), (one.type for one in asked)))


def _configured(nameservers: Sequence[str] | None, port: int) -> dns.resolver.Resolver:
    """Return dnspython's resolver; a machine without any nameserver fails at each look-up, not here."""
    if nameservers is None:
        try:
            return dns.resolver.Resolver()
        except (dns.resolver.NoResolverConfiguration, OSError):
            nameservers = ()
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port = list(nameservers), port
    return made


def _read_name(name: str) -> dns.name.Name:
    """Return the absolute name; an address is no name, and is refused with ValueError."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return dns.name.from_text(name, dns.name.root)
    raise ValueError("an address")


def _links(response: dns.message.QueryMessage, asked: dns.name.Name) -> tuple[str, ...]:
    """Return the targets of the CNAMEs in an answer, from the asked name on, as far as they lead."""
    leads = {
        rrset.name: one.target for rrset in response.answer if rrset.rdtype == dns.rdatatype.CNAME for one in rrset
    }
    links: list[str] = []
    while asked in leads and len(links) <= len(leads):
        asked = leads[asked]
        links.append(_plain(asked))
    return tuple(links)


def _too_long(error: dns.resolver.NoNameservers, asked: dns.name.Name) -> tuple[str, ...]:
    """Return the CNAMEs of an answer that was refused because they do not end, nothing for any other."""
    told = [one[4] for one in error.kwargs["errors"] if isinstance(one[3], dns.message.ChainTooLong)]
    return _links(told[0], asked) if told and told[0] is not None else ()


def _circle(name: str, type_: str, chain: tuple[str, ...]) -> Answer:
    reason = f"The CNAMEs lead in a circle: {' → '.join((name, *chain[:MAX_HOPS]))}."
    return Answer(name, type_, AnswerState.NODATA, chain=chain, reason=reason)


def _value(record: Any) -> str:
    """Return a record as `answers.Answer` has it."""
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(record.strings).decode("utf-8", "replace")
    if record.rdtype == dns.rdatatype.MX:
        return f"{record.preference} {_plain(record.exchange) or '.'}"
    if record.rdtype in {dns.rdatatype.CNAME, dns.rdatatype.NS}:
        return _plain(record.target)
    return str(record.to_text())


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


def _why(error: Exception) -> str:
    """Return why there is no answer, for a person."""
    if isinstance(error, dns.resolver.NoNameservers):
        codes = [code for code in ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR") if code in str(error)]
        return f"the nameserver answered {codes[0]}" if codes else "no nameserver can be asked"
    if isinstance(error, dns.exception.Timeout | socket.timeout):
        return "no answer in time"
    return f"the answer could not be read ({type(error).__name__})"
