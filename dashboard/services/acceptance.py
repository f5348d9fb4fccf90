"""Storing deliveries in groups: those that come while one is being written are written together, by one statement.

A commit costs a write to the disk, whatever is in it. The first thread that comes leads: it writes what all have put
down meanwhile, and then hands the lead to the first of those who came while it wrote. Nobody is answered before the
commit that holds their delivery.

The sources were looked up earlier, perhaps by a process that has heard of no change since. So the statement itself
holds every source against what was known of it, and leaves out a delivery whose source was changed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from dashboard.database import direct, writer
from dashboard.database.engine import Engines
from dashboard.errors import Unavailable
from dashboard.services import inbox
from dashboard.vocabulary.sources import ReceivedDelivery, SealedSource

_COLUMNS = {
    "company_id": "bigint", "id": "uuid", "source_id": "bigint", "sealed": "bytea", "received_at": "timestamptz",
    "headers": "jsonb", "body": "bytea", "size": "integer",
}  # fmt: skip
_STORE = f"""
INSERT INTO deliveries (company_id, id, source_id, received_at, state, reason, headers, body, size_bytes, new_count,
    duplicate_count, ignored_count, unreadable_count, late_count, duration_ms)
WITH r ({", ".join(_COLUMNS)}) AS ({{rows}})
SELECT r.company_id, r.id, r.source_id, r.received_at, 'pending', '', r.headers, r.body, r.size, 0, 0, 0, 0, 0, 0
FROM r JOIN sources s ON s.id = r.source_id
WHERE s.company_id = r.company_id AND s.sealed = r.sealed AND s.status = 'active' {{shared}}
"""
_FIND = "SELECT 1 FROM deliveries WHERE company_id = :company_id AND id = :id"


class Changed(Exception):
    """The source is no longer what it was when it was looked up; the delivery was not stored."""


class Waiting:
    """A delivery on its way to the disk."""

    __slots__ = ("company_id", "error", "id", "is_done", "row", "turn")

    def __init__(self, company_id: int, row: tuple[Any, ...], delivery_id: UUID) -> None:
        self.company_id, self.id, self.row = company_id, delivery_id, row
        self.is_done = False
        self.error: Exception | None = None
        self.turn = threading.Lock()  # held until the delivery is written, or its thread is to lead
        self.turn.acquire()


class Acceptance:
    """Writes deliveries that were checked, of any company; not of paused sources."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._writer = writer.open_writer(engines, _STORE, _COLUMNS)
        self._waiting: list[Waiting] = []
        self._is_led = False
        self._list = threading.Lock()

    def store(self, source: SealedSource, delivery: ReceivedDelivery) -> None:
        """Return when the delivery is on the disk; raises Changed, or what the store said, when it is not."""
        delivery_id: UUID = uuid7()
        mine = Waiting(source.company.id, self._row(source, delivery, delivery_id), delivery_id)
        with self._list:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.turn.acquire()
        if not mine.is_done:
            self._lead()
        if mine.error is not None:
            raise mine.error

    def _row(self, source: SealedSource, delivery: ReceivedDelivery, delivery_id: UUID) -> tuple[Any, ...]:
        """Return the row in the order of the columns; done by each thread for itself, while others write."""
        encode = self._writer.encode
        return (
            encode(source.company.id), encode(delivery_id), encode(source.id), encode(source.sealed),
            encode(delivery.received_at), encode(inbox.write_headers(delivery)), encode(inbox.pack(delivery.body)),
            encode(len(delivery.body)),
        )  # fmt: skip

    def _lead(self) -> None:
        """Write what waits, and hand over the lead before those who are done are sent on their way."""
        with self._list:
            group, self._waiting = self._waiting, []
        try:
            self._write(group)
        finally:
            with self._list:
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].turn.release()
            _tell(group, _unavailable())  # where the leader did not come to an end
            for one in group:
                one.turn.release()

    def _write(self, group: Sequence[Waiting]) -> None:
        try:
            for begun in range(0, len(group), writer.MAX_ROWS):
                self._insert(group[begun : begun + writer.MAX_ROWS])
        except (Unavailable, sa.exc.OperationalError) as error:  # the store's fault, whoever asks
            _tell(group, error)
        except Exception as error:  # noqa: BLE001  # each of the group must hear of it, whatever it was
            if len(group) == 1:
                _tell(group, error)
            else:
                for one in group:  # so that one that the store cannot hold fails by itself
                    if not one.is_done:
                        self._write([one])

    def _insert(self, group: Sequence[Waiting]) -> None:
        rows = [one.row for one in group]
        are_all_there = self._writer.write(rows) == len(rows)
        for one in group:
            if not are_all_there and not self._is_there(one.company_id, one.id):
                one.error = Changed()
            one.is_done = True

    def _is_there(self, company_id: int, delivery_id: UUID) -> bool:
        return direct.read_one(self._engines, _FIND, company_id=company_id, id=delivery_id) is not None


def _tell(group: Sequence[Waiting], error: Exception) -> None:
    for one in group:
        if not one.is_done:
            one.is_done, one.error = True, error


def _unavailable() -> Unavailable:
    return Unavailable("The delivery could not be stored. Please send it again.", headers={"Retry-After": "5"})
