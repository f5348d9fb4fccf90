"""The size of a batch of counting follows how long the last ones held the write lock."""

import pytest

from dashboard.database.engine import Mode
from dashboard.services import counted, pace
from dashboard.services.pace import Pace
from tests.factories import make_source
from tests.inbox import by, count, put, told


@pytest.fixture
def acme(cast):
    return cast.acme


@pytest.fixture
def source(app, engines, acme):
    return make_source(engines, app.extensions["vault"], acme)[0]


def test_batch_that_held_the_lock_too_long_is_followed_by_a_smaller_one():
    found = Pace(is_shared=True)

    found.note(0.15)  # 0.12 s / 0.15 s = 0.8 of the largest
    first = found.share
    found.note(0.15)  # 0.8 of 0.8

    assert (first, found.share) == (pytest.approx(0.8), pytest.approx(0.64))


def test_batches_stay_worth_their_while_however_slow_the_disk():
    found = Pace(is_shared=True)

    found.note(60.0)

    assert found.share == pace.LEAST


def test_batches_grow_again_step_by_step_and_to_no_more_than_the_largest():
    found, shares = Pace(is_shared=True), []
    found.note(60.0)

    for _ in range(6):
        found.note(0.0)
        shares.append(found.share)

    assert shares == pytest.approx([0.5, 0.625, 0.78125, 0.9765625, 1.0, 1.0])


def test_batches_stay_large_where_nobody_waits():
    found = Pace(is_shared=False)

    found.note(60.0)

    assert found.share == 1.0


def test_share_of_a_batch_is_taken_from_the_oldest(engines, acme, source):
    for n in range(10):
        put(engines, acme, source, told("sent", f"m{n}"))

    with engines[Mode.READ].begin() as connection:
        whole = counted.list_waiting(connection, acme.id, 10)
        half = counted.list_waiting(connection, acme.id, 10, share=0.5)

    assert [one.id for one in half] == [one.id for one in whole][:5]


def test_nothing_is_left_behind_by_small_batches(engines, acme, source, monkeypatch):
    monkeypatch.setattr(pace, "AIM_S", 0.0)
    monkeypatch.setattr(counted, "MAX_BYTES", 200)
    for n in range(10):
        put(engines, acme, source, told("sent", f"m{n}"))

    counted_now = count(engines, acme)

    assert counted_now == 10
    assert by(engines, acme)["2026-11-22"]["sent"] == 10
