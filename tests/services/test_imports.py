"""A job puts an upload into the inbox: all of it, once, whatever happens in between."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.errors import Conflict
from dashboard.models import Delivery, Job, Source
from dashboard.models.inbox import DeliveryState
from dashboard.models.jobs import JobState
from dashboard.models.sources import SourceStatus
from dashboard.queries.sources import list_arrival_instants
from dashboard.services import imports, jobs
from dashboard.services.jobs import STEP_LEASE
from tests.factories import make_source
from tests.inbox import NOON, at, by, check_invariants, count, put, told
from tests.uploads import lines, look, run, take


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


def stored(seed, company):
    """Return the deliveries in the order of their lines: id, state, headers."""
    with seed(company) as session:
        rows = session.execute(sa.select(Delivery.id, Delivery.state, Delivery.headers).order_by(Delivery.id))
        return [tuple(row) for row in rows]


def test_upload_becomes_deliveries_of_its_source(engines, cast, seed, source, tmp_path):
    made = take(engines, cast.acme, source, tmp_path, lines(1_001))

    run(engines, tmp_path)

    # 1,001 lines are parts of 500, 500 and 1
    found = stored(seed, cast.acme)
    assert [one[0] for one in found] == [made.delivery_id(n) for n in range(3)]
    assert {one[1] for one in found} == {DeliveryState.PENDING}
    assert [one[2]["x-import-line"] for one in found] == ["1", "501", "1001"]
    assert {one[2]["x-import"] for one in found} == {made.id.hex}
    assert {one[2]["content-type"] for one in found} == {"application/x-ndjson"}


def test_events_of_an_upload_are_counted(engines, cast, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(700) + lines(700, "delivered"))

    run(engines, tmp_path)
    count(engines, cast.acme)

    # 700 messages, one sent and one delivered each; the part between line 500 and 501 makes no difference
    (row,) = look(engines, cast.acme, source)
    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 700, "delivered": 700}}
    assert (row.told.lines, row.tally.new, row.tally.duplicate, row.tally.unreadable) == (1_400, 1_400, 0, 0)
    check_invariants(engines, cast.acme)


def test_same_file_again_changes_no_number(engines, cast, source, tmp_path):
    for _ in range(2):
        take(engines, cast.acme, source, tmp_path, lines(30))
        run(engines, tmp_path)
        count(engines, cast.acme)

    again, first = look(engines, cast.acme, source)
    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 30}}
    assert (first.tally.new, first.tally.duplicate) == (30, 0)
    assert (again.tally.new, again.tally.duplicate) == (0, 30)


def test_bad_line_fails_only_itself(engines, cast, seed, source, tmp_path):
    good = lines(3).splitlines(keepends=True)
    take(engines, cast.acme, source, tmp_path, good[0] + b"{nonsense\n" + good[1] + b'{"type": "sent"}\n' + good[2])

    run(engines, tmp_path)
    count(engines, cast.acme)

    (row,) = look(engines, cast.acme, source)
    assert (row.tally.new, row.tally.unreadable) == (3, 2)
    with seed(cast.acme) as session:
        reason = session.scalar(sa.select(Delivery.reason))
    assert reason.startswith("Element 2: The body is not JSON")
    assert "Element 4: The field 'at' is missing." in reason


def test_old_events_are_kept_and_not_counted(engines, cast, source, tmp_path):
    old = told("sent", "old", when=(NOON - timedelta(days=91)).isoformat())
    young = told("sent", "young", when=(NOON - timedelta(days=89)).isoformat())
    take(engines, cast.acme, source, tmp_path, b"\n".join(json.dumps(event).encode() for event in (old, young)))

    run(engines, tmp_path)
    count(engines, cast.acme)

    (row,) = look(engines, cast.acme, source)
    assert (row.tally.new, row.tally.late) == (2, 1)
    assert by(engines, cast.acme) == {"2026-08-25": {"sent": 1}}  # 89 days before 22 November


class Died(BaseException):
    """The worker is gone: nothing of ours may answer."""


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_killed_worker_goes_on_where_it_stopped(engines, cast, seed, source, tmp_path, after):
    made = take(engines, cast.acme, source, tmp_path, lines(2_100))
    pauses = iter(range(100))

    def die(_seconds):
        if next(pauses) == after:
            raise Died
        return False

    with pytest.raises(Died):
        run(engines, tmp_path, pause=die)
    half = len(stored(seed, cast.acme))
    run(engines, tmp_path, owner="another", now=NOON + timedelta(minutes=5))
    count(engines, cast.acme, NOON + timedelta(minutes=5))

    # 2,100 lines are four parts of 500 and one of 100
    assert half == after
    assert [one[0] for one in stored(seed, cast.acme)] == [made.delivery_id(n) for n in range(5)]
    (row,) = look(engines, cast.acme, source)
    assert (row.tally.new, row.tally.duplicate) == (2_100, 0)


def test_job_that_comes_on_is_taken_over_after_a_minute(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(1_000))
    pauses = iter([False])

    with pytest.raises(StopIteration):
        run(engines, tmp_path, pause=lambda _seconds: next(pauses))

    assert jobs.take_due(engines, "another", NOON + STEP_LEASE - timedelta(seconds=1)) is None
    assert jobs.take_due(engines, "another", NOON + STEP_LEASE).attempts == 2


def test_worker_that_lost_its_lease_puts_nothing_in(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(600))

    def lose(_seconds):
        assert jobs.take_due(engines, "another", NOON + jobs.LEASE) is not None
        return False

    with pytest.raises(Conflict):
        run(engines, tmp_path, pause=lose)

    assert stored(seed, cast.acme) == []


def test_worker_that_is_to_end_leaves_the_rest(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(1_000))
    pauses = iter([False, True])

    with pytest.raises(jobs.Stopped):
        run(engines, tmp_path, pause=lambda _seconds: next(pauses))

    assert len(stored(seed, cast.acme)) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_file_goes_when_all_of_it_is_in_the_inbox(engines, cast, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(3))

    run(engines, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_job_that_died_after_the_file_went_is_done(engines, cast, seed, source, tmp_path):
    made = take(engines, cast.acme, source, tmp_path, lines(3))
    job = jobs.take_due(engines, "one", NOON)
    imports.run_job(imports.Setting(engines, tmp_path, "one", lambda: NOON, lambda _s: False), job)

    run(engines, tmp_path, owner="two", now=NOON + STEP_LEASE)

    assert [one[0] for one in stored(seed, cast.acme)] == [made.delivery_id(0)]
    with seed() as session:
        assert session.scalar(sa.select(Job.state)) is JobState.DONE


def test_file_that_is_not_here_is_said(engines, cast, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(3))

    with pytest.raises(Conflict, match="not in the instance folder"):
        run(engines, tmp_path / "elsewhere")


def test_upload_to_a_paused_source_is_held(engines, cast, seed, source, tmp_path):
    with seed(cast.acme) as session:
        session.get(Source, source).status = SourceStatus.PAUSED
    take(engines, cast.acme, source, tmp_path, lines(3))

    run(engines, tmp_path)

    assert [one[1] for one in stored(seed, cast.acme)] == [DeliveryState.HELD]


def test_upload_ends_when_its_source_is_deleted(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(600))
    with seed(cast.acme) as session:
        session.get(Source, source).status = SourceStatus.DELETED

    run(engines, tmp_path)

    (row,) = look(engines, cast.acme, source)
    assert (row.told.problem, row.told.lines) == ("The source was deleted.", 0)
    assert stored(seed, cast.acme) == []
    assert list(tmp_path.iterdir()) == []


def test_file_that_cannot_be_read_after_all_ends_its_job(engines, cast, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, b"\0\1\2")

    run(engines, tmp_path)

    (row,) = look(engines, cast.acme, source)
    assert row.told.problem.startswith("The file is not text.")


def test_source_does_not_seem_to_speak_because_of_an_upload(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(3))

    run(engines, tmp_path)
    count(engines, cast.acme)

    with seed(cast.acme) as session:
        assert session.get(Source, source).last_event_at is None
        assert list_arrival_instants(session, cast.acme.id, now=NOON) == {}


def test_reading_waits_for_the_counting(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(500 * (imports.AHEAD + 3)))
    most = []

    def pause(seconds):
        states = [one[1] for one in stored(seed, cast.acme)]
        most.append(states.count(DeliveryState.PENDING))
        if seconds:
            count(engines, cast.acme)
        return False

    run(engines, tmp_path, pause=pause)

    assert max(most) == imports.AHEAD


def test_reading_goes_on_when_nobody_counts(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(500 * (imports.AHEAD + 3)))
    waited = []

    run(engines, tmp_path, pause=lambda seconds: bool(waited.append(seconds)))

    assert len(stored(seed, cast.acme)) == imports.AHEAD + 3
    assert len([seconds for seconds in waited if seconds]) == imports.PATIENCE  # not again before each further part


def test_upload_and_webhook_tell_the_same_event_once(engines, cast, source, tmp_path):
    put(engines, cast.acme, source, told("sent", "m0", when=at()), told("opened", "m0", when=at(5)))
    count(engines, cast.acme)
    take(engines, cast.acme, source, tmp_path, lines(1) + lines(1, "delivered"))

    run(engines, tmp_path)
    count(engines, cast.acme)

    (row,) = look(engines, cast.acme, source)
    assert (row.tally.new, row.tally.duplicate) == (1, 1)
    assert by(engines, cast.acme)["2026-11-22"] == {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1}
