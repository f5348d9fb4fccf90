"""Records as text of a BIND zone file (RFC 1035, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.dns.names import organisational_domain
from dashboard.dns.records import ExpectedRecord

TTL_S = 3600
MAX_STRING_BYTES = 255


def zone_text(domain: str, records: Iterable[ExpectedRecord]) -> str:
    """Return lines to add to the zone of the registered domain; what only a provider knows stands as a comment."""
    return "\n".join([f"$ORIGIN {organisational_domain(domain)}.", *_lines(records)]) + "\n"


def text_strings(value: str) -> str:
    """Return the value of a TXT record, quoted and escaped, in strings of at most 255 bytes."""
    return " ".join(f'"{"".join(map(_escape, chunk))}"' for chunk in _chunks(value.encode()))


def _lines(records: Iterable[ExpectedRecord]) -> Iterator[str]:
    for record in records:
        if record.note:
            yield f"; {' '.join(record.note.split())}"
        host = record.host_short if record.has_host else f"SELECTOR.{record.host_short}"
        line = f"{host} {TTL_S} IN {record.type} {_value(record)}"
        yield f"; {line}" if record.is_per_account else line


def _value(record: ExpectedRecord) -> str:
    if not record.value:
        return "…"
    if record.type == "TXT":
        return text_strings(record.value)
    return f"{record.value}."


def _chunks(raw: bytes) -> Iterator[bytes]:
    for start in range(0, max(len(raw), 1), MAX_STRING_BYTES):
        yield raw[start : start + MAX_STRING_BYTES]


def _escape(byte: int) -> str:
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03d}"
