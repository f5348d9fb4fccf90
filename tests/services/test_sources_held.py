"""What was held while its source was paused: nothing is lost and nothing counted twice when it is resumed."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dashboard.database.session import Mode, open_session
from dashboard.models import Delivery
from dashboard.models.inbox import DeliveryState
from dashboard.queries import identity
from dashboard.services import held, inbox, sources, webhooks
from dashboard.vocabulary.metrics import MAX_COUNT
from dashboard.vocabulary.sources import ReceivedDelivery
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.inbox import by, count, put, told
from tests.reported import check_sums, difference, rows, sent

DAY = date(2026, 11, 20)


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture
def website(engines, cast, vault):
    """The number and the secrets of acme's generic source."""
    return make_source(engines, vault, cast.acme)


@pytest.fixture
def sender(app, website):
    return Sender(app, website[1].secret)


@pytest.fixture
def pause(seed, cast, website, clock):
    def paused():
        with seed(cast.acme) as session:
            sources.pause_source(session, cast.acme.id, website[0], actor="ada", now=clock())

    return paused


@pytest.fixture
def resume(seed, cast, website, clock):
    def resumed():
        with seed(cast.acme) as session:
            return sources.resume_source(session, cast.acme.id, website[0], actor="ada", now=clock())

    return resumed


@pytest.fixture
def kept(seed, cast):
    """Return acme's deliveries in the order of their arrival: state, new, unreadable."""

    def listed():
        with seed(cast.acme) as session:
            found = session.scalars(sa.select(Delivery).order_by(Delivery.received_at, Delivery.id)).all()
        return [(one.state.value, one.new_count, one.unreadable_count) for one in found]

    return listed


def report(**counts):
    return {"companyId": "acme"} | update(**counts)


def test_held_events_are_counted_once_after_resuming(engines, cast, website, pause, resume):
    number = website[0]
    pause()
    put(engines, cast.acme, number, told("sent"), state=DeliveryState.HELD)
    put(engines, cast.acme, number, told("sent"), told("delivered"), state=DeliveryState.HELD)
    assert count(engines, cast.acme) == 0

    released = resume()
    count(engines, cast.acme)

    assert (released.pending, released.reports, released.total) == (2, 0, 2)
    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 1, "delivered": 1}}


def test_held_reports_are_set_in_the_order_they_came(engines, cast, clock, sender, pause, resume, kept):
    sender.post(report(sent=10))
    pause()
    for number in (20, 40, 30):
        clock.move(minutes=1)
        sender.post(report(sent=number))
    assert list(sent(engines, cast.acme).values()) == [10]

    released = resume()

    assert (released.pending, released.reports) == (0, 3)
    assert sent(engines, cast.acme) == {("campaign", "spring", DAY): 30}
    assert kept() == [("counted", 1, 0)] * 4
    check_sums(engines, cast)


def test_report_after_resuming_has_the_last_word(engines, cast, sender, pause, resume):
    pause()
    sender.post(report(sent=20))
    resume()

    sender.post(report(sent=5))

    assert list(sent(engines, cast.acme).values()) == [5]


def test_held_lists_and_single_reports_keep_their_keys_apart(engines, cast, sender, pause, resume, clock):
    pause()
    sender.post({"companyId": "acme", "updates": [
        update(key="a", sent=1), update(key="b", sent=2), update(key="Bo@ACME.test", kind="mailbox", sent=3),
    ]})  # fmt: skip
    clock.move(minutes=1)
    sender.post({"companyId": "acme"} | update(key="b", sent=7))

    resume()

    # a mailbox is named in small letters, as it would have been without the pause
    assert sent(engines, cast.acme) == {
        ("campaign", "a", DAY): 1, ("campaign", "b", DAY): 7, ("mailbox", "bo@acme.test", DAY): 3,
    }  # fmt: skip
    check_sums(engines, cast)


def test_pausing_and_resuming_ends_like_never_having_paused(engines, cast, vault, app, clock, pause, resume, sender):
    twin = Sender(app, make_source(engines, vault, cast.rival)[1].secret)
    bodies = [update(key=key, sent=number) for number, key in enumerate("abacabadabacaba")]
    for place, body in enumerate(bodies):
        clock.move(minutes=1)
        sender.post({"companyId": "acme"} | body)
        twin.post({"companyId": "rival"} | body)
        if place in {3, 9}:
            pause()
        if place in {7, 12}:
            resume()

    assert sent(engines, cast.acme) == sent(engines, cast.rival)
    check_sums(engines, cast)


