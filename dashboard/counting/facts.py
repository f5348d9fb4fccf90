"""The facts of one message: what is known of it, folded from the set of its events.

The send instant is the provider's where any event carries one, else the earliest known. The later of the last proof
of delivery and the last final bounce decides, a tie is a bounce. A resource is the one that the earliest event with
a value names, of two in one instant the smaller text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.counting.classes import Engagement, Verdict, classify, is_unsubscribe
from dashboard.vocabulary.events import Bounce, EventType

# These say that the provider took the message for sending.
IMPLY_SENT = frozenset({
    EventType.QUEUED, EventType.SENT, EventType.DEFERRED, EventType.DELIVERED, EventType.BOUNCED, EventType.OPENED,
    EventType.CLICKED, EventType.REPLIED, EventType.COMPLAINED, EventType.UNSUBSCRIBED,
})  # fmt: skip
# These prove that it arrived; an open by a machine does, too.
PROVE_DELIVERY = frozenset({
    EventType.DELIVERED, EventType.OPENED, EventType.CLICKED, EventType.REPLIED, EventType.COMPLAINED,
    EventType.UNSUBSCRIBED,
})  # fmt: skip
_SENDING = (EventType.QUEUED, EventType.SENT)
_ENGAGED = (EventType.OPENED, EventType.CLICKED)

Seen = tuple[tuple[int, bool], ...]  # (instant, by a machine), in order


class Happening(NamedTuple):
    """An event as it is counted; `event_key` orders events of one instant."""

    at_us: int
    event_key: bytes
    type: str
    bounce: str | None
    is_flagged: bool
    sent_at_us: int | None
    campaign: str | None
    template: str | None
    mailbox: str | None
    domain: str | None
    url: str
    user_agent: str


class Facts(NamedTuple):
    """What is known of a message. Instants are microseconds; `first` has that of the first event of each type."""

    first: dict[str, int]
    last_at_us: int
    sent_at_us: int
    is_sent: bool
    is_delivered: bool  # in the end, after a bounce that came later
    is_bounced: bool
    bounce: str | None  # hard or soft, of the last bounce
    first_bounce: str | None
    delivered_at_us: int | None  # first proof
    resources: tuple[str, str, str, str]  # campaign, template, mailbox, domain; '' where none is named
    opens: Seen
    clicks: Seen  # without those on links to unsubscribe

    @property
    def rejected_at_us(self) -> int | None:
        """When it was first rejected or failed."""
        instants = [self.first[kind] for kind in (EventType.REJECTED, EventType.FAILED) if kind in self.first]
        return min(instants) if instants else None


def fold(happenings: Sequence[Happening]) -> Facts:
    """Return the facts of a message from at least one event, in any order."""
    events = sorted(happenings)
    first: dict[str, int] = {}
    sent_at: list[int] = []
    first_proof = last_proof = None
    bounces: list[Happening] = []
    is_sent = is_engaged = False
    for event in events:
        kind = event.type
        first.setdefault(kind, event.at_us)
        is_sent = is_sent or kind in IMPLY_SENT
        if event.sent_at_us is not None:
            sent_at.append(event.sent_at_us)
        if kind in _SENDING:
            sent_at.append(event.at_us)
        elif kind in PROVE_DELIVERY:
            last_proof = event.at_us
            first_proof = event.at_us if first_proof is None else first_proof
            is_engaged = is_engaged or kind in _ENGAGED
        elif kind == EventType.BOUNCED:
            bounces.append(event)
    is_bounced = bool(bounces) and (last_proof is None or bounces[-1].at_us >= last_proof)
    opens, clicks = _engagement(events) if is_engaged else ((), ())
    return Facts(
        first=first,
        last_at_us=events[-1].at_us,
        sent_at_us=min(sent_at) if sent_at else events[0].at_us,
        is_sent=is_sent,
        is_delivered=last_proof is not None and not is_bounced,
        is_bounced=is_bounced,
        bounce=_kind(bounces, bounces[-1].at_us) if bounces else None,
        first_bounce=_kind(bounces, bounces[0].at_us) if bounces else None,
        delivered_at_us=first_proof,
        resources=(_named(events, 6), _named(events, 7), _named(events, 8), _named(events, 9)),
        opens=opens,
        clicks=clicks,
    )


def judge(happenings: Sequence[Happening]) -> list[tuple[Happening, Verdict]]:
    """Return who opened and clicked, for each such event of a message, oldest first."""
    events = sorted(happenings)
    delivered = next((event.at_us for event in events if event.type == EventType.DELIVERED), None)
    engaged = [event for event in events if event.type in _ENGAGED]
    seen = [Engagement(one.type, one.at_us, one.url, one.user_agent, bool(one.is_flagged)) for one in engaged]
    return list(zip(engaged, classify(seen, delivered), strict=True))


def _engagement(events: list[Happening]) -> tuple[Seen, Seen]:
    opens, clicks = [], []
    for event, verdict in judge(events):
        if event.type == EventType.OPENED:
            opens.append((event.at_us, verdict.is_machine))
        elif not is_unsubscribe(event.url):
            clicks.append((event.at_us, verdict.is_machine))
    return tuple(opens), tuple(clicks)


def _kind(bounces: list[Happening], at_us: int) -> str:
    """Return hard or soft of the bounce at that instant; of two in one instant hard wins."""
    is_hard = any(event.bounce == Bounce.HARD for event in bounces if event.at_us == at_us)
    return Bounce.HARD.value if is_hard else Bounce.SOFT.value


def _named(events: list[Happening], place: int) -> str:
    """Return the resource named by the earliest event that names one, of two in one instant the smaller."""
    for n, event in enumerate(events):
        if event[place]:
            rest = events[n + 1 :]
            if rest and rest[0].at_us == event.at_us:
                return min(str(other[place]) for other in events[n:] if other.at_us == event.at_us and other[place])
            return str(event[place])
    return ""
