"""Events in requests: batches, what is told again, order and disorder."""

from collections import Counter
from random import Random

import pytest

from dashboard.providers.base import TrialKeys
from dashboard.providers.registry import adapters
from dashboard.simulation.plan import make_plan
from dashboard.simulation.posting import Sender, paced
from dashboard.simulation.stories import make_messages
from tests.conftest import Clock
from tests.inbox import NOON

EVENTS = [event for message in make_messages(5, 60, NOON) for event in message.events]
IN_ORDER = sorted(EVENTS, key=lambda event: event.at_us)


def plan(batch=10, duplicates=0, is_shuffled=False):
    return make_plan(EVENTS, batch=batch, duplicates=duplicates, is_shuffled=is_shuffled, dice=Random(1))


def test_events_are_posted_in_their_order_in_full_batches():
    made = plan()

    assert [event for posting in made for event in posting.events] == IN_ORDER
    assert {len(posting.events) for posting in made[:-1]} == {10}


def test_shuffled_events_are_the_same_in_another_order():
    told = [event for posting in plan(is_shuffled=True) for event in posting.events]

    assert told != IN_ORDER
    assert Counter(told) == Counter(EVENTS)


@pytest.mark.parametrize("is_shuffled", [False, True])
@pytest.mark.parametrize("batch", [1, 10])
def test_share_of_the_requests_is_told_again(batch, is_shuffled):
    plain, made = plan(batch), plan(batch, 30, is_shuffled)

    numbers = Counter(posting.number for posting in made)
    again = len(made) - len(plain)
    told = Counter(event for posting in made for event in posting.events)
    assert again == pytest.approx(0.3 * len(plain), abs=2)
    assert sum(count == 2 for count in numbers.values()) == pytest.approx(again / 2, abs=1)  # byte by byte
    assert set(told) == set(EVENTS)
    assert max(told.values()) == 2


def test_everything_is_told_again_at_a_hundred_percent():
    told = Counter(event for posting in plan(7, 100) for event in posting.events)

    assert set(told.values()) == {2}


def test_repeats_come_soon_after_where_order_is_kept():
    made = plan(1, 50)

    first = {}
    for place, posting in enumerate(made):
        assert place - first.setdefault(posting.number, place) < 25


def make_sender(post, clock=lambda: NOON):
    return Sender(adapters()["generic"], TrialKeys(secret="shared"), "https://x.test/webhook/generic/t", post, clock)


def test_repeat_is_equal_to_the_last_byte_while_its_signature_is_fresh():
    posted = []
    made = plan(10, 100)

    list(make_sender(posted.append).run(made))

    by_number = {}
    for posting, composed in zip(made, posted, strict=True):
        by_number.setdefault(posting.number, set()).add((composed.body, tuple(composed.headers.items())))
    assert {len(same) for same in by_number.values()} == {1}


def test_repeat_is_signed_anew_when_its_signature_has_grown_old():
    clock, posted = Clock(), []
    twice = [plan()[0]] * 2

    for _ in make_sender(posted.append, clock).run(twice):
        clock.move(minutes=6)

    assert posted[0].body == posted[1].body
    assert posted[0].headers["webhook-timestamp"] != posted[1].headers["webhook-timestamp"]


def test_what_was_not_taken_is_not_expected():
    class Refused(Exception):
        pass

    def post(composed):
        if len(sender.told) >= 20:
            raise Refused

    sender = make_sender(post)

    with pytest.raises(Refused):
        list(sender.run(plan()))
    assert len(sender.told) == 20


def test_events_without_a_word_are_not_told():
    sender = Sender(adapters()["scaleway"], TrialKeys(), "https://x.test", lambda _: None, lambda: NOON)

    kinds = {event.type for event in sender.can_tell(EVENTS)}

    assert {"queued", "delivered", "deferred"} <= kinds
    assert not kinds & {"opened", "clicked", "replied"}


def test_rate_lets_events_wait_until_they_are_due():
    now, pauses = [100.0], []

    def pause(seconds):
        pauses.append(round(seconds, 6))
        now[0] += seconds

    done = list(paced(iter([10, 10, 20]), 5, clock=lambda: now[0], pause=pause))

    # 10 events at 5 a second are 2 s, 20 are 4 s
    assert (done, pauses) == ([10, 10, 20], [2, 2, 4])


def test_no_rate_waits_for_nothing():
    assert list(paced(iter([1, 1]), 0, pause=lambda _: pytest.fail("It waited."))) == [1, 1]