def test_more_reports_than_are_read_at_once_are_all_set(engines, cast, sender, pause, resume, clock, kept):
    pause()
    for number in range(held.CHUNK + 2):
        clock.move(seconds=1)
        sender.post({"companyId": "acme"} | update(key=f"k{number}", sent=number))

    released = resume()

    assert released.reports == held.CHUNK + 2
    expected = {f"k{number}": number for number in range(held.CHUNK + 2)}
    assert {key[1]: number for key, number in sent(engines, cast.acme).items()} == expected
    assert kept() == [("counted", 1, 0)] * (held.CHUNK + 2)


def test_report_that_cannot_be_set_is_kept_with_the_reason_and_the_others_are_set(
    engines, cast, sender, pause, resume, seed, clock, kept
):
    pause()
    for key, number in (("a", 1), ("b", MAX_COUNT), ("c", 2)):
        clock.move(minutes=1)
        sender.post(
            {"companyId": "acme"} | update(key=key, sent=number, delivered=0, opened=0, clicked=0, replied=0, bounced=0)
        )

    resume()

    # 1 + MAX_COUNT would pass the largest sum, so b is refused, and c fits again
    assert {key[1]: number for key, number in sent(engines, cast.acme).items()} == {"a": 1, "c": 2}
    assert kept() == [("counted", 1, 0), ("unreadable", 0, 1), ("counted", 1, 0)]
    assert difference(engines, cast.acme) is None
    with seed(cast.acme) as session:
        reason = session.scalar(sa.select(Delivery.reason).where(Delivery.state == DeliveryState.UNREADABLE))
    assert "too large to add up" in reason


def test_body_with_updates_at_the_address_of_events_is_no_report(engines, cast, website, pause, resume, kept):
    pause()
    put(engines, cast.acme, website[0], body=b'{"updates": [{"type": "nonsense"}]}', state=DeliveryState.HELD)

    released = resume()
    count(engines, cast.acme)

    assert (released.pending, released.reports) == (1, 0)
    assert [one[0] for one in kept()] == ["unreadable"]  # as it would have been without the pause


def test_other_sources_stay_held(engines, cast, vault, website, pause, resume, kept):
    other, _ = make_source(engines, vault, cast.acme, name="Other")
    theirs, _ = make_source(engines, vault, cast.rival)
    pause()
    put(engines, cast.acme, other, told("sent"), state=DeliveryState.HELD)
    put(engines, cast.rival, theirs, told("sent"), state=DeliveryState.HELD)

    released = resume()

    assert released.total == 0
    assert [one[0] for one in kept()] == ["held"]


@pytest.mark.parametrize("is_report", [True, False])
def test_delivery_that_found_its_source_paused_is_not_held_once_that_is_resumed(
    engines, cast, website, clock, seed, kept, is_report
):
    source = identity.find_inbox(engines, "generic", website[1].token)
    stale = replace(source, is_paused=True)  # as it was read before somebody resumed it
    delivery = ReceivedDelivery(b'{"events": []}', {}, clock())

    with seed(cast.acme) as session:
        if is_report:
            webhooks.take_report(session, stale, delivery, [])
        else:
            inbox.store(session, cast.acme.id, stale, delivery)

    assert [one[0] for one in kept()] == ["counted" if is_report else "pending"]


def test_nothing_stays_held_when_a_source_is_resumed_while_much_comes_in(
    engines, cast, website, pause, resume, clock, kept
):
    """Each thread reads the source while it is paused, and stores its delivery before or after it is resumed."""
    pause()
    source = identity.find_inbox(engines, "generic", website[1].token)
    together = threading.Barrier(9)

    def store(number):
        delivery = ReceivedDelivery(b'{"events": []}', {}, clock() + timedelta(seconds=number))
        together.wait()
        with open_session(engines, Mode.WRITE, cast.acme.id) as session:
            inbox.store(session, cast.acme.id, source, delivery)
            session.commit()

    threads = [threading.Thread(target=store, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    together.wait()
    resume()
    for thread in threads:
        thread.join()

    assert [one[0] for one in kept()] == ["pending"] * 8


def test_resuming_raises_the_version_and_keeps_the_numbers_of_others(engines, cast, sender, pause, resume):
    sender.post(report(sent=10))
    before = [(row.source_id, row.sent) for row in rows(engines, cast.acme)]
    pause()

    resume()

    assert [(row.source_id, row.sent) for row in rows(engines, cast.acme)] == before
