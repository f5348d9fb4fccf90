"""A source's deliveries: order, pages, counts by state, and one with its request."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dashboard.errors import NotFound
from dashboard.models.inbox import DeliveryState
from dashboard.queries import deliveries
from dashboard.queries.deliveries import Position
from tests.factories import make_source
from tests.inbox import NOON, count, put, told


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


def test_newest_come_first_and_pages_meet_without_gap(engines, cast, source, reading):
    # three of them in one instant, which the id then orders
    instants = [NOON, NOON, NOON, NOON - timedelta(seconds=1), NOON - timedelta(days=2)]
    ids = [UUID(str(put(engines, cast.acme, source, told("sent"), received_at=one))) for one in instants]
    found, after = [], None

    with reading() as session:
        while page := deliveries.list_deliveries(session, source, state=None, limit=2, after=after):
            found += [row.id for row in page]
            after = Position(page[-1].received_at, page[-1].id)

    assert found == [*sorted(ids[:3], reverse=True), ids[3], ids[4]]


@pytest.mark.parametrize("state", DeliveryState)
def test_state_narrows_the_list(engines, cast, source, reading, state):
    for one in DeliveryState:
        put(engines, cast.acme, source, told("sent"), state=one)

    with reading() as session:
        rows = deliveries.list_deliveries(session, source, state=state, limit=10)

    assert [row.state for row in rows] == [state]


def test_states_are_counted_and_add_up(engines, cast, source, reading):
    for state, number in ((DeliveryState.PENDING, 2), (DeliveryState.HELD, 1), (DeliveryState.COUNTED, 3)):
        for _ in range(number):
            put(engines, cast.acme, source, told("sent"), state=state)

    with reading() as session:
        counts = deliveries.count_states(session, cast.acme.id, source)

    # 2 + 1 + 3
    assert {state and state.value: number for state, number in counts.items()} == {
        None: 6, "pending": 2, "counted": 3, "partly": 0, "unreadable": 0, "rejected": 0, "held": 1,
    }  # fmt: skip


def test_counting_stops_beyond_the_most(engines, cast, source, reading):
    for _ in range(6):
        put(engines, cast.acme, source, told("sent"), state=DeliveryState.COUNTED)

    with reading() as session:
        counts = deliveries.count_states(session, cast.acme.id, source, most=3)

    assert (counts[None], counts[DeliveryState.COUNTED]) == (4, 4)  # shown as 3+


def test_delivery_comes_with_its_request(engines, cast, source, reading):
    delivery_id = put(engines, cast.acme, source, body='{"events": [] , "ä":1}'.encode())
    count(engines, cast.acme, NOON + timedelta(seconds=2))

    with reading() as session:
        kept = deliveries.get_delivery(session, source, delivery_id)

    assert kept.body == '{"events": [] , "ä":1}'.encode()
    assert kept.headers == {"content-type": "application/json"}
    assert (kept.row.state, kept.row.wait_ms) == (DeliveryState.COUNTED, 2000)


def test_rejected_delivery_has_no_body(engines, cast, source, reading):
    delivery_id = put(engines, cast.acme, source, body=b"secret", state=DeliveryState.REJECTED)

    with reading() as session:
        kept = deliveries.get_delivery(session, source, delivery_id)

    assert (kept.body, kept.row.size_bytes) == (None, 6)


def test_delivery_is_not_found_under_another_source_or_company(app, engines, cast, source, reading):
    other = make_source(engines, app.extensions["vault"], cast.acme, name="Other")[0]
    delivery_id = put(engines, cast.acme, source, told("sent"))

    for company, source_id, wanted in (
        (cast.acme, other, delivery_id), (cast.rival, source, delivery_id), (cast.acme, source, uuid4()),
    ):  # fmt: skip
        with reading(company) as session, pytest.raises(NotFound):
            deliveries.get_delivery(session, source_id, wanted)


def test_another_companys_source_is_not_found(cast, source, reading):
    with reading(cast.rival) as session, pytest.raises(NotFound):
        deliveries.get_source(session, source)
