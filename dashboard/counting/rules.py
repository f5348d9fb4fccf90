"""A company's own mapping rules: mail that looks so belongs to that resource. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.events import Event

_PLACES = tuple(ResourceType)[:4]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; in its pattern `*` stands for any text, and case does not matter."""

    type: str
    field: str  # tag, sender, subject or metadata
    name: str  # of the metadata
    pattern: str
    resource_key: str

    def matches(self, texts: Iterable[str]) -> bool:
        """Say whether one of the texts looks like the pattern."""
        escaped = self.pattern.replace("[", "[[]").replace("?", "[?]")
        looks = re.compile(fnmatch.translate(escaped), re.IGNORECASE)
        return any(looks.fullmatch(text) for text in texts)


class Rules:
    """A company's rules in their order; of each type the first that matches decides."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules = tuple(rules)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def apply(self, event: Event, told: tuple[str | None, ...]) -> tuple[str | None, ...]:
        """Return campaign, template, mailbox and domain: by rule where one matches, else as told."""
        texts = {"tag": event.tags, "sender": (event.sender,), "subject": (event.subject,)}
        return self.choose(texts, dict(event.metadata), told)

    def choose(
        self, texts: dict[str, tuple[str, ...]], metadata: dict[str, str], told: tuple[str | None, ...]
    ) -> tuple[str | None, ...]:
        """Return the four resource keys for what is known of an event."""
        found = list(told)
        decided: set[str] = set()
        for rule in self._rules:
            looked_at = (metadata.get(rule.name, ""),) if rule.field == "metadata" else texts.get(rule.field, ())
            if rule.type not in decided and rule.matches(text for text in looked_at if text):
                decided.add(rule.type)
                found[_PLACES.index(ResourceType(rule.type))] = rule.resource_key
        return tuple(found)
