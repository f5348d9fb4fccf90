"""Imports of mailboxes as people see them: how far one is, and what it came to. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.models.jobs import JobState
from dashboard.services.mailbox_import_jobs import Progress


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import: its rows, how many were taken, and a sentence about where it stands."""

    rows: int
    done: int
    is_active: bool
    has_failed: bool
    sentence: str

    @property
    def percent(self) -> int:
        """How far it is; a hundred only once all is done."""
        return self.done * 100 // self.rows if self.rows else 100


def show_import(told: Progress, state: JobState) -> ImportView:
    """Return an import as it is shown."""
    is_active = state in {JobState.WAITING, JobState.RUNNING}
    return ImportView(told.rows, told.done, is_active, state is JobState.DEAD, _sentence(told))


def _sentence(told: Progress) -> str:
    left = f" {told.left:,} faulty {'row was' if told.left == 1 else 'rows were'} left." if told.left else ""
    return f"{told.made:,} made, {told.changed:,} changed, {told.same:,} as they were.{left}"
