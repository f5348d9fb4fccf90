"""Findings as they are kept in the history of a domain: what later checks are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.dns.findings import Cost, Finding, Status
from dashboard.dns.records import RecordKind


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


def keep(finding: Finding) -> KeptFinding:
    """Return what is kept of a finding."""
    record = finding.record
    return KeptFinding(
        record.key, record.kind, record.host, record.domain, finding.status, finding.sentence, finding.found,
        record.is_required, finding.look_ups, finding.costs, finding.bits, finding.policy,
    )  # fmt: skip


def to_document(kept: KeptFinding) -> dict[str, Any]:
    """Return a kept finding as a JSON column takes it."""
    return asdict(kept)


def from_document(document: Mapping[str, Any]) -> KeptFinding:
    """Return the finding that was kept in a JSON column."""
    given = dict(document)
    given["kind"], given["status"] = RecordKind(given["kind"]), Status(given["status"])
    given["found"] = tuple(given["found"])
    given["costs"] = tuple(Cost(one["term"], one["look_ups"]) for one in given["costs"])
    return KeptFinding(**given)
