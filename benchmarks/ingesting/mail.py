"""Made-up mail as its senders tell of it: sent, delivered or bounced, opened, clicked; told a little out of order."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

RECEIVERS = ("gmail.com", "example.org", "outlook.com")
CAMPAIGNS, TEMPLATES, MAILBOXES, LINKS = 7, 3, 4, 9
BOUNCED, OPENED, CLICKED = 0.02, 0.4, 0.1  # shares of what was sent
WINDOW = 2_000  # events among which the next one is drawn
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
SPARKPOST = {"sent": "injection", "delivered": "delivery", "bounced": "bounce", "opened": "open", "clicked": "click"}


class Mailing:
    """An endless stream of generic events, the same for the same name and seed; none is told twice."""

    def __init__(self, name: str, now: datetime, seed: int = 1) -> None:
        self._name, self._now, self._random = name, now, random.Random(seed)
        self._told: set[int] = set()
        self._waiting: list[tuple[int, dict[str, Any]]] = []
        self._messages = self._events = 0

    def take(self, number: int) -> list[dict[str, Any]]:
        """Return the next events."""
        return [self._next() for _ in range(number)]

    def count_messages(self) -> int:
        """Return of how many messages events were taken: so many must be counted as sent."""
        return len(self._told)

    def _next(self) -> dict[str, Any]:
        waiting = self._waiting
        while len(waiting) < WINDOW:
            self._add_message()
        place = int(self._random.random() * len(waiting))
        waiting[place], waiting[-1] = waiting[-1], waiting[place]
        message, event = waiting.pop()
        self._told.add(message)
        return event

    def _add_message(self) -> None:
        draw = self._random.random
        sent_at = self._now - timedelta(minutes=700 + int(draw() * 5_300))
        self._add("sent", sent_at)
        if draw() < BOUNCED:
            self._add("bounced", sent_at + timedelta(seconds=9), bounce="hard")
        else:
            self._add("delivered", sent_at + timedelta(seconds=4))
            if draw() < OPENED:
                self._add("opened", self._later(sent_at), user_agent=AGENT, ip="192.0.2.1")
            if draw() < CLICKED:
                url = f"https://example.com/page?x={self._messages % LINKS}"
                self._add("clicked", self._later(sent_at), user_agent=AGENT, ip="192.0.2.1", url=url)
        self._messages += 1

    def _later(self, instant: datetime) -> datetime:
        return instant + timedelta(seconds=60 + int(self._random.random() * 36_000))

    def _add(self, kind: str, at: datetime, **more: str) -> None:
        n = self._messages
        self._events += 1
        event = {
            "type": kind, "at": at.isoformat(), "message_id": f"{self._name}-{n}",
            "recipient": f"user{n}@{RECEIVERS[n % len(RECEIVERS)]}", "campaign_id": f"c{n % CAMPAIGNS}",
            "template_id": f"t{n % TEMPLATES}", "mailbox": f"news{n % MAILBOXES}@mail.acme.test",
            "domain": "mail.acme.test", "id": f"{self._name}-e{self._events}", **more,
        }  # fmt: skip
        self._waiting.append((n, event))


def as_sparkpost(event: dict[str, Any]) -> dict[str, Any]:
    """Return a generic event as SparkPost would tell it, its keys in the recipient's metadata."""
    kind = SPARKPOST[event["type"]]
    told = {
        "type": kind, "raw_rcpt_to": event["recipient"], "event_id": event["id"],
        "transmission_id": event["message_id"], "campaign_id": event["campaign_id"],
        "timestamp": str(int(datetime.fromisoformat(event["at"]).timestamp())),
        "rcpt_meta": {name: event[name] for name in ("campaign_id", "template_id", "mailbox", "domain")},
    }  # fmt: skip
    if kind == "bounce":
        told |= {"bounce_class": "10", "raw_reason": "550 5.1.1 unknown user"}
    names = {"url": "target_link_url", "user_agent": "user_agent", "ip": "ip_address"}
    told |= {theirs: event[ours] for ours, theirs in names.items() if ours in event}
    return {"msys": {"track_event" if kind in {"open", "click"} else "message_event": told}}
