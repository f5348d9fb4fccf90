"""For any set of events, any order, repetition, split into deliveries and batches gives the same rollups, to the byte."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.database.engine import Mode
from dashboard.vocabulary.events import EventType
from tests.conftest import empty_tables
from tests.factories import make_cast, make_source
from tests.inbox import NOON, check_invariants, count, put, rollups, totals

KINDS = [kind.value for kind in EventType if kind is not EventType.IGNORED]
INSTANTS = st.integers(0, 4 * 24 * 60).map(lambda minutes: NOON - timedelta(days=3) + timedelta(minutes=minutes))
SECONDS = st.sampled_from([0, 1, 1.5, 3, 7])
AGENTS = ["", "Mozilla/5.0 (Windows NT 10.0)", "GoogleImageProxy", "Barracuda"]


@st.composite
def events(draw):
    """An event of one of few messages, so that many meet; some of the fields that decide differ between tellings."""
    kind = draw(st.sampled_from(KINDS))
    event = {
        "type": kind,
        "at": (draw(INSTANTS) + timedelta(seconds=draw(SECONDS))).isoformat(),
        "message_id": draw(st.sampled_from(["m1", "m2", "<m3@x.test>"])),
        "recipient": draw(st.sampled_from(["bo@gmail.com", "Cy@example.test"])),
    }
    for name, values in (
        ("campaign_id", ["a", "b", "Ärger"]), ("template_id", ["t"]), ("mailbox", ["N@Acme.test", "o@acme.test"]),
        ("user_agent", AGENTS), ("reason", ["x", "y"]),
    ):  # fmt: skip
        value = draw(st.sampled_from([None, *values]))
        if value:
            event[name] = value
    if kind == "bounced":
        event["bounce"] = draw(st.sampled_from(["hard", "soft"]))
    if kind == "clicked":
        event["url"] = draw(st.sampled_from(["https://a.test/1", "https://a.test/2", "https://a.test/unsubscribe"]))
    if draw(st.booleans()):
        event["machine"] = True
    return event


def feed(engines, company, source_id, told, dice):
    """Put the events into the inbox, in any number of deliveries, counting now and then."""
    left = list(told)
    while left:
        size = dice.randint(1, len(left))
        chunk, left = left[:size], left[size:]
        put(engines, company, source_id, *chunk)
        if dice.random() < 0.5:
            count(engines, company)
    count(engines, company)


def snapshot(engines, company):
    with engines[Mode.READ].begin() as connection:
        booked = connection.exec_driver_sql(
            "SELECT message_key, state, sent_at_us, last_at_us, trouble, booked FROM messages ORDER BY message_key"
        ).all()
    rows = sorted((key[:4], tuple(sorted(value.items()))) for key, value in rollups(engines, company).items())
    return rows, sorted(totals(engines, company).items()), [tuple(map(bytes_of, row)) for row in booked]


def bytes_of(value):
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.mark.slow
@given(st.lists(events(), min_size=1, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_repetition_gives_the_same_rollups(app, engines, told, dice):
    found = []
    for attempt in range(2):
        empty_tables(engines)
        # The same numbers of company and source, so that keys are the same, too.
        cast = make_cast(engines, NOON)
        source_id, _ = make_source(engines, app.extensions["vault"], cast.acme)
        renumber(engines, source_id)
        sequence = list(told)
        if attempt:
            sequence += dice.choices(told, k=dice.randint(0, 6))
            dice.shuffle(sequence)
        feed(engines, cast.acme, 77_000, sequence, dice)
        check_invariants(engines, cast.acme)
        found.append(snapshot(engines, cast.acme))

    assert found[0] == found[1]


def renumber(engines, source_id):
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(f"UPDATE sources SET id = 77000 WHERE id = {source_id}")
