"""Made-up messages: believable, never in the future, and adding up to what was meant."""

import random
from datetime import timedelta

import pytest

from dashboard.counting.classes import Engagement, classify
from dashboard.simulation import expectation
from dashboard.simulation.stories import make_messages
from dashboard.vocabulary.events import Bounce, EventType
from dashboard.vocabulary.metrics import Metrics
from tests.inbox import NOON

NOON_US = int(NOON.timestamp()) * 1_000_000
MESSAGES = list(make_messages(5, 3_000, NOON))
EVENTS = [event for message in MESSAGES for event in message.events]


def kinds(message):
    return [event.type for event in message.events]


def test_everything_happens_within_the_last_days_and_before_now():
    earliest = NOON - timedelta(days=3)

    assert min(event.at_us for event in EVENTS) >= earliest.timestamp() * 1e6
    assert max(event.at_us for event in EVENTS) < NOON_US


def test_every_kind_of_thing_happens():
    happened = {(event.type, event.bounce) for event in EVENTS}

    plain = set(EventType) - {EventType.BOUNCED, EventType.SUBSCRIBED, EventType.IGNORED}
    assert happened == {(kind, None) for kind in plain} | {(EventType.BOUNCED, one) for one in Bounce}
    assert all(count > 0 for count in Metrics.total(message.meant for message in MESSAGES).values())


def test_messages_have_different_ids_and_several_resources():
    assert len({message.events[0].message_id for message in MESSAGES}) == len(MESSAGES)
    for name in ("campaign", "template", "mailbox", "domain"):
        assert len({getattr(event, name) for event in EVENTS}) > 1
    assert {"gmail.com", "outlook.com", "yahoo.com"} <= {event.recipient.partition("@")[2] for event in EVENTS}


def test_events_of_a_message_are_told_oldest_first():
    assert all(list(message.events) == sorted(message.events, key=lambda one: one.at_us) for message in MESSAGES)


def test_some_come_back_after_a_delivery_and_some_wait_before_it():
    late = [one for one in MESSAGES if EventType.BOUNCED in kinds(one) and EventType.DELIVERED in kinds(one)]
    waited = [one for one in MESSAGES if EventType.DEFERRED in kinds(one) and EventType.DELIVERED in kinds(one)]

    assert late
    assert waited
    assert all(message.meant.delivered == 0 and message.meant.bounced == 1 for message in late)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_message_comes_to_what_was_meant(seed):
    for message in make_messages(seed, 400, NOON):
        days = expectation.by_send_day(message.events, "Europe/Berlin", NOON)

        assert Metrics.total(days.values()) == message.meant


def test_machines_are_of_every_sort():
    decided = set()
    for message in MESSAGES:
        seen = [
            Engagement(one.type, one.at_us, one.url, one.user_agent, one.is_machine)
            for one in message.events
            if one.type in {EventType.OPENED, EventType.CLICKED}
        ]
        delivered = next((one.at_us for one in message.events if one.type is EventType.DELIVERED), None)
        decided |= {verdict.rule.name for verdict in classify(seen, delivered)}

    assert decided == {"PROVIDER", "PROXY", "TOO_SOON", "MANY_LINKS", "BROWSER"}


def test_equal_seeds_tell_equal_stories_of_other_messages():
    again, later = (list(make_messages(5, 50, when)) for when in (NOON, NOON + timedelta(hours=1)))

    assert again == MESSAGES[:0] + list(make_messages(5, 50, NOON))
    assert [message.meant for message in later] == [message.meant for message in again]
    assert not {one.events[0].message_id for one in later} & {one.events[0].message_id for one in again}


def test_order_and_repeats_do_not_change_what_is_expected():
    events = EVENTS[:2_000]
    mixed = [*events, *events[::3]]
    random.Random(1).shuffle(mixed)

    assert expectation.by_send_day(mixed, "UTC", NOON) == expectation.by_send_day(events, "UTC", NOON)


def test_answer_is_expected_of_the_message_whose_name_it_gives():
    sent = next(message for message in MESSAGES if EventType.DELIVERED in kinds(message)).events[0]
    common = {"recipient": sent.recipient, "at_us": NOON_US - 1}
    answer = type(sent)(type=EventType.REPLIED, message_id="", in_reply_to=(sent.message_id,), **common)
    stray = type(sent)(type=EventType.REPLIED, message_id="", in_reply_to=("nobody@knows.example",), **common)

    days = expectation.by_send_day([answer, sent, stray], "UTC", NOON)

    # sent and answered, so it arrived; the stray answer belongs to no message
    assert list(days.values()) == [Metrics(sent=1, delivered=1, replied=1)]
