"""What pages show of a recipient: the address, or only who receives their mail where a company chose privacy. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.counting.receivers import OTHER, receiver_of

NOBODY = "(no recipient named)"
HIDDEN = "(address hidden)"

_WORD = re.compile(r"[^\s<>\"'(),;=&?/]+")  # an address in a text, an id or a link stands between these


@dataclass(frozen=True, slots=True)
class Veil:
    """How much is shown: everything, or nothing that names a recipient."""

    is_on: bool

    def recipient(self, address: str) -> str:
        """Return how a recipient is called."""
        if not address:
            return NOBODY
        if not self.is_on:
            return address
        receiver = receiver_of(address)
        return f"someone at {receiver}" if receiver not in {"", OTHER} else "someone elsewhere"

    def text(self, text: str) -> str:
        """Return a text in which no address stands."""
        return _WORD.sub(_hide, text) if self.is_on else text

    def message_id(self, message_id: str, recipient: str) -> str:
        """Return a message's id, in which some senders write the recipient."""
        hides = self.is_on and recipient and recipient in message_id.lower()
        return HIDDEN if hides else message_id

    def personal(self, text: str) -> str:
        """Return what says something of a person, such as an IP address, or nothing."""
        return "" if self.is_on else text


def _hide(found: re.Match[str]) -> str:
    word = found[0]
    return HIDDEN if "@" in word or "%40" in word else word
