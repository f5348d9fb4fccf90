"""Recipients as CSV, a chunk at a time, by the rules of all our files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from dashboard.presenters.privacy import Veil
from dashboard.presenters.tables import stream_table
from dashboard.queries.recipients import RecipientRow, Trouble

HEADER = ("Recipient", "Kind", "Since", "Reason", "Messages", "Source", "Message ID")


def stream_csv(chunks: Iterable[list[RecipientRow]], veil: Veil) -> Iterator[bytes]:
    """Return the CSV of the rows, in pieces; instants are in UTC."""
    return stream_table(HEADER, ((_cells(row, veil) for row in chunk) for chunk in chunks))


def _cells(row: RecipientRow, veil: Veil) -> tuple[object, ...]:
    since, message_id = row.at.strftime("%Y-%m-%dT%H:%M:%SZ"), veil.message_id(row.message_id, row.recipient)
    reason = veil.text(row.reason)
    return veil.recipient(row.recipient), row.trouble, since, reason, row.count, row.source, message_id


def file_name(slug: str, trouble: Trouble | None, today: date) -> str:
    """Return `sendscope_<slug>_recipients_<kind>_<day>.csv`."""
    return f"sendscope_{slug}_recipients_{trouble or 'all'}_{today}.csv"
