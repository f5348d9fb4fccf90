"""Recipients as CSV, a chunk at a time, by the rules of all our files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from dashboard.presenters.exports import defuse
from dashboard.presenters.privacy import Veil
from dashboard.queries.recipients import RecipientRow, Trouble

HEADER = ("Recipient", "Kind", "Since", "Reason", "Messages", "Source", "Message ID")


def stream_csv(chunks: Iterable[list[RecipientRow]], veil: Veil) -> Iterator[bytes]:
    """Yield the CSV of the rows; instants are in UTC."""
    yield (",".join(HEADER) + "\r\n").encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for chunk in chunks:
        writer.writerows(_cells(row, veil) for row in chunk)
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


def _cells(row: RecipientRow, veil: Veil) -> tuple[object, ...]:
    texts = (veil.text(row.reason), row.source, veil.message_id(row.message_id, row.recipient))
    reason, source, message_id = map(defuse, texts)
    since = row.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return defuse(veil.recipient(row.recipient)), row.trouble, since, reason, row.count, source, message_id


def file_name(slug: str, trouble: Trouble | None, today: date) -> str:
    """Return `sendscope_<slug>_recipients_<kind>_<day>.csv`."""
    return f"sendscope_{slug}_recipients_{trouble or 'all'}_{today}.csv"
