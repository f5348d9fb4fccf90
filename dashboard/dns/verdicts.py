"""Checking a domain: every expected record, what is told besides, and the state that follows from dated checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dashboard.dns import dmarc, extras, judging, spf_walk
from dashboard.dns.answers import LookUp, Question, remembering
from dashboard.dns.dmarc import DmarcReport
from dashboard.dns.extras import ReadPolicy
from dashboard.dns.facts import FACTS
from dashboard.dns.findings import Finding, Status, unknown
from dashboard.dns.names import organisational_domain
from dashboard.dns.records import ExpectedRecord, RecordKind

__all__ = ["DomainState", "Finding", "Outcome", "PastCheck", "Status", "check_domain", "domain_status", "outcome_of"]

REPEAT_AFTER = timedelta(minutes=5)
_EXTRA_HOSTS = {
    RecordKind.RECEIVING: ("MX", ""),
    RecordKind.MTA_STS: ("TXT", "_mta-sts."),
    RecordKind.TLS_RPT: ("TXT", "_smtp._tls."),
    RecordKind.BIMI: ("TXT", "default._bimi."),
}
# The includes of those who have no return path of their own: they send with the domain's.
_SENT_AS_DOMAIN = frozenset(facts.include for facts in FACTS.values() if facts.include and facts.return_path is None)
_LEADING = frozenset({RecordKind.RETURN_PATH, RecordKind.TRACKING, RecordKind.MX})


class DomainState(StrEnum):
    """What a domain's dated checks come to."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class Outcome(StrEnum):
    """What one check comes to; unknown where a required record could not be asked for, and none failed."""

    PASSING = "passing"
    FAILING = "failing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PastCheck:
    """An earlier check."""

    at: datetime
    outcome: Outcome


def questions_of(expected: Iterable[ExpectedRecord]) -> tuple[Question, ...]:
    """Return what a check is certain to ask, so that it can be asked for at once."""
    records = [record for record in expected if record.has_host]
    asked = [record.question for record in records]
    for domain in dict.fromkeys(record.domain for record in records):
        asked += [Question(prefix + domain, type_) for type_, prefix in _EXTRA_HOSTS.values()]
        asked += [Question(f"_dmarc.{organisational_domain(domain)}", "TXT")]
    return tuple(dict.fromkeys(asked))


def check_domain(
    expected: Sequence[ExpectedRecord], look_up: LookUp, *, read_policy: ReadPolicy | None = None
) -> tuple[Finding, ...]:
    """Return a finding for each expected record, then those that are told besides; all of one domain.

    `read_policy` fetches the MTA-STS policy of a domain; without it only the announcement is looked at.
    """
    ask = remembering(look_up)
    findings = {record.key: _check(record, ask) for record in expected if record.kind is not RecordKind.DMARC}
    policy = DmarcReport()
    for record in expected:
        if record.kind is RecordKind.DMARC:
            policy = dmarc.examine(record.domain, ask)
            aligned_by = _alignment(record.domain, policy, list(findings.values()))
            findings[record.key] = judging.judge_dmarc(record, policy, aligned_by)
    told = _check_extras(expected[0].domain, ask, policy, read_policy) if expected else ()
    return (*(findings[record.key] for record in expected), *told)


def _check(record: ExpectedRecord, ask: LookUp) -> Finding:
    if not record.has_host:
        return unknown(record, f"The selector is not known. {record.note}")
    if record.kind in {RecordKind.SPF, RecordKind.RETURN_SPF}:
        return judging.judge_spf(record, spf_walk.examine(record.host, ask))
    answer = ask(record.question.name, record.question.type)
    if record.kind is RecordKind.DKIM:
        return judging.judge_dkim(record, answer, ask)
    if record.kind in _LEADING:
        return judging.judge_target(record, answer)
    return judging.judge_ownership(record, answer)


def _alignment(domain: str, policy: DmarcReport, findings: list[Finding]) -> tuple[str, ...] | None:
    """Return what counts for the domain in From; None while too little is known, or there is no signature to judge."""
    keys = [one for one in findings if one.record.kind is RecordKind.DKIM]
    by_key = any(
        one.status.is_good and dmarc.is_aligned(domain, one.record.domain, is_strict=policy.is_strict_dkim)
        for one in keys
    )
    by_path = any(
        dmarc.is_aligned(domain, one.record.host, is_strict=policy.is_strict_spf) for one in findings if _carries(one)
    )
    found = (*(("SPF",) if by_path else ()), *(("DKIM",) if by_key else ()))
    counting = {RecordKind.DKIM, RecordKind.SPF, RecordKind.RETURN_PATH}
    is_open = not keys or any(one.status is Status.UNKNOWN for one in findings if one.record.kind in counting)
    return None if is_open and not found else found


def _carries(finding: Finding) -> bool:
    """Say whether mail has this host in its return path, and passes SPF there."""
    record = finding.record
    if not finding.status.is_good:
        return False
    if record.kind is RecordKind.RETURN_PATH:
        return True
    return record.kind is RecordKind.SPF and _sends_from_domain(record)


def _sends_from_domain(record: ExpectedRecord) -> bool:
    """Say whether somebody sends with the domain itself in the return path: its includes' providers, or oneself."""
    return record.is_required and (not record.includes or bool(_SENT_AS_DOMAIN & set(record.includes)))


def _check_extras(domain: str, ask: LookUp, policy: DmarcReport, read_policy: ReadPolicy | None) -> tuple[Finding, ...]:
    found = []
    for kind, (type_, prefix) in _EXTRA_HOSTS.items():
        record = ExpectedRecord(kind, type_, prefix + domain, is_required=False, domain=domain)
        answer = ask(record.host, type_)
        if kind is RecordKind.MTA_STS:
            text = read_policy(domain) if read_policy and any("stsv1" in one.lower() for one in answer.values) else None
            report = extras.examine_mta_sts(answer, text)
        elif kind is RecordKind.TLS_RPT:
            report = extras.examine_tls_reports(answer)
        elif kind is RecordKind.BIMI:
            report = extras.examine_bimi(answer, policy.policy)
        else:
            report = extras.examine_receiving(answer)
        found.append(judging.judge_extra(record, answer, report))
    return tuple(found)


# --- the state of a domain ------------------------------------------------------------------------


def outcome_of(findings: Iterable[Finding]) -> Outcome:
    """Return what a check comes to: its required records decide."""
    statuses = {finding.status for finding in findings if finding.record.is_required}
    if Status.FAIL in statuses:
        return Outcome.FAILING
    return Outcome.UNKNOWN if Status.UNKNOWN in statuses else Outcome.PASSING


def domain_status(
    previous: DomainState, findings: Iterable[Finding], history: Iterable[PastCheck], now: datetime
) -> DomainState:
    """Return the state after a check at `now`; `history` has the earlier checks in any order.

    What could not be asked changes nothing. A failure counts when it was there 5 minutes or longer ago as well, and no
    check in between passed.
    """
    outcome = outcome_of(findings)
    if outcome is Outcome.UNKNOWN:
        return previous
    if outcome is Outcome.PASSING:
        return DomainState.VERIFIED
    first = failing_since(history)
    return DomainState.FAILED if first is not None and now - first >= REPEAT_AFTER else previous


def failing_since(history: Iterable[PastCheck]) -> datetime | None:
    """Return when the failing checks began that the newest known one belongs to, None where that one passed."""
    first = None
    for check in sorted(history, key=lambda one: one.at, reverse=True):
        if check.outcome is Outcome.PASSING:
            break
        if check.outcome is Outcome.FAILING:
            first = check.at
    return first
