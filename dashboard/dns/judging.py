"""One record each: what was found beside what is expected."""

from __future__ import annotations

from dashboard.dns import dkim
from dashboard.dns.answers import Answer, LookUp
from dashboard.dns.differences import compare
from dashboard.dns.dmarc import DmarcReport
from dashboard.dns.extras import ExtraReport
from dashboard.dns.findings import Cost, Finding, Status, different, missing, unknown
from dashboard.dns.names import organisational_domain
from dashboard.dns.records import OWNERSHIP_TEXT, ExpectedRecord, RecordKind
from dashboard.dns.spf_walk import MAX_LOOK_UPS, SpfNode, SpfReport

_NOT_PUBLISHED = {
    RecordKind.MTA_STS: "MTA-STS is not announced.",
    RecordKind.TLS_RPT: "No reports about encryption are asked for.",
    RecordKind.BIMI: "No logo is named.",
}


def judge_ownership(record: ExpectedRecord, answer: Answer) -> Finding:
    """Return whether the token is there; other texts beside it do not matter."""
    if answer.is_unknown:
        return unknown(record, could_not(answer))
    if record.value in (text.strip() for text in answer.values):
        return Finding(record, Status.PASS, "The domain is proved to be yours.", answer.values, record.value)
    ours = tuple(text for text in answer.values if text.strip().startswith(OWNERSHIP_TEXT)) or answer.values
    if not ours:
        return missing(record, "The proof that the domain is yours is not there.")
    return different(record, "The text is not the one that proves this domain; replace it.", ours, record.value)


def judge_spf(record: ExpectedRecord, report: SpfReport) -> Finding:
    """Return whether receivers can use the SPF record, and whether it lets the providers send."""
    lacking = [one.partition("|")[0] for one in record.includes if not report.includes(one)]
    if report.errors:
        return _spf(record, report, Status.FAIL, " ".join(report.errors))
    if report.unknown and (not report.texts or lacking or report.look_ups <= MAX_LOOK_UPS):
        return unknown(record, " ".join(report.unknown), report.texts)
    if not report.texts:
        return missing(record, "There is no SPF record.")
    if lacking:
        names = " and ".join(f"include:{one}" for one in lacking)
        return _spf(record, report, Status.FAIL, f"{names} is missing; add it before the all at the end.", lacking)
    if report.warnings:
        return _spf(record, report, Status.WARN, " ".join(report.warnings))
    plural = "" if report.look_ups == 1 else "s"
    return _spf(record, report, Status.PASS, f"One record with {report.look_ups} look-up{plural} of {MAX_LOOK_UPS}.")


def _spf(
    record: ExpectedRecord, report: SpfReport, status: Status, sentence: str, lacking: list[str] | None = None
) -> Finding:
    found = report.texts
    expected = _with_includes(found[0], lacking) if found and lacking else record.value
    if status.is_good:
        expected = found[0]
    costs = tuple(map(_cost, report.tree.children)) if report.tree else ()
    return Finding(
        record, status, sentence, found, expected,
        compare(expected, found[0]) if found and not status.is_good else (),
        look_ups=report.look_ups if report.tree else None, costs=costs,
    )  # fmt: skip


def _cost(node: SpfNode) -> Cost:
    """Return what a term costs; below an include stands the record that it leads to, whose terms are told."""
    return Cost(node.text, node.look_ups, tuple(_cost(term) for record in node.children for term in record.children))


def _with_includes(text: str, lacking: list[str]) -> str:
    """Return the record as it should be: the includes added where its end begins."""
    parts = text.split()
    ends = [number for number, part in enumerate(parts) if part.lower().lstrip("+-~?") == "all" or "=" in part[1:]]
    place = next((number for number in ends if number), len(parts))
    return " ".join([*parts[:place], *(f"include:{one}" for one in lacking), *parts[place:]])


def judge_dkim(record: ExpectedRecord, answer: Answer, look_up: LookUp) -> Finding:
    """Return whether a selector has a key that receivers accept, and whether a CNAME leads where it should."""
    if answer.is_unknown:
        return unknown(record, could_not(answer), answer.chain)
    selector = record.host.partition(".")[0]
    if not answer.values:
        return _no_key(record, answer, selector, look_up)
    report, found = dkim.examine(answer.values), (*answer.chain[:1], *answer.values)
    if report.errors or not report.algorithm:
        return Finding(record, Status.FAIL, " ".join(report.errors), found, record.value, bits=report.bits)
    warnings = [*report.warnings, *_wrong_way(record, answer)]
    if warnings:
        return Finding(record, Status.WARN, " ".join(warnings), found, record.value, bits=report.bits)
    size = "An Ed25519 key." if report.algorithm == "ed25519" else f"An RSA key of {report.bits} bits."
    return Finding(record, Status.PASS, size, found, record.value, bits=report.bits)


