"""Storing deliveries in groups: those that wait for the lock together are written in one transaction.

A commit costs a write to the disk, whatever is in it. The first thread that comes leads: it writes what all have put
down meanwhile, and the others find theirs done. Nobody is answered before the commit that holds their delivery.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from dashboard.database.engine import Engines, Mode
from dashboard.errors import Unavailable
from dashboard.models.inbox import DeliveryState
from dashboard.services import inbox
from dashboard.vocabulary.sources import ReceivedDelivery, SealedSource


@dataclass(slots=True)
class Waiting:
    """A delivery on its way to the disk."""

    source: SealedSource
    delivery: ReceivedDelivery
    is_done: bool = False
    error: Exception | None = None


class Acceptance:
    """Writes deliveries that were checked, of any company; not of paused sources."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._waiting: list[Waiting] = []
        self._list = threading.Lock()
        self._leader = threading.Lock()

    def store(self, source: SealedSource, delivery: ReceivedDelivery) -> None:
        """Return when the delivery is on the disk; raises what the store said when it is not."""
        mine = Waiting(source, delivery)
        with self._list:
            self._waiting.append(mine)
        with self._leader:
            if not mine.is_done:
                with self._list:
                    group, self._waiting = self._waiting, []
                self._write(group)
        if mine.error is not None:
            raise mine.error
        if not mine.is_done:  # the leader did not come to an end
            raise Unavailable("The delivery could not be stored. Please send it again.", headers={"Retry-After": "5"})

    def _write(self, group: list[Waiting]) -> None:
        try:
            self._insert(group)
        except Exception as error:  # noqa: BLE001  # each of the group must hear of it, whatever it was
            if len(group) == 1:
                group[0].is_done, group[0].error = True, error
            else:
                for one in group:  # so that one of a company just deleted, say, fails by itself
                    self._write([one])

    def _insert(self, group: list[Waiting]) -> None:
        with self._engines[Mode.WRITE].begin() as connection:
            for one in group:
                company_id, source_id = one.source.company.id, one.source.id
                inbox.insert(connection, company_id, source_id, one.delivery, state=DeliveryState.PENDING)
        for one in group:
            one.is_done = True
