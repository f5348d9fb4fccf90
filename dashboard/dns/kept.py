"""Findings as they are kept in the history of a domain: what later checks are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.dns.differences import compare
from dashboard.dns.findings import Cost, Finding, Status
from dashboard.dns.records import ExpectedRecord, RecordKind

MAX_FOUND = 20  # values of one record; whoever runs a zone can publish as many as they like
MAX_VALUE = 2_000  # characters of a value
MAX_DEPTH = 4  # of an SPF record's tree


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding without what can be worked out again."""

    key: str
    kind: RecordKind
    host: str
    domain: str
    status: Status
    sentence: str
    found: tuple[str, ...] = ()
    is_required: bool = True
    look_ups: int | None = None
    costs: tuple[Cost, ...] = ()
    bits: int | None = None
    policy: str = ""
    expected: str = ""
    aligned_by: tuple[str, ...] | None = None


def keep(finding: Finding) -> KeptFinding:
    """Return what is kept of a finding."""
    record = finding.record
    return KeptFinding(
        record.key, record.kind, record.host, record.domain, finding.status, _storable(finding.sentence),
        tuple(map(_storable, finding.found[:MAX_FOUND])), record.is_required, finding.look_ups,
        tuple(map(_shallow, finding.costs[:MAX_FOUND])), finding.bits, _storable(finding.policy),
        _storable(finding.expected), finding.aligned_by,
    )  # fmt: skip


def restore(kept: Iterable[KeptFinding], expected: Iterable[ExpectedRecord]) -> tuple[Finding, ...]:
    """Return the findings of a kept check: those of expected records, then what is told besides."""
    known = {one.key: one for one in kept}
    records = [record for record in expected if record.key in known]
    told = [one for one in known.values() if one.kind in _TOLD]
    return (*(_restored(known[one.key], one) for one in records), *(_restored(one, _told_record(one)) for one in told))


def find_last_known(checks: Iterable[Iterable[KeptFinding]]) -> Iterator[KeptFinding]:
    """Yield of each record the newest finding that is not unknown; `checks` are the newest first."""
    seen: set[str] = set()
    for check in checks:
        for finding in check:
            if finding.key not in seen and finding.status is not Status.UNKNOWN:
                seen.add(finding.key)
                yield finding


def to_document(kept: KeptFinding) -> dict[str, Any]:
    """Return a kept finding as a JSON column takes it."""
    return asdict(kept)


def from_document(document: Mapping[str, Any]) -> KeptFinding:
    """Return the finding that was kept in a JSON column."""
    given = dict(document)
    given["kind"], given["status"] = RecordKind(given["kind"]), Status(given["status"])
    given["found"] = tuple(given["found"])
    given["costs"] = tuple(map(_cost, given["costs"]))
    if given.get("aligned_by") is not None:
        given["aligned_by"] = tuple(given["aligned_by"])
    return KeptFinding(**given)


_TOLD = {
    RecordKind.RECEIVING: "MX", RecordKind.MTA_STS: "TXT", RecordKind.TLS_RPT: "TXT", RecordKind.BIMI: "TXT",
}  # fmt: skip


def _told_record(kept: KeptFinding) -> ExpectedRecord:
    return ExpectedRecord(kept.kind, _TOLD[kept.kind], kept.host, is_required=False, domain=kept.domain)


def _restored(kept: KeptFinding, record: ExpectedRecord) -> Finding:
    is_compared = not kept.status.is_good and kept.found and kept.expected
    segments = compare(kept.expected, kept.found[0]) if is_compared else ()
    return Finding(
        record, kept.status, kept.sentence, kept.found, kept.expected, segments, kept.look_ups, kept.costs, kept.bits,
        kept.policy, kept.aligned_by,
    )  # fmt: skip


def _cost(document: Mapping[str, Any]) -> Cost:
    return Cost(document["term"], document["look_ups"], tuple(map(_cost, document.get("children", ()))))


def _shallow(cost: Cost, depth: int = 1) -> Cost:
    below = tuple(_shallow(one, depth + 1) for one in cost.children[:MAX_FOUND]) if depth < MAX_DEPTH else ()
    return Cost(_storable(cost.term), cost.look_ups, below)


def _storable(text: str) -> str:
    """Return what strangers published as a store takes it: cut, and without characters that cannot be shown."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:MAX_VALUE])
