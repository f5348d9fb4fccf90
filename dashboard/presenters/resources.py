"""Lists of resources: rows with their numbers, what was done to one, and the file of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dashboard.presenters.overview import LEAGUE_RATES
from dashboard.presenters.rates import LeftOut, Rate, rate_of
from dashboard.presenters.tables import stream_table
from dashboard.queries.activity import Entry
from dashboard.queries.breakdowns import Part
from dashboard.queries.keys import ResourceNumbers
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.metrics import SIX, Metric, Metrics
from dashboard.vocabulary.resources import COLUMNS

NOTHING = ResourceNumbers(Metrics(), None)


# What the numbers of a list are headed by, in the order of `vocabulary.resources.COLUMNS`.
CALLED_COLUMNS = {name: "Last mail" if name == "last" else name.capitalize() for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One resource's line: itself, what was counted under its keys in the days, and when it last had mail."""

    row: Any
    metrics: Metrics
    rates: tuple[Rate, ...]
    last_day: date | None


def make_row(row: Any, numbers: ResourceNumbers) -> ResourceRow:
    """Return one line."""
    delivered = numbers.metrics.delivered
    left_out = LeftOut(
        0 if getattr(row, "track_opens", True) else delivered, 0 if getattr(row, "track_clicks", True) else delivered
    )
    rates = tuple(rate_of(formula, numbers.metrics, left_out) for formula in LEAGUE_RATES)
    return ResourceRow(row, numbers.metrics, rates, numbers.last_day)


def make_rows(rows: Iterable[Any], numbers: Mapping[UUID, ResourceNumbers]) -> list[ResourceRow]:
    """Return the lines of a list."""
    return [make_row(row, numbers.get(row.id, NOTHING)) for row in rows]


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One part of a breakdown."""

    key: str | None
    name: str
    metrics: Metrics
    rates: tuple[Rate, ...]


def make_breakdown(parts: Mapping[ResourceType, Sequence[Part]]) -> dict[str, list[BreakdownRow]]:
    """Return the parts by each type, with their rates."""
    return {kind.value: [_part_row(one) for one in found] for kind, found in parts.items()}


def _part_row(part: Part) -> BreakdownRow:
    name = "all others" if part.key is None else part.name or part.key or "(none)"
    return BreakdownRow(part.key, name, part.metrics, tuple(rate_of(formula, part.metrics) for formula in LEAGUE_RATES))


# --- what was done ---------------------------------------------------------------------------------

_DONE = {
    "create": "made it", "edit": "changed", "adopt": "registered it, because its key was seen in mail",
    "start": "started it", "pause": "paused it", "resume": "resumed it", "complete": "completed it",
    "reopen": "reopened it", "archive": "archived it", "unarchive": "brought it back", "add_key": "added the key",
    "remove_key": "took away the key", "merge": "merged into it", "merge_into": "merged it into", "clone": "copied it",
    "check": "asked for a check of its records", "verify": "found its records right: it is verified",
    "fail": "found its records wrong twice: it is failed",
    "activate": "activated it", "deactivate": "deactivated it", "suspend": "suspended it",
}  # fmt: skip
CALLED = {
    "daily_limit": "daily limit", "track_opens": "tracking of opens", "track_clicks": "tracking of clicks",
    "timezone": "time zone", "is_active": "active",
    "content": "HTML body", "text": "plain text", "samples": "sample values", "tracks_replies": "tracking of replies",
    "email": "address", "is_warming_up": "warming up", "warm_up": "warm-up plan",
    "warm_up_since": "begin of the warm-up",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """Who did what, when, and what that changed: (what, before, after)."""

    at: datetime
    actor: str
    text: str
    reason: str
    changes: tuple[tuple[str, str, str], ...]


def show_entry(entry: Entry) -> ShownEntry:
    """Return an entry of the audit log in words."""
    verb, details = entry.action.partition(".")[2], entry.details
    text = _DONE.get(verb, verb.replace("_", " "))
    if verb in {"add_key", "remove_key"}:
        text += f" {details.get('key', '')}"
    if verb == "merge":
        text = f"merged {details.get('merged', '')} into it"
    if verb == "merge_into":
        text += f" {details.get('into', '')}"
    changes = tuple(
        (CALLED.get(name, name.replace("_", " ")), _written(pair[0]), _written(pair[1]))
        for name, pair in _pairs(details.get("changes"))
    )
    if changes:
        text = f"changed {', '.join(name for name, _, _ in changes)}"
    return ShownEntry(entry.at, entry.actor, text, str(details.get("reason") or ""), changes)


def _pairs(changes: object) -> list[tuple[str, Sequence[Any]]]:
    found = changes.items() if isinstance(changes, dict) else ()
    return [(name, pair) for name, pair in found if isinstance(pair, list) and len(pair) == 2]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    text = f"{value:,}" if isinstance(value, int) else str(value if value not in {None, ""} else "none")
    return text if len(text) <= 200 else f"{text[:200]}…"


# --- the file of a list ----------------------------------------------------------------------------


def stream_list(
    columns: Sequence[str], chunks: Iterable[Iterable[tuple[Sequence[object], ResourceRow]]]
) -> Iterator[bytes]:
    """Return the CSV of a list, in pieces: its own columns, then the six counts and the last day with mail."""
    header = [*columns, *(metric.label for metric in Metric), "Last mail"]
    return stream_table(header, ((_cells(*line) for line in chunk) for chunk in chunks))


def _cells(cells: Sequence[object], shown: ResourceRow) -> list[object]:
    last = shown.last_day.isoformat() if shown.last_day else ""
    return [*cells, *(shown.metrics[name] for name in SIX), last]
