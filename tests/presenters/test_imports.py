"""Imports as they are shown: one word for where they stand, numbers that add up, a note where one is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dashboard.models.jobs import JobState
from dashboard.presenters.imports import BADGES, Stage, show_import
from dashboard.queries.imports import ImportRow, Tally
from dashboard.vocabulary.imports import Import

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def shown(state=JobState.DONE, error="", tally=None, **told):
    fields = {"offset": 100, "lines": 10, "deliveries": 1} | told
    about = Import(UUID(int=1 << 24), 7, "march.csv", 100, "ada@acme.test", **fields)
    return show_import(ImportRow(about, state, NOON, error, tally or Tally(1, new=10)))


def test_every_stage_has_a_badge():
    assert set(BADGES) == set(Stage)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("waiting", {"state": JobState.WAITING, "offset": 0, "lines": 0}),
        ("reading", {"state": JobState.RUNNING, "offset": 40}),
        ("failed", {"state": JobState.DEAD}),
        ("counting", {"tally": Tally(2, pending=1, new=5)}),
        ("held", {"tally": Tally(2, held=2)}),
        ("stopped", {"problem": "The source was deleted."}),
        ("done", {}),
    ],
)
def test_stage_is(expected, given):
    assert shown(**given).stage.value == expected


def test_only_what_goes_on_is_active():
    assert {stage.value for stage in Stage if shown_active(stage)} == {"waiting", "reading", "counting"}


def shown_active(stage):
    made = {
        Stage.WAITING: shown(JobState.WAITING), Stage.READING: shown(JobState.RUNNING),
        Stage.COUNTING: shown(tally=Tally(1, pending=1)), Stage.HELD: shown(tally=Tally(1, held=1)),
        Stage.DONE: shown(), Stage.STOPPED: shown(problem="x"), Stage.FAILED: shown(JobState.DEAD),
    }  # fmt: skip
    assert made[stage].stage is stage
    return made[stage].is_active


def test_numbers_add_up_to_what_was_counted():
    view = shown(tally=Tally(3, new=10, duplicate=4, ignored=3, unreadable=2, late=6))

    # 10 new, of which 6 came too late: 4 + 6 + 4 + 3 + 2 = 19
    assert (view.new, view.late, view.duplicate, view.ignored, view.unreadable, view.counted) == (4, 6, 4, 3, 2, 19)


def test_share_is_that_of_the_bytes_read():
    assert [shown(JobState.RUNNING, offset=offset).percent for offset in (0, 39, 100, 101)] == [0, 39, 100, 100]


@pytest.mark.parametrize(
    ("note", "given"),
    [
        ("", {}),
        ("", {"tally": Tally(1, duplicate=3)}),
        ("", {"tally": Tally()}),
        ("None of it is an event that is counted. Is it the right file?", {"tally": Tally(1, ignored=3, unreadable=1)}),
        ("All that is new in it is older than 90 days.", {"tally": Tally(1, new=3, late=3)}),
        ("It is counted when the source is resumed.", {"tally": Tally(1, held=1)}),
        ("The source was deleted.", {"problem": "The source was deleted."}),
        ("The disk is gone.", {"state": JobState.DEAD, "error": "OSError: The disk is gone."}),
        ("It is tried again soon. No.", {"state": JobState.WAITING, "error": "No."}),
        ("", {"state": JobState.WAITING}),
    ],
)
def test_note_is(note, given):
    assert shown(**given).note == note
