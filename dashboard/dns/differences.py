"""Where a found value differs from the expected one, in pieces that a page can mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_PIECE = re.compile(r"\s+|[;=:.,\"]|[^\s;=:.,\"]+")
MAX_PIECES = 400


class Part(StrEnum):
    """What a segment is."""

    SAME = "same"
    MISSING = "missing"  # expected, but not found
    EXTRA = "extra"  # found, but not expected


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, and whether it belongs to both, only to the expected, or only to the found value."""

    text: str
    part: Part


def compare(expected: str, found: str) -> tuple[Segment, ...]:
    """Return the way from expected to found: same and missing make the expected value, same and extra the found."""
    before, after = _PIECE.findall(expected)[:MAX_PIECES], _PIECE.findall(found)[:MAX_PIECES]
    segments: list[Segment] = []
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            segments.append(Segment("".join(before[first:last]), Part.SAME))
            continue
        if first < last:
            segments.append(Segment("".join(before[first:last]), Part.MISSING))
        if start < end:
            segments.append(Segment("".join(after[start:end]), Part.EXTRA))
    return tuple(segments)
