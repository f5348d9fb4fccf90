"""What Gmail, Yahoo and Outlook ask of those who send much: more than 5,000 mails a day to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.dns.findings import Finding, Status
from dashboard.dns.records import RecordKind
from dashboard.dns.spf_walk import MAX_LOOK_UPS

MAX_COMPLAINT_RATE = 0.003
BULK_MAILS_A_DAY = 5000
_ALL = ("Gmail", "Yahoo", "Outlook")
_SPF_KINDS = frozenset({RecordKind.SPF, RecordKind.RETURN_SPF, RecordKind.RETURN_PATH})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, whether it is met (None: not known), a sentence, and who asks for it."""

    title: str
    is_met: bool | None
    sentence: str
    sources: tuple[str, ...] = _ALL


def bulk_rules(
    findings: Sequence[Finding], *, complaint_rate: float | None, has_one_click: bool | None
) -> tuple[Rule, ...]:
    """Return the eight rules; the rate is complained of delivered, None where there was too little mail."""
    spf, dkim = _any_good(findings, _SPF_KINDS), _any_good(findings, {RecordKind.DKIM})
    dmarc, receiving = _any_good(findings, {RecordKind.DMARC}), _any_good(findings, {RecordKind.RECEIVING})
    return (
        Rule("SPF", spf, _say(spf, "Who may send is published", "no valid SPF record")),
        _limits(findings, spf),
        Rule("DKIM", dkim, _say(dkim, "Mail can be signed with a key of 1,024 bits or more", "no valid DKIM key")),
        Rule("DMARC", dmarc, _say(dmarc, "A policy is published", "no valid DMARC record")),
        _alignment(findings),
        Rule("Replies", receiving, _say(receiving, "Replies to the domain can arrive", "no server takes replies")),
        _one_click(has_one_click),
        _complaints(complaint_rate),
    )


def summary(rules: Iterable[Rule]) -> str:
    """Return how many are met, in words: `7 of 8 met`, with those that are not known."""
    known = list(rules)
    open_ = sum(rule.is_met is None for rule in known)
    met = f"{sum(rule.is_met is True for rule in known)} of {len(known)} met"
    return f"{met}, {open_} not known" if open_ else met


def _any_good(findings: Iterable[Finding], kinds: Iterable[RecordKind]) -> bool | None:
    statuses = {one.status for one in findings if one.record.kind in set(kinds)}
    is_receiving = set(kinds) == {RecordKind.RECEIVING}
    if Status.PASS in statuses or (Status.WARN in statuses and not is_receiving):
        return True
    return None if Status.UNKNOWN in statuses or not statuses else False


def _say(is_met: bool | None, good: str, bad: str) -> str:  # noqa: FBT001  # three-valued, and named by its place
    if is_met is None:
        return "This could not be found out."
    return f"{good}." if is_met else f"There is {bad}; see the records."


def _limits(findings: Iterable[Finding], spf: bool | None) -> Rule:  # noqa: FBT001  # three-valued
    counts = [one.look_ups for one in findings if one.look_ups is not None]
    title = "SPF within its limits"
    if not counts:
        return Rule(title, spf, _say(spf, "The provider's own record is used", "no record to count"))
    worst = max(counts)
    is_met = worst <= MAX_LOOK_UPS
    sentence = f"The record needs {worst} look-up{'' if worst == 1 else 's'}; {MAX_LOOK_UPS} are allowed."
    return Rule(title, is_met, sentence)


def _alignment(findings: Iterable[Finding]) -> Rule:
    policies = [one for one in findings if one.record.kind is RecordKind.DMARC]
    aligned = next((one.aligned_by for one in policies), None)
    if aligned is None:
        return Rule("Alignment", None, "Which signature or return path the mail has is not known.")
    if not aligned:
        return Rule("Alignment", is_met=False, sentence="Neither SPF nor DKIM counts for the domain in From.")
    return Rule("Alignment", is_met=True, sentence=f"{' and '.join(aligned)} count for the domain in From.")


def _one_click(has_one_click: bool | None) -> Rule:  # noqa: FBT001  # three-valued
    sentence = {
        None: "Whether mail carries List-Unsubscribe-Post is not known.",
        True: "Mail carries List-Unsubscribe-Post.",
        False: "Mail lacks List-Unsubscribe-Post; have your provider add it.",
    }[has_one_click]
    return Rule("One-click unsubscribe", has_one_click, sentence, ("Gmail", "Yahoo"))


def _complaints(rate: float | None) -> Rule:
    sources = ("Gmail", "Yahoo")
    if rate is None:
        return Rule("Complaints", None, "There was too little mail to say.", sources)
    sentence = f"{rate:.2%} of the delivered mail was complained about; it must stay below {MAX_COMPLAINT_RATE:.1%}."
    return Rule("Complaints", rate < MAX_COMPLAINT_RATE, sentence.replace("%", " %"), sources)
