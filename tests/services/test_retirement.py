"""Events go 90 days after a message's last one, messages after 400; what they booked stands."""

from datetime import timedelta

import pytest

from dashboard.database.engine import Mode
from dashboard.services import proof, retirement
from tests.conftest import NOON
from tests.factories import make_source
from tests.inbox import at, by, check_invariants, count, deliveries, put, told


@pytest.fixture
def source(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def counted(engines, cast, source):
    put(engines, cast.acme, source, told("sent"), told("opened", when=at(5)), told("sent", "m2"))
    count(engines, cast.acme)
    return by(engines, cast.acme)


def retire(engines, days):
    return retirement.retire_all(engines, "test", lambda: NOON + timedelta(days=days))


def number_of(engines, table):
    with engines[Mode.READ].begin() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


def test_young_events_stay(engines, cast, counted):
    assert retire(engines, 89) == 0
    assert number_of(engines, "events") == 3


def test_old_events_go_and_the_numbers_stay(engines, cast, counted):
    assert retire(engines, 91) == 2

    assert (number_of(engines, "events"), number_of(engines, "messages")) == (0, 2)
    assert by(engines, cast.acme) == counted
    assert proof.find_event_difference(engines, cast.acme, NOON + timedelta(days=91)) is None


def test_what_is_told_of_a_closed_message_is_too_late(engines, cast, source, counted):
    retire(engines, 91)
    later = NOON + timedelta(days=92)

    put(engines, cast.acme, source, told("clicked", when=later.isoformat(), url="https://a.test/"), received_at=later)
    count(engines, cast.acme, later)

    assert by(engines, cast.acme) == counted
    assert deliveries(engines, cast.acme)[-1][2:] == (1, 0, 0, 0, 1)
    check_invariants(engines, cast.acme)


def test_old_messages_are_forgotten_and_the_numbers_stay(engines, cast, counted):
    retire(engines, 91)

    assert retire(engines, 401) == 2

    assert [number_of(engines, table) for table in ("messages", "events", "message_aliases")] == [0, 0, 0]
    assert by(engines, cast.acme) == counted
    later = NOON + timedelta(days=401)
    assert proof.find_event_difference(engines, cast.acme, later) is None
    proof.rebuild(engines, cast.acme, "test", lambda: later)
    assert by(engines, cast.acme) == counted
