"""Storing deliveries in groups: those that wait for the lock together are written in one transaction.

A commit costs a write to the disk, whatever is in it. The first thread that comes leads: it writes what all have put
down meanwhile, and the others find theirs done. Nobody is answered before the commit that holds their delivery.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from dashboard.database.engine import Engines, Mode
from dashboard.errors import DashboardError
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
    """Writes deliveries that were checked, of any company."""

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

    def _write(self, group: list[Waiting]) -> None:
        try:
            self._insert(group)
        except (SQLAlchemyError, DashboardError) as error:  # of a company just deleted, say: it fails by itself
            if len(group) == 1:
                group[0].is_done, group[0].error = True, error
            else:
                for one in group:
                    self._write([one])

    def _insert(self, group: list[Waiting]) -> None:
        with self._engines[Mode.WRITE].begin() as connection:
            for one in group:
                state = DeliveryState.HELD if one.source.is_paused else DeliveryState.PENDING
                inbox.insert(connection, one.source.company.id, one.source.id, one.delivery, state=state)
        for one in group:
            one.is_done = True
