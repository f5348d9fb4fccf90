"""A delivery that an upload brought: each of its lines is one element, read as if the provider had posted it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import orjson

from dashboard.providers.base import Adapter, Parsed, Unreadable, as_list, read_json
from dashboard.providers.records import FAULT, fault
from dashboard.vocabulary.imports import IMPORT_HEADER
from dashboard.vocabulary.sources import ReceivedDelivery

_FAULT = fault("")[:-3]

Wrap = Callable[[dict[str, Any]], bytes]


def is_imported(delivery: ReceivedDelivery) -> bool:
    """Say whether an upload brought the delivery."""
    return IMPORT_HEADER in delivery.headers


def read(adapter: Adapter, delivery: ReceivedDelivery) -> Parsed:
    """Return the events of all lines; one that cannot be read fails only itself. Places are those of the lines."""
    parsed = Parsed()
    posted = replace(delivery, headers={"content-type": "application/json"})
    for place, line in enumerate(delivery.body.split(b"\n")):
        try:
            bodies = list(_bodies(adapter, line))
        except Unreadable as error:
            parsed.unreadable.append((place, str(error)))
            continue
        for body in bodies:
            _read_one(adapter, replace(posted, body=body), place, parsed)
    return parsed


def _bodies(adapter: Adapter, line: bytes) -> Iterator[bytes]:
    """Yield the bodies by which the provider would tell what is on a line."""
    if line.startswith(_FAULT):
        raise Unreadable(str(read_json(line)[FAULT]))
    wrap = cast("Wrap | None", getattr(adapter, "wrap", None))
    if wrap is None:
        yield line
        return
    for element in as_list(read_json(line)):
        yield wrap(element) if isinstance(element, dict) else orjson.dumps(element)


def _read_one(adapter: Adapter, posted: ReceivedDelivery, place: int, parsed: Parsed) -> None:
    try:
        found = adapter.parse(posted)
    except Unreadable as error:
        parsed.unreadable.append((place, str(error)))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        parsed.unreadable.append((place, f"It has an unexpected form ({type(error).__name__})."))
    else:
        parsed.events.extend(found.events)
        parsed.unreadable.extend((place, reason) for _, reason in found.unreadable)