def _no_key(record: ExpectedRecord, answer: Answer, selector: str, look_up: LookUp) -> Finding:
    if answer.reason:
        return different(record, f"{answer.reason} Correct the CNAME.", answer.chain[:1], record.value)
    if answer.target:
        sentence = f"The CNAME leads to {answer.chain[-1]}, but there is no key."
        if record.type == "CNAME" and not record.matches(answer.target):
            sentence += f" It should lead to {record.value}."
        return different(record, sentence, answer.chain[:1], record.value)
    zone = look_up(f"_domainkey.{record.domain}", "NS")
    where = (
        f" _domainkey.{record.domain} is run by {zone.values[0]}: it must be published there." if zone.values else ""
    )
    return missing(record, f"The DKIM record {selector} is not there.{where}")


def _wrong_way(record: ExpectedRecord, answer: Answer) -> list[str]:
    """Return what is odd about how the key was reached; mail signed with it passes all the same."""
    if record.type != "CNAME":
        return []
    if not answer.target:
        return ["The key itself is published instead of a CNAME, so the provider cannot renew it."]
    if record.matches(answer.target):
        return []
    return [f"The CNAME leads to {answer.target} instead of {record.value}; there is a key, but is it the right one?"]


def judge_dmarc(record: ExpectedRecord, report: DmarcReport, aligned_by: tuple[str, ...] | None) -> Finding:
    """Return which policy holds, whose record it is, and whether the domain's mail can pass it."""
    if report.unknown:
        return unknown(record, report.unknown)
    if report.errors:
        return _dmarc(record, report, Status.FAIL, " ".join(report.errors), aligned_by)
    if not report.host:
        return missing(record, "There is no DMARC record.")
    where = f" by the record of {organisational_domain(record.domain)}" if report.is_inherited else ""
    said = f"The policy is {report.policy}{where}."
    if aligned_by == ():
        said = "Neither SPF nor DKIM counts for this domain, so its mail fails DMARC; repair one of them."
        return _dmarc(record, report, Status.WARN, said, aligned_by)
    if report.warnings:
        return _dmarc(record, report, Status.WARN, f"{said} {' '.join(report.warnings)}", aligned_by)
    hint = "" if report.reports_to else " Add rua=mailto:… to be told who sends with your name."
    return _dmarc(record, report, Status.PASS, said + hint, aligned_by)


def _dmarc(
    record: ExpectedRecord, report: DmarcReport, status: Status, sentence: str, aligned_by: tuple[str, ...] | None
) -> Finding:
    found, expected = report.texts, record.value
    if status.is_good:
        expected = found[0]
    segments = () if status.is_good or not found else compare(expected, found[0])
    return Finding(
        record, status, sentence, found, expected, segments, policy=report.policy, aligned_by=aligned_by,
    )  # fmt: skip


def judge_target(record: ExpectedRecord, answer: Answer) -> Finding:
    """Return whether a CNAME or an MX leads where it should; one of several MX is enough."""
    if answer.is_unknown:
        return unknown(record, could_not(answer))
    if not answer.values:
        return missing(record, f"There is no {record.type} record at {record.host}.")
    if any(record.matches(value) for value in answer.values):
        return Finding(record, Status.PASS, "It leads where it should.", answer.values, record.value)
    sentence = f"It leads to {answer.values[0]} instead of {record.value}; correct it."
    return different(record, sentence, answer.values, record.value)


def judge_extra(record: ExpectedRecord, answer: Answer, report: ExtraReport) -> Finding:
    """Return what is told of a record that nobody asks for: never a failure."""
    if answer.is_unknown:
        return unknown(record, could_not(answer))
    if report.errors:
        return Finding(record, Status.WARN, " ".join(report.errors), report.texts)
    if report.said:
        return Finding(record, Status.PASS, report.said, report.texts)
    return missing(record, _NOT_PUBLISHED[record.kind])


def could_not(answer: Answer) -> str:
    """Return the sentence of a look-up that failed."""
    return f"{answer.name} could not be asked: {answer.reason or 'no answer'}."
