"""What a simulation posts, of every provider, is taken and counted as it says: in any order, and told again."""

from random import Random

import pytest

from dashboard.database.engine import Mode
from dashboard.models.inbox import DeliveryState
from dashboard.providers.registry import adapters
from dashboard.queries import identity
from dashboard.services import inbox, trials
from dashboard.simulation import expectation
from dashboard.simulation.plan import make_plan
from dashboard.simulation.posting import Sender
from dashboard.simulation.stories import make_messages
from dashboard.vocabulary.metrics import Metrics
from dashboard.vocabulary.sources import ReceivedDelivery, no_certificates
from tests.factories import make_source
from tests.inbox import NOON, by, check_invariants, count, deliveries

ADAPTERS = list(adapters().values())
BASE = "https://hooks.acme.test"
MESSAGES = list(make_messages(11, 90, NOON))


@pytest.fixture
def simulate(app, engines, cast, seed):
    """Simulate traffic of a provider into the inbox of acme; return its sender, who knows what was told."""
    vault = app.extensions["vault"]

    def run(adapter, messages=MESSAGES, **wish):
        source_id, shared = make_source(engines, vault, cast.acme, kind=adapter.name)
        keys = trials.make_keys(adapter, shared)
        with seed(cast.acme) as session:
            trials.begin_trial(session, vault, source_id, keys, now=NOON)
        source = identity.find_inbox(engines, adapter.name, shared.token)
        url = f"{BASE}/webhook/{adapter.name}/{shared.token}"
        taken = []

        def post(composed):
            delivery = ReceivedDelivery(composed.body, composed.headers, NOON, url)
            inbox.check(vault, source, delivery, no_certificates)
            taken.append(delivery)

        sender = Sender(adapter, keys, url, post, lambda: NOON)
        events = list(sender.can_tell(event for message in messages for event in message.events))
        settings = {"batch": min(adapter.batch, 40), "duplicates": 30, "is_shuffled": True} | wish
        assert sum(sender.run(make_plan(events, dice=Random(3), **settings))) >= len(events)
        middle = len(taken) // 2
        for part in (taken[:middle], taken[middle:]):
            with engines[Mode.WRITE].begin() as connection:
                for delivery in part:
                    inbox.insert(connection, cast.acme.id, source_id, delivery, state=DeliveryState.PENDING)
            count(engines, cast.acme)
        return sender

    return run


def expected(sender, company):
    """Return day → counters that are not 0, as the tests read the totals."""
    days = expectation.by_send_day(sender.told, company.timezone, NOON)
    return {day.isoformat(): counters(counts) for day, counts in days.items()}


def counters(counts):
    return {name: count for name, count in zip(Metrics.__slots__, counts.values(), strict=True) if count}


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_simulated_traffic_is_counted_as_it_says(engines, cast, simulate, adapter):
    sender = simulate(adapter)

    assert by(engines, cast.acme) == expected(sender, cast.acme)
    assert {(state, unreadable, late) for state, *_, unreadable, late in deliveries(engines, cast.acme)} == {
        ("counted", 0, 0)
    }
    check_invariants(engines, cast.acme)


def test_provider_that_tells_everything_is_counted_as_the_stories_were_meant(engines, cast, simulate):
    simulate(adapters()["generic"])

    total = Metrics.total(Metrics(**counts) for counts in by(engines, cast.acme).values())
    assert total == Metrics.total(message.meant for message in MESSAGES)


def test_events_in_their_order_are_counted_alike(engines, cast, simulate):
    sender = simulate(adapters()["generic"], duplicates=0, is_shuffled=False)

    assert by(engines, cast.acme) == expected(sender, cast.acme)
    assert sum(row[3] for row in deliveries(engines, cast.acme)) == 0  # nothing was told again


def test_simulation_that_is_run_again_adds_the_same_again(engines, cast, simulate):
    later = list(make_messages(11, 90, NOON.replace(minute=1)))

    first = Metrics.total(message.meant for message in MESSAGES)
    simulate(adapters()["generic"], [*MESSAGES, *later])

    total = Metrics.total(Metrics(**counts) for counts in by(engines, cast.acme).values())
    assert total == first + first
