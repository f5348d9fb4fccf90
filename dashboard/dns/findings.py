"""What a check says of one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.dns.differences import Segment, compare
from dashboard.dns.records import ExpectedRecord


class Status(StrEnum):
    """How a record stands. `unknown` could not be asked, and is never a failure."""

    PASS = "pass"  # noqa: S105  # the word of the specification
    WARN = "warn"
    FAIL = "fail"
    MISSING_OPTIONAL = "missing-optional"
    UNKNOWN = "unknown"

    @property
    def is_good(self) -> bool:
        """Whether receivers can work with the record."""
        return self in {Status.PASS, Status.WARN}


@dataclass(frozen=True, slots=True)
class Cost:
    """A term of an SPF record, and the look-ups that it costs with all below it; what is below is not compared."""

    term: str
    look_ups: int
    children: tuple[Cost, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A record, how it stands, and one sentence of what is wrong and what to do; numbers where its kind has some."""

    record: ExpectedRecord
    status: Status
    sentence: str
    found: tuple[str, ...] = ()
    expected: str = ""  # what should stand there, given what stands there: an SPF record with the includes added
    segments: tuple[Segment, ...] = ()
    look_ups: int | None = None  # of SPF
    costs: tuple[Cost, ...] = ()
    bits: int | None = None  # of a DKIM key
    policy: str = ""  # of DMARC, as it holds for this domain
    aligned_by: tuple[str, ...] | None = None  # of DMARC: SPF, DKIM; None while that is not known

    @property
    def is_failing(self) -> bool:
        """Whether it keeps the domain from being verified."""
        return self.record.is_required and self.status is Status.FAIL


def missing(record: ExpectedRecord, what: str) -> Finding:
    """Return the finding of a record that is certainly not there."""
    if record.is_required:
        advice = "Publish the one shown." if record.value else f"Publish it. {record.note}".strip()
        return Finding(record, Status.FAIL, f"{what} {advice}", expected=record.value)
    return Finding(record, Status.MISSING_OPTIONAL, f"{what} It is optional.", expected=record.value)


def unknown(record: ExpectedRecord, why: str, found: tuple[str, ...] = ()) -> Finding:
    """Return the finding of a record that could not be asked for."""
    return Finding(record, Status.UNKNOWN, f"{why} This says nothing about the record.", found, record.value)


def different(record: ExpectedRecord, sentence: str, found: tuple[str, ...], expected: str) -> Finding:
    """Return the finding of a record that says something else; it is a failure only where the record is required."""
    status = Status.FAIL if record.is_required else Status.WARN
    return Finding(record, status, sentence, found, expected, compare(expected, found[0]) if found else ())
