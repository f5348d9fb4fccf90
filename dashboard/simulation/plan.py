"""Which events go into which request, and in which order: batches, repeats, and disorder."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from dashboard.vocabulary.events import Event

_NEAR = 10.0  # so many requests later at most a repeat comes, where order is kept


@dataclass(frozen=True, slots=True)
class Posting:
    """The events of one request; postings of one number are equal to the last byte."""

    number: int
    events: tuple[Event, ...]


def make_plan(
    events: Iterable[Event], *, batch: int, duplicates: int, is_shuffled: bool, dice: Random
) -> list[Posting]:
    """Return the requests in their order, `duplicates` percent of them told again.

    Of those told again one half is repeated byte by byte, the other with its events in other requests.
    """
    told = sorted(events, key=lambda event: event.at_us)
    if is_shuffled:
        dice.shuffle(told)
    plan = [Posting(n, tuple(told[start : start + batch])) for n, start in enumerate(range(0, len(told), batch))]
    chosen = sorted(dice.sample(plan, math.ceil(len(plan) * duplicates / 100)), key=lambda posting: posting.number)
    again = [(posting.number, posting) for posting in chosen[::2]] + _regroup(chosen[1::2], batch, len(plan))
    order = [(float(posting.number), posting) for posting in plan]
    order += [(after + dice.uniform(0.5, _NEAR), posting) for after, posting in again]
    if is_shuffled:
        dice.shuffle(order)
    else:
        order.sort(key=lambda one: one[0])
    return [posting for _, posting in order]


def _regroup(chosen: Sequence[Posting], batch: int, first: int) -> list[tuple[int, Posting]]:
    """Return their events in requests that are cut elsewhere, each with the number of the last to tell them."""
    told = [(posting.number, event) for posting in chosen for event in posting.events]
    cuts = sorted({0, len(told), *range((batch + 1) // 2, len(told), batch)})
    return [
        (told[end - 1][0], Posting(first + n, tuple(event for _, event in told[start:end])))
        for n, (start, end) in enumerate(pairwise(cuts))
    ]
