"""Composing requests one after another, handing them to the network, and reading back what they tell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dashboard.providers.base import Adapter, Composed, TrialKeys
from dashboard.simulation.plan import Posting
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import ReceivedDelivery

FRESH = timedelta(minutes=1)  # a repeat that comes later is signed anew, for some signatures grow old

Post = Callable[[Composed], None]


@dataclass(slots=True)
class Sender:
    """Speaks as a provider does: `url` is the address that is signed where the address is, `post` the network."""

    adapter: Adapter
    keys: TrialKeys
    url: str
    post: Post
    clock: Callable[[], datetime]
    told: list[Event] = field(default_factory=list)  # what was posted and taken, as it is read back; repeats once

    def can_tell(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events of which the provider has a word; each kind is tried once."""
        known: dict[tuple[EventType, Bounce | None], bool] = {}
        for event in events:
            kind = (event.type, event.bounce)
            if kind not in known:
                known[kind] = bool(self.read(self._compose([event])))
            if known[kind]:
                yield event

    def run(self, plan: Sequence[Posting]) -> Iterator[int]:
        """Post all requests; yield after each how many events it told. Ends with what `post` raises."""
        left = Counter(posting.number for posting in plan)
        made: dict[int, tuple[Composed, datetime]] = {}
        seen: set[int] = set()
        for posting in plan:
            composed, made_at = made.get(posting.number) or (self._compose(posting.events), self.clock())
            if self.clock() - made_at > FRESH:
                composed, made_at = self._compose(posting.events), self.clock()
            left[posting.number] -= 1
            made[posting.number] = (composed, made_at)
            if not left[posting.number]:
                del made[posting.number]
            self.post(composed)
            if posting.number not in seen:
                seen.add(posting.number)
                self.told += self.read(composed)
            yield len(posting.events)

    def read(self, composed: Composed) -> list[Event]:
        """Return the events of a request as the server will read them."""
        delivery = ReceivedDelivery(composed.body, composed.headers, self.clock(), self.url)
        return [event for event in self.adapter.parse(delivery).events if event.type is not EventType.IGNORED]

    def _compose(self, events: Sequence[Event]) -> Composed:
        return self.adapter.compose(events, self.keys, self.url, self.clock())


def paced(
    posted: Iterable[int],
    rate: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Yield the same at so many events a second; a rate of 0 is as fast as it goes."""
    began, done = clock(), 0
    for count in posted:
        yield count
        done += count
        if rate:
            pause(max(0.0, began + done / rate - clock()))
