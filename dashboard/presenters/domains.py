"""Domains: their records with what was found, the history of their checks, and how many stand well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.dns.differences import Part, Segment
from dashboard.dns.findings import Finding, Status
from dashboard.dns.kept import KeptFinding
from dashboard.dns.records import ExpectedRecord, RecordKind
from dashboard.dns.senders import title_of
from dashboard.models import DomainCheck

LONG = 150  # characters of a value that are shown at once

_WORDS = {
    Status.PASS: "pass", Status.WARN: "warning", Status.FAIL: "fails", Status.MISSING_OPTIONAL: "optional",
    Status.UNKNOWN: "unknown",
}  # fmt: skip
_PURPOSES = {
    RecordKind.OWNERSHIP: "Proof of ownership", RecordKind.SPF: "SPF", RecordKind.DKIM: "DKIM",
    RecordKind.DMARC: "DMARC", RecordKind.RETURN_PATH: "Return path", RecordKind.RETURN_SPF: "SPF of the return path",
    RecordKind.TRACKING: "Tracking", RecordKind.MX: "Replies", RecordKind.RECEIVING: "Receiving mail",
    RecordKind.MTA_STS: "MTA-STS", RecordKind.TLS_RPT: "TLS-RPT", RecordKind.BIMI: "BIMI",
}  # fmt: skip
_TOLD = frozenset({RecordKind.RECEIVING, RecordKind.MTA_STS, RecordKind.TLS_RPT, RecordKind.BIMI})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands, as a word and as the name of its colours; `unchecked` was never looked up."""

    word: str = "not checked"
    style: str = "unchecked"
    code: str = "unchecked"  # for programs


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record: what to publish, what was found, and one sentence of what is wrong and what to do."""

    record: ExpectedRecord
    purpose: str
    standing: Standing
    sentence: str
    value: str  # to be published; '' where only the provider knows it
    found: tuple[str, ...] = ()
    wanted: tuple[Segment, ...] = ()  # the value in pieces, where what was found differs from it
    seen: tuple[Segment, ...] = ()  # the first found value likewise

    @property
    def provider(self) -> str:
        """Who asks for the record, '' for what belongs to the domain."""
        return title_of(self.record.provider) if self.record.provider else ""

    @property
    def is_right(self) -> bool:
        """Whether nothing is to be published."""
        return self.standing.style in {"pass", "warn"} and bool(self.found)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records stand how."""

    good: int = 0
    warnings: int = 0
    failing: int = 0
    unknown: int = 0

    @property
    def text(self) -> str:
        """The counts in words."""
        parts = [f"{self.good} pass", f"{self.warnings} warn", f"{self.failing} fail"]
        return ", ".join([*parts, f"{self.unknown} unknown"] if self.unknown else parts)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Checks that found the same: from when to when, and what differs from the ones before."""

    first_at: datetime
    last_at: datetime
    count: int
    status: str
    was: str | None  # the state before, where it changed
    counts: Counts
    changes: tuple[str, ...]
    is_first: bool
    unknown: tuple[str, ...]  # what could not be asked

    @property
    def style(self) -> str:
        """The name of its colours."""
        return "fail" if self.counts.failing else "unknown" if self.counts.unknown else "pass"


def make_records(expected: Iterable[ExpectedRecord], findings: Iterable[Finding]) -> list[RecordRow]:
    """Return a row for each record to publish."""
    known = {one.record.key: one for one in findings}
    return [_row(record, known.get(record.key)) for record in expected]


def make_told(findings: Iterable[Finding]) -> list[RecordRow]:
    """Return a row for each record that is only told of."""
    return [_row(one.record, one) for one in findings if one.record.kind in _TOLD]


def _row(record: ExpectedRecord, finding: Finding | None) -> RecordRow:
    purpose = _PURPOSES[record.kind]
    if finding is None:
        return RecordRow(record, purpose, Standing(), "It was not looked up yet.", _publishable(record, record.value))
    value = _publishable(record, finding.expected)
    wanted = tuple(one for one in finding.segments if one.part is not Part.EXTRA)
    seen = tuple(one for one in finding.segments if one.part is not Part.MISSING)
    if "".join(one.text for one in wanted) != (value or record.value):
        wanted = ()  # a very long text is compared in its beginning only, and must be copied whole
    standing = standing_of(finding.status)
    return RecordRow(record, purpose, standing, finding.sentence, value, finding.found, wanted, seen)


def _publishable(record: ExpectedRecord, value: str) -> str:
    return "" if record.is_per_account else value or record.value


def standing_of(status: Status) -> Standing:
    """Return how a status is shown."""
    return Standing(_WORDS[status], "optional" if status is Status.MISSING_OPTIONAL else status.value, status.value)


def count_standings(findings: Iterable[KeptFinding]) -> Counts:
    """Return how many of the records that are asked for stand how; those only told of are left out."""
    found = Counter(one.status for one in findings if one.kind not in _TOLD)
    return Counts(found[Status.PASS], found[Status.WARN], found[Status.FAIL], found[Status.UNKNOWN])


def make_history(
    checks: Sequence[tuple[DomainCheck, Sequence[KeptFinding]]], before: DomainCheck | None
) -> list[HistoryRow]:
    """Return the checks as they are shown, the newest first; `before` is the one ahead of the last of them."""
    older = [*(check for check, _ in checks[1:]), before][: len(checks)]
    return [_history_row(check, kept, past) for (check, kept), past in zip(checks, older, strict=True)]


def _history_row(check: DomainCheck, kept: Sequence[KeptFinding], past: DomainCheck | None) -> HistoryRow:
    was = past.status.value if past and past.status is not check.status else None
    unknown = tuple(one.sentence for one in kept if one.status is Status.UNKNOWN and one.kind not in _TOLD)
    return HistoryRow(
        check.first_at, check.last_at, check.count, check.status.value, was, count_standings(kept),
        tuple(check.changes), past is None, unknown,
    )  # fmt: skip
