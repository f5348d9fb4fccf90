"""Mapping rules in words, and what they would change. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.counting.previews import Preview, Shift
from dashboard.counting.rules import Rule
from dashboard.presenters.privacy import Veil
from dashboard.queries.rebuilds import Rebuild
from dashboard.queries.rules import MOST_EVENTS, WINDOW

NONE = "(none)"


@dataclass(frozen=True, slots=True)
class ShownExample:
    """Messages that look alike."""

    text: str
    type: str
    before: str
    after: str
    messages: int


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """A preview, ready to render."""

    verdict: str  # how many messages look like the rule
    moves: str  # what counting anew would change
    scope: str  # what was looked at
    is_moving: bool
    examples: list[ShownExample]
    shifts: list[Shift]
    shifts_left: int


def looked_at(rule: Rule) -> str:
    """Return where a rule looks, as the subject of a sentence."""
    if rule.field == "metadata":
        return f"Metadata {rule.name}"
    return {"tag": "A tag", "sender": "The sender", "subject": "The subject"}[rule.field]


def show_preview(preview: Preview, veil: Veil) -> ShownPreview:
    """Return a preview in words."""
    return ShownPreview(
        verdict=_verdict(preview),
        moves=_moves(preview),
        scope=_scope(preview),
        is_moving=bool(preview.moved_messages),
        examples=[
            ShownExample(veil.text(one.text) or NONE, one.type, one.before or NONE, one.after or NONE, one.messages)
            for one in preview.examples
        ],
        shifts=preview.shifts,
        shifts_left=preview.shifts_left,
    )


def share_done(rebuild: Rebuild) -> str:
    """Return how far a rebuild is, in words."""
    total, done = rebuild.payload.get("total", 0), rebuild.payload.get("done", 0)
    if rebuild.payload.get("step") == "sum":
        return f"All messages are looked at; {done:,} of {total:,} are added up."
    return f"{done:,} of {total:,} messages are looked at."


def _verdict(preview: Preview) -> str:
    if not preview.matched:
        return "No message looks like this rule."
    found = f"{_count(preview.matched, 'message looks', 'messages look')} like this rule."
    left = preview.matched - preview.named
    if not left:
        return found
    if left == preview.matched:
        return f"{found} An earlier rule decides for all of them."
    return f"{found} An earlier rule decides for {left:,} of them."


def _moves(preview: Preview) -> str:
    if preview.moved_messages or preview.moved_events:
        messages, events = _messages(preview.moved_messages), _count(preview.moved_events, "event", "events")
        return f"Counting history anew moves {messages} by it, and names {events} anew."
    if preview.named:
        return "What it names is counted so already."
    return "Counting history anew moves nothing by it."


def _scope(preview: Preview) -> str:
    days = WINDOW.days
    if preview.is_cut:
        return (
            f"Only the newest {preview.messages:,} messages of the last {days} days were looked at, with"
            f" {preview.events:,} events; a preview looks at {MOST_EVENTS:,} at most. Counting anew looks at all."
        )
    return f"Looked at: {_messages(preview.messages)} of which anything was told in the last {days} days."


def _messages(number: int) -> str:
    return _count(number, "message", "messages")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
