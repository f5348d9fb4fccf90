"""What other mapping rules would change of mail that has been counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import orjson

from dashboard.counting.rules import PLACES, Pattern, Resources, Rule, Rules, Texts, read_texts, told_of

MOST_EXAMPLES = 20
MOST_SHIFTS = 50

Key = TypeVar("Key", bound=tuple[str, ...])


class Told(NamedTuple):
    """An event as it is stored, as far as rules are concerned."""

    at_us: int
    resources: Resources
    detail: str


@dataclass(frozen=True, slots=True)
class Example:
    """Messages that look alike and move from one resource to another; '' is none."""

    type: str
    text: str  # the tag, sender, subject or metadata that the rule looks at
    before: str
    after: str
    messages: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How many messages a resource would lose and win."""

    type: str
    key: str
    lost: int
    won: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would name differently than it is stored."""

    messages: int  # looked at
    events: int
    is_cut: bool  # there are older ones that were not looked at
    matched: int  # messages that look like the rule
    named: int  # messages of these that no earlier rule names
    moved_messages: int
    moved_events: int
    examples: list[Example]  # the most frequent first, at most MOST_EXAMPLES
    shifts: list[Shift]  # the largest first, at most MOST_SHIFTS
    shifts_left: int  # resources beyond these


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rules as they would be, one of them looked at; `types` are those whose resources may change by it.

    `instead_of` are the rules without it, and with what it says now: only what differs from these is its doing.
    """

    rules: tuple[Rule, ...]
    place: int
    types: frozenset[str]
    instead_of: tuple[tuple[Rule, ...], ...]

    @property
    def rule(self) -> Rule:
        """The rule that is looked at."""
        return self.rules[self.place]


class _Seen(NamedTuple):
    """An event with what rules look at."""

    at_us: int
    stored: Resources
    told: Resources
    texts: Texts


@dataclass(slots=True)
class Comparison:
    """Takes one message after the other, and adds up."""

    proposal: Proposal
    messages: int = 0
    events: int = 0
    matched: int = 0
    named: int = 0
    moved_messages: int = 0
    moved_events: int = 0
    _examples: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    _lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    _won: Counter[tuple[str, str]] = field(default_factory=Counter)
    _rules: Rules = field(init=False)
    _alone: Rules = field(init=False)
    _others: tuple[Rules, ...] = field(init=False)
    _places: tuple[int, ...] = field(init=False)
    _pattern: Pattern = field(init=False)

    def __post_init__(self) -> None:
        self._rules, self._alone = Rules(self.proposal.rules), Rules((self.proposal.rule,))
        self._others = tuple(Rules(rules) for rules in self.proposal.instead_of)
        self._pattern = Pattern(self.proposal.rule.pattern)
        self._places = tuple(place for place, kind in enumerate(PLACES) if kind in self.proposal.types)

    def add(self, message: Sequence[Told]) -> None:
        """Look at all events of a message that count."""
        self.messages += 1
        self.events += len(message)
        seen = [_read(event) for event in message]
        own = PLACES.index(self.proposal.rule.type)
        self.matched += any(self._alone.decide(one.texts)[own] for one in seen)
        self.named += any(self._rules.decide(one.texts)[own] is self.proposal.rule for one in seen)
        named = [self._rules.name(one.texts, one.told) for one in seen]
        if any(after != one.stored for after, one in zip(named, seen, strict=True)):
            self._compare(seen, named)

    def _compare(self, seen: Sequence[_Seen], named: Sequence[Resources]) -> None:
        """Note what the rule moves of a message with events that would be named differently."""
        others = [[rules.name(one.texts, one.told) for one in seen] for rules in self._others]
        moved: set[int] = set()
        is_moved = False
        for place in self._places:
            for at, one in enumerate(seen):
                if _differs(one.stored[place], named[at][place], [other[at][place] for other in others]):
                    moved.add(at)
            before, after = _first(seen, place, [one.stored for one in seen]), _first(seen, place, named)
            if _differs(before, after, [_first(seen, place, other) for other in others]):
                is_moved = True
                self._note(PLACES[place].value, before, after, seen)
        self.moved_events += len(moved)
        self.moved_messages += is_moved

    def _note(self, kind: str, before: str, after: str, seen: Sequence[_Seen]) -> None:
        self._lost[kind, before] += 1
        self._won[kind, after] += 1
        self._examples[kind, self._text(one.texts for one in seen), before, after] += 1

    def _text(self, seen: Iterable[Texts]) -> str:
        """Return the text that looks like the rule, or else the first that the rule looks at."""
        found = [text for texts in seen for text in texts.of(self.proposal.rule) if text]
        return next((text for text in found if self._pattern.matches(text)), found[0] if found else "")

    def result(self, *, is_cut: bool) -> Preview:
        """Return what was found."""
        shifts = self._shifts()
        return Preview(
            self.messages, self.events, is_cut, self.matched, self.named, self.moved_messages, self.moved_events,
            [Example(*key, count) for key, count in _most(self._examples)[:MOST_EXAMPLES]],
            shifts[:MOST_SHIFTS], max(0, len(shifts) - MOST_SHIFTS),
        )  # fmt: skip

    def _shifts(self) -> list[Shift]:
        moving: Counter[tuple[str, str]] = self._lost + self._won
        return [Shift(*key, self._lost[key], self._won[key]) for key, _ in _most(moving)]


def _read(event: Told) -> _Seen:
    detail = orjson.loads(event.detail) if event.detail else {}
    return _Seen(event.at_us, event.resources, told_of(event.resources, detail), read_texts(detail))


def _differs(before: str | None, after: str | None, others: Sequence[str | None]) -> bool:
    """Say whether something is named differently than it is stored, and otherwise than without the rule."""
    return after != before and any(after != other for other in others)


def _first(seen: Sequence[_Seen], place: int, named: Sequence[Resources]) -> str:
    """Return the resource of the earliest event that names one, of two in one instant the smaller, as facts do."""
    found = [(one.at_us, key) for one, resources in zip(seen, named, strict=True) if (key := resources[place])]
    return min(found, default=(0, ""))[1]


def _most(counts: Counter[Key]) -> list[tuple[Key, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
