"""Imports as people see them: a word for where one stands, how far it is, and what became of its lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboard.models.jobs import JobState
from dashboard.queries.imports import ImportRow, Tally


class Stage(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    READING = "reading"
    COUNTING = "counting"
    HELD = "held"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


ACTIVE = frozenset({Stage.WAITING, Stage.READING, Stage.COUNTING})
BADGES = {
    Stage.WAITING: "pending", Stage.READING: "completed", Stage.COUNTING: "completed", Stage.HELD: "paused",
    Stage.DONE: "active", Stage.STOPPED: "failed", Stage.FAILED: "failed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import; `new` leaves out what came too late, so that the five numbers add up to `counted`."""

    id: str
    name: str
    actor: str
    begun_at: datetime
    size_bytes: int
    stage: Stage
    badge: str
    percent: int
    read: int
    counted: int
    new: int
    duplicate: int
    late: int
    ignored: int
    unreadable: int
    note: str

    @property
    def is_active(self) -> bool:
        """Whether its numbers will change by themselves."""
        return self.stage in ACTIVE


def show_import(row: ImportRow) -> ImportView:
    """Return an import as it is shown."""
    told, tally, stage = row.told, row.tally, _stage(row)
    counted = tally.new + tally.duplicate + tally.ignored + tally.unreadable
    share = told.offset * 100 // told.size_bytes if told.size_bytes else 100
    return ImportView(
        told.id.hex, told.name, told.actor, row.begun_at, told.size_bytes, stage, BADGES[stage], min(100, share),
        told.lines, counted, tally.new - tally.late, tally.duplicate, tally.late, tally.ignored, tally.unreadable,
        _note(row, stage),
    )  # fmt: skip


def _stage(row: ImportRow) -> Stage:
    if row.state is JobState.DEAD:
        return Stage.FAILED
    if row.state is not JobState.DONE:
        return Stage.READING if row.state is JobState.RUNNING else Stage.WAITING
    if row.told.problem:
        return Stage.STOPPED
    if row.tally.pending:
        return Stage.COUNTING
    return Stage.HELD if row.tally.held else Stage.DONE


def _note(row: ImportRow, stage: Stage) -> str:
    error = row.error.partition(": ")[2] or row.error
    notes = {
        Stage.WAITING: f"It is tried again soon. {error}" if error else "",
        Stage.FAILED: error,
        Stage.STOPPED: row.told.problem,
        Stage.HELD: "It is counted when the source is resumed.",
        Stage.DONE: _verdict(row.tally),
    }
    return notes.get(stage, "")


def _verdict(tally: Tally) -> str:
    """Return what should make somebody look twice."""
    if tally.deliveries == 0:
        return ""
    if tally.new == tally.duplicate == 0:
        return "None of it is an event that is counted. Is it the right file?"
    if tally.new and tally.new == tally.late:
        return "All that is new in it is older than 90 days."
    return ""
