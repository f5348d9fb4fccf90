"""Two versions of a text side by side: lines in pairs, the changed words marked, long stretches of the same folded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

SECONDS = 1.0
CONTEXT_LINES = 3
# Beyond these a line or a text is shown, and not compared in more detail.
WORDS_IN_LINE = 400
LINES_COMPARED = 10_000
LINES_READ = 20_000
ROWS_SHOWN = 5_000

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class RowKind(StrEnum):
    """What became of a line."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a line; marked where its words differ from the other side."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line on each side, with its number from one, or None where there is none; `folded` lines stand for one row."""

    kind: RowKind
    left_number: int | None
    left: tuple[Segment, ...]
    right_number: int | None
    right: tuple[Segment, ...]
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """All rows, how many lines were added and removed (a changed line is both), and whether it was cut short."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    was_cut: bool

    @property
    def is_empty(self) -> bool:
        """Whether both texts are the same."""
        return not self.added and not self.removed


def compare_texts(left: str, right: str, *, clock: Callable[[], float] = time.monotonic) -> Difference:
    """Find the difference of two texts. Line ends of any kind are the same.

    Where the time is over, or there are more lines than can be compared, what is left counts as changed and `was_cut`
    is true; so it is when there are more lines than are read or more rows than are shown.
    """
    watch = _Watch(clock)
    rows = list(_rows(_lines(left, watch), _lines(right, watch), watch))
    added = sum(row.kind in {RowKind.CHANGED, RowKind.ADDED} for row in rows)
    removed = sum(row.kind in {RowKind.CHANGED, RowKind.REMOVED} for row in rows)
    folded = tuple(_folded(rows))
    return Difference(folded[:ROWS_SHOWN], added, removed, watch.was_cut or len(folded) > ROWS_SHOWN)


class _Watch:
    """The time that a comparison may take, and whether it ended early."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._deadline = clock() + SECONDS
        self.was_cut = False

    def is_over(self) -> bool:
        self.was_cut = self.was_cut or self._clock() > self._deadline
        return self.was_cut


class _Matcher(SequenceMatcher[str]):
    """The library's, which ends with what it has when the time is over."""

    def __init__(self, left: list[str], right: list[str], watch: _Watch) -> None:
        self._watch = watch
        super().__init__(None, left, right)

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        if self._watch.is_over():
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _lines(text: str, watch: _Watch) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []
    watch.was_cut = watch.was_cut or len(lines) > LINES_READ
    return lines[:LINES_READ]


def _rows(left: list[str], right: list[str], watch: _Watch) -> Iterator[Row]:
    head = _same_at_start(left, right)
    tail = _same_at_start(left[head:][::-1], right[head:][::-1])
    left_end, right_end = len(left) - tail, len(right) - tail
    yield from _same(left, 0, 0, head)
    for tag, from_left, to_left, from_right, to_right in _steps(left[head:left_end], right[head:right_end], watch):
        if tag == "equal":
            yield from _same(left, head + from_left, head + from_right, to_left - from_left)
            continue
        yield from _unlike(
            left, right, range(head + from_left, head + to_left), range(head + from_right, head + to_right), watch
        )
    yield from _same(left, left_end, right_end, tail)


def _same_at_start(left: list[str], right: list[str]) -> int:
    return next(
        (index for index, (one, other) in enumerate(zip(left, right, strict=False)) if one != other),
        min(len(left), len(right)),
    )


def _steps(left: list[str], right: list[str], watch: _Watch) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(left), len(right)) > LINES_COMPARED:
        watch.was_cut = True
        return [("replace", 0, len(left), 0, len(right))]
    return _Matcher(left, right, watch).get_opcodes()


def _same(left: list[str], from_left: int, from_right: int, count: int) -> Iterator[Row]:
    for step in range(count):
        segments = (Segment(left[from_left + step]),)
        yield Row(RowKind.SAME, from_left + step + 1, segments, from_right + step + 1, segments)


def _unlike(left: list[str], right: list[str], lefts: range, rights: range, watch: _Watch) -> Iterator[Row]:
    for from_left, from_right in zip_longest(lefts, rights):
        if from_left is None:
            yield Row(RowKind.ADDED, None, (), from_right + 1, (Segment(right[from_right], is_marked=True),))
        elif from_right is None:
            yield Row(RowKind.REMOVED, from_left + 1, (Segment(left[from_left], is_marked=True),), None, ())
        else:
            segments = _words(left[from_left], right[from_right], watch)
            yield Row(RowKind.CHANGED, from_left + 1, segments[0], from_right + 1, segments[1])


def _words(left: str, right: str, watch: _Watch) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Both lines in segments; whole where they are too long or have little in common."""
    whole = (Segment(left, is_marked=True),), (Segment(right, is_marked=True),)
    if max(len(left), len(right)) > WORDS_IN_LINE * 10 or watch.is_over():
        return whole
    ones, others = _WORD.findall(left), _WORD.findall(right)
    if max(len(ones), len(others)) > WORDS_IN_LINE:
        return whole
    matcher = _Matcher(ones, others, watch)
    if matcher.ratio() < 0.3:
        return whole
    steps = matcher.get_opcodes()
    return (
        _segments(ones, [(step[0] != "equal", step[1], step[2]) for step in steps]),
        _segments(others, [(step[0] != "equal", step[3], step[4]) for step in steps]),
    )


def _segments(words: list[str], steps: list[tuple[bool, int, int]]) -> tuple[Segment, ...]:
    return tuple(Segment("".join(words[start:end]), is_marked) for is_marked, start, end in steps if start < end)


def _folded(rows: list[Row]) -> Iterator[Row]:
    """Fold the middle of each long unchanged run into one row; the ends of the texts need no context."""
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end].kind is RowKind.SAME:
            end += 1
        if end == start:
            yield rows[start]
            start += 1
            continue
        yield from _fold(rows[start:end], is_first=start == 0, is_last=end == len(rows))
        start = end


def _fold(run: list[Row], *, is_first: bool, is_last: bool) -> Iterator[Row]:
    before = 0 if is_first else CONTEXT_LINES
    after = 0 if is_last else CONTEXT_LINES
    hidden = len(run) - before - after
    if hidden < 2:
        yield from run
        return
    yield from run[:before]
    yield Row(RowKind.FOLDED, run[before].left_number, (), run[before].right_number, (), hidden)
    yield from run[before + hidden :]
