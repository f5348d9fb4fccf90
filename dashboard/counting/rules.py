"""A company's own mapping rules: mail that looks so belongs to that resource. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.events import Event
from dashboard.vocabulary.keys import read_key

PLACES = tuple(ResourceType)[:4]
_MOST_KNOWN = 10_000  # outcomes kept at once: mail of one campaign looks alike

Resources = tuple[str | None, ...]  # campaign, template, mailbox, domain


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; in its pattern `*` stands for any text, and case does not matter."""

    type: str
    field: str  # tag, sender, subject or metadata
    name: str  # of the metadata
    pattern: str
    resource_key: str


class Texts(NamedTuple):
    """What rules look at."""

    tags: tuple[str, ...]
    sender: str
    subject: str
    metadata: Mapping[str, str]

    def of(self, rule: Rule) -> tuple[str, ...]:
        """Return the texts that the rule looks at; an empty one looks like nothing."""
        if rule.field == "tag":
            return self.tags
        if rule.field == "metadata":
            return (self.metadata.get(rule.name, ""),)
        return (self.sender if rule.field == "sender" else self.subject,)


def read_texts(detail: Mapping[str, Any]) -> Texts:
    """Return what rules look at of an event's stored detail."""
    return Texts(
        tuple(detail.get("tags", ())),
        detail.get("sender", ""),
        detail.get("subject", ""),
        dict(detail.get("metadata", ())),
    )


class Pattern:
    """A text in which `*` stands for any text.

    Its pieces are looked for one after the other, so that no pattern takes long, however many stars it has.
    """

    __slots__ = ("_first", "_is_whole", "_last", "_middle")

    def __init__(self, text: str) -> None:
        self._first, *rest = _folded(text).split("*")
        self._is_whole = not rest
        self._last = rest.pop() if rest else ""
        self._middle = tuple(piece for piece in rest if piece)

    def matches(self, text: str) -> bool:
        """Say whether a text looks like the pattern; an empty one never does."""
        text = _folded(text)
        if self._is_whole or not text:
            return bool(text) and text == self._first
        start, end = len(self._first), len(text) - len(self._last)
        if start > end or not text.startswith(self._first) or not text.endswith(self._last):
            return False
        for piece in self._middle:
            found = text.find(piece, start, end)
            if found < 0:
                return False
            start = found + len(piece)
        return True


@lru_cache(maxsize=1_000)
def _folded(text: str) -> str:
    """Return the form in which texts are compared: without case, composed, without blanks around."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


class Rules:
    """A company's rules in their order; of each type the first that matches decides."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules = tuple((rule, PLACES.index(ResourceType(rule.type)), Pattern(rule.pattern)) for rule in rules)
        self._names = tuple(sorted({rule.name for rule, _, _ in self._rules if rule.field == "metadata"}))
        self._known: dict[tuple[object, ...], tuple[Rule | None, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def apply(self, event: Event, told: Resources) -> Resources:
        """Return an event's four resources: by rule where one matches, else as told."""
        return self.choose(Texts(event.tags, event.sender, event.subject, dict(event.metadata)), told)

    def choose(self, texts: Texts, told: Resources) -> Resources:
        """Return the four resources for what is known of an event."""
        decided = self.decide(texts)
        return tuple(rule.resource_key if rule else key for rule, key in zip(decided, told, strict=True))

    def decide(self, texts: Texts) -> tuple[Rule | None, ...]:
        """Return for each of the four types the rule that decides, or None."""
        key = (texts.tags, texts.sender, texts.subject, *(texts.metadata.get(name, "") for name in self._names))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._find(texts)
        return found

    def _find(self, texts: Texts) -> tuple[Rule | None, ...]:
        found: list[Rule | None] = [None] * len(PLACES)
        for rule, place, pattern in self._rules:
            if found[place] is None:
                for text in texts.of(rule):
                    if pattern.matches(text):
                        found[place] = rule
                        break
        return tuple(found)

    def name(self, texts: Texts, told: Resources) -> Resources:
        """Return the four resources as they are stored."""
        return clean(self.choose(texts, told))


def clean(resources: Resources) -> Resources:
    """Return resources as they are stored."""
    return tuple((read_key(kind, key) or None) if key else None for kind, key in zip(PLACES, resources, strict=True))


def told_of(stored: Resources, detail: Mapping[str, Any]) -> Resources:
    """Return what the sender named; a detail that does not say so belongs to an event that is stored as it was told."""
    return tuple(detail.get("told", stored))
