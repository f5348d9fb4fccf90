"""What differs between two kept checks of a domain, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.dns.findings import Cost, Status
from dashboard.dns.kept import KeptFinding
from dashboard.dns.names import shown_name
from dashboard.dns.records import RecordKind
from dashboard.dns.tags import shorten

_TITLES = {
    RecordKind.OWNERSHIP: "The proof of ownership",
    RecordKind.SPF: "The SPF record",
    RecordKind.DMARC: "The DMARC record",
    RecordKind.MX: "The MX record",
    RecordKind.RECEIVING: "The servers that take mail",
    RecordKind.MTA_STS: "The MTA-STS record",
    RecordKind.TLS_RPT: "The TLS-RPT record",
    RecordKind.BIMI: "The BIMI record",
}
_WITH_HOST = {
    RecordKind.DKIM: "The DKIM record",
    RecordKind.RETURN_PATH: "The return path",
    RecordKind.RETURN_SPF: "The SPF record of the return path",
    RecordKind.TRACKING: "The tracking record",
}


def describe_changes(before: Iterable[KeptFinding], after: Iterable[KeptFinding]) -> tuple[str, ...]:
    """Return a sentence for each record that differs; what could not be asked, or is newly asked for, says nothing."""
    earlier = {finding.key: finding for finding in before}
    pairs = ((earlier[finding.key], finding) for finding in after if finding.key in earlier)
    return tuple(sentence for old, new in pairs if _are_known(old, new) for sentence in _describe(old, new))


def describe_causes(
    before: Iterable[KeptFinding], after: Iterable[KeptFinding], once_good: Iterable[str]
) -> tuple[str, ...]:
    """Return what a mark under a chart says of required records that went or came back: each kind once.

    `once_good` has the keys of records that were right at some time, so that a first appearance is no return.
    """
    earlier, known = {finding.key: finding for finding in before}, set(once_good)
    pairs = [(earlier[one.key], one) for one in after if one.is_required and one.key in earlier]
    told = (_cause(old, new) for old, new in pairs if new.key in known and _are_known(old, new))
    return tuple(dict.fromkeys(one for one in told if one))


def _cause(old: KeptFinding, new: KeptFinding) -> str:
    title = f"{_TITLES.get(new.kind) or _WITH_HOST[new.kind]} of {shown_name(new.domain)}"
    if new.status is Status.FAIL and old.status is not Status.FAIL:
        return f"{title} {'fails' if new.found else 'vanished'}"
    if old.status is Status.FAIL and new.status is not Status.FAIL:
        return f"{title} is {'right again' if old.found else 'back'}"
    return ""


def has_changed(before: Iterable[KeptFinding], after: Iterable[KeptFinding]) -> bool:
    """Say whether anything differs that is worth a new entry in the history; answers come in any order."""
    return _essence(before) != _essence(after)


def _essence(findings: Iterable[KeptFinding]) -> set[tuple[object, ...]]:
    return {(one.key, one.status, one.sentence, tuple(sorted(one.found)), one.look_ups, one.costs) for one in findings}


def _are_known(*findings: KeptFinding) -> bool:
    return all(finding.status is not Status.UNKNOWN for finding in findings)


def _describe(old: KeptFinding, new: KeptFinding) -> Iterator[str]:
    if old.found and not new.found:
        yield f"{_title(new)} vanished."
    elif new.found and not old.found:
        yield f"{_title(new)} appeared."
    elif said := list(_describe_numbers(old, new)):
        yield from said
    elif set(old.found) != set(new.found):
        yield f"{_title(new)} changed from {_shown(old)} to {_shown(new)}."
    elif new.status is Status.FAIL and old.status is not Status.FAIL:
        yield f"{_title(new)} fails now: {new.sentence}"
    elif old.status is Status.FAIL and new.status is not Status.FAIL:
        yield f"{_title(new)} is right again."


def _describe_numbers(old: KeptFinding, new: KeptFinding) -> Iterator[str]:
    """Yield what can be said by numbers: look-ups, bits, the policy."""
    if old.look_ups is not None and new.look_ups is not None and old.look_ups != new.look_ups:
        because = _because(old.costs, new.costs)
        yield f"{_short(new)} went from {old.look_ups} to {new.look_ups} look-ups{because}."
    if old.bits and new.bits and old.bits != new.bits:
        yield f"The key of the {_title(new).removeprefix('The ')} went from {old.bits} to {new.bits} bits."
    elif new.kind is RecordKind.DKIM and set(old.found) != set(new.found):
        yield f"The key of the {_title(new).removeprefix('The ')} was replaced."
    if old.policy and new.policy and old.policy != new.policy:
        yield f"The DMARC policy went from {old.policy} to {new.policy}."


def _because(old: tuple[Cost, ...], new: tuple[Cost, ...]) -> str:
    """Return which terms made the difference, the costliest first."""
    before, after = {cost.term: cost.look_ups for cost in old}, {cost.term: cost.look_ups for cost in new}
    moves = {term: after.get(term, 0) - before.get(term, 0) for term in {**before, **after}}
    parts = [_move(term, before, after) for term in sorted(moves, key=lambda one: -abs(moves[one])) if moves[term]]
    return f" because {' and '.join(parts)}" if parts else ""


def _move(term: str, before: dict[str, int], after: dict[str, int]) -> str:
    if term not in before:
        return f"{term} was added"
    if term not in after:
        return f"{term} was removed"
    return f"{term} grew" if after[term] > before[term] else f"{term} shrank"


def _short(finding: KeptFinding) -> str:
    return "SPF" if finding.kind is RecordKind.SPF else _title(finding)


def _title(finding: KeptFinding) -> str:
    if finding.kind in _TITLES:
        return _TITLES[finding.kind]
    host = finding.host.removesuffix(f".{finding.domain}").removesuffix("._domainkey")
    return f"{_WITH_HOST[finding.kind]} {host}"


def _shown(finding: KeptFinding) -> str:
    return f"“{shorten(', '.join(finding.found), 60)}”"
