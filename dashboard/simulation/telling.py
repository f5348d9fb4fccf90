"""One made-up message as its story goes on: what is told of it, and what that comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from dashboard.simulation import mail
from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.metrics import Metrics

BURST_S = 90.0  # how long a sending takes


@dataclass(frozen=True, slots=True)
class Message:
    """A made-up message: what happens to it, oldest first, and what that comes to."""

    events: tuple[Event, ...]
    meant: Metrics


class Story:
    """Tells what happens to one message, one thing after another; nothing lies in the future."""

    def __init__(self, dice: Random, burst: mail.Burst, message_id: str, latest_us: int) -> None:
        self.dice = dice
        self.at_us = burst.starts_us + round(dice.uniform(0, BURST_S) * 1e6)
        self.meant: Counter[str] = Counter()
        self._latest_us = latest_us
        self._told: list[Event] = []
        self._common: dict[str, Any] = {
            "message_id": message_id, "recipient": mail.make_recipient(dice), "subject": burst.subject,
            "sender": burst.mailbox, "campaign": burst.campaign, "template": burst.template,
            "mailbox": burst.mailbox, "domain": burst.domain,
        }  # fmt: skip
        self._reader = {"user_agent": dice.choice(mail.PEOPLE), "ip": mail.make_ip(dice)}

    def wait(self, least_s: float, most_s: float) -> None:
        """Let time pass; less than usual where the present is near."""
        room_s = (self._latest_us - self.at_us) / 8e6
        self.at_us += round(self.dice.uniform(least_s, max(least_s, min(most_s, room_s))) * 1e6)

    def tell(self, kind: EventType, **details: Any) -> None:
        """Have something happen now; once the message is sent, events know when that was."""
        if kind is EventType.SENT:
            self._common["sent_at_us"] = self.at_us
        self._told.append(Event(type=kind, at_us=self.at_us, **self._common, **details))

    def tell_of_reader(self, kind: EventType, **details: Any) -> None:
        """Have the recipient do something, always with the same program."""
        self.tell(kind, **self._reader, **details)

    def mean(self, **counts: int) -> None:
        """Say what this adds to the numbers."""
        self.meant.update(counts)

    def end(self) -> Message:
        """Return the message."""
        return Message(tuple(self._told), Metrics(**self.meant))
