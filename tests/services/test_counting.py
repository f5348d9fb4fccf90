"""From deliveries in the inbox to rollups: what one message adds, whatever is told of it, and in which order."""

import pytest

from tests.factories import make_source
from tests.inbox import at, by, check_invariants, count, deliveries, put, rollups, told

TODAY = "2026-11-22"


@pytest.fixture
def source(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def acme(cast):
    return cast.acme


@pytest.fixture(autouse=True)
def invariants_hold(engines, acme):
    yield
    check_invariants(engines, acme)


def test_one_message_counts_once_in_every_type_and_basis(engines, acme, source):
    put(engines, acme, source, told("sent"), told("delivered", when=at(1)), told("opened", when=at(5)))

    count(engines, acme)

    expected = {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1}
    keys = {"campaign": "spring", "template": "welcome", "mailbox": "news@acme.test", "domain": "acme.test",
            "receiver": "gmail"}  # fmt: skip
    assert rollups(engines, acme) == {
        (basis, kind, key, TODAY, str(source)): expected for basis in ("sent", "event") for kind, key in keys.items()
    }
    assert deliveries(engines, acme) == [("counted", "", 3, 0, 0, 0, 0)]


def test_repeated_delivery_changes_nothing(engines, acme, source):
    for _ in range(3):
        put(engines, acme, source, told("sent"), told("opened", when=at(5)))
    count(engines, acme)
    put(engines, acme, source, told("opened", when=at(5)))

    count(engines, acme)

    assert by(engines, acme) == {TODAY: {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1}}
    assert [row[2:4] for row in deliveries(engines, acme)] == [(2, 0), (0, 2), (0, 2), (0, 1)]


def test_late_sent_event_moves_the_message_to_its_day(engines, acme, source):
    put(engines, acme, source, told("opened", when=at(5)))
    count(engines, acme)
    assert by(engines, acme) == {TODAY: {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1}}

    put(engines, acme, source, told("sent", when="2026-11-20T22:59:59Z"))
    count(engines, acme)

    assert by(engines, acme) == {"2026-11-20": {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1}}
    assert by(engines, acme, "event") == {
        "2026-11-20": {"sent": 1},
        TODAY: {"delivered": 1, "opened": 1, "total_opens": 1},
    }


def test_late_bounce_takes_the_delivery_back_by_send_day_only(engines, acme, source):
    put(engines, acme, source, told("sent"), told("delivered", when=at(1)), told("opened", when=at(2)))
    count(engines, acme)

    put(engines, acme, source, told("bounced", when=at(60), bounce="soft"))
    count(engines, acme)

    assert by(engines, acme) == {TODAY: {"sent": 1, "bounced": 1, "soft_bounced": 1}}
    assert by(engines, acme, "event") == {
        TODAY: {"sent": 1, "delivered": 1, "opened": 1, "total_opens": 1, "bounced": 1, "soft_bounced": 1}
    }


def test_proof_of_delivery_after_a_bounce_wins_and_a_tie_is_a_bounce(engines, acme, source):
    put(engines, acme, source, told("bounced", when=at(1)), told("clicked", when=at(2), url="https://a.test/"))
    put(engines, acme, source, told("bounced", "m2", when=at(1)), told("delivered", "m2", when=at(1)))

    count(engines, acme)

    assert by(engines, acme) == {
        TODAY: {"sent": 2, "delivered": 1, "clicked": 1, "total_clicks": 1, "bounced": 1, "hard_bounced": 1}
    }


def test_machines_are_counted_apart(engines, acme, source):
    put(
        engines, acme, source,
        told("delivered", when=at(1)), told("opened", when=at(1, seconds=1)),
        told("delivered", "m2", when=at(1)), told("opened", "m2", when=at(9), user_agent="GoogleImageProxy"),
        told("delivered", "m3", when=at(1)), told("opened", "m3", when=at(9), machine=True),
        told("opened", "m3", when=at(30), user_agent="Mozilla/5.0 (iPhone)"),
        told("delivered", "m4", when=at(1)), told("clicked", "m4", when=at(9), url="https://a.test/1"),
        told("clicked", "m4", when=at(9, seconds=2), url="https://a.test/2"),
        told("delivered", "m5", when=at(1)), told("clicked", "m5", when=at(9), url="https://a.test/unsubscribe"),
    )  # fmt: skip

    count(engines, acme)

    assert by(engines, acme) == {
        TODAY: {"sent": 5, "delivered": 5, "opened": 1, "total_opens": 1, "machine_opened": 2, "machine_clicked": 1}
    }


def test_rejected_failed_and_deferred(engines, acme, source):
    put(
        engines, acme, source, told("rejected"), told("failed", "m2"), told("queued", "m3"), told("rejected", "m3"),
        told("deferred", "m4"), told("subscribed", "m5"), told("autoresponded", "m6"),
    )  # fmt: skip

    count(engines, acme)

    assert by(engines, acme) == {TODAY: {"sent": 2, "deferred": 1, "rejected": 3}}


def test_what_names_no_resource_stands_under_nothing(engines, acme, source):
    put(
        engines, acme, source,
        told("sent", campaign_id=None, template_id=None, mailbox=None, domain=None, recipient=None),
    )  # fmt: skip

    count(engines, acme)

    assert {key[1:3] for key in rollups(engines, acme)} == {
        ("campaign", ""), ("template", ""), ("mailbox", ""), ("domain", ""), ("receiver", ""),
    }  # fmt: skip


def test_resource_of_the_earliest_event_counts_for_all(engines, acme, source):
    put(engines, acme, source, told("opened", when=at(9), campaign_id="later"))
    count(engines, acme)
    put(engines, acme, source, told("sent", campaign_id="b"), told("queued", campaign_id="a"))

    count(engines, acme)

    assert {key[2] for key in rollups(engines, acme) if key[1] == "campaign"} == {"a"}


def test_bad_element_fails_nobody_else(engines, acme, source):
    put(engines, acme, source, told("sent"), {"type": "sent"}, told("sent", "m2"))
    put(engines, acme, source, body=b"not json")

    count(engines, acme)

    first, second = deliveries(engines, acme)
    assert first == ("partly", "Element 2: The field 'at' is missing.", 2, 0, 0, 1, 0)
    assert second[0] == "unreadable"
    assert "not JSON" in second[1]
    assert by(engines, acme) == {TODAY: {"sent": 2}}


def test_future_is_clamped_and_the_distant_past_is_kept_but_not_counted(engines, acme, source):
    put(
        engines,
        acme,
        source,
        told("sent", when="2026-11-25T10:00:00Z"),
        told("sent", "m2", when="2026-08-20T10:00:00Z"),
    )

    count(engines, acme)

    assert by(engines, acme) == {TODAY: {"sent": 1}}
    assert deliveries(engines, acme) == [("counted", "", 2, 0, 0, 0, 1)]


def test_nothing_of_another_company_moves(engines, cast, source):
    put(engines, cast.acme, source, told("sent"))

    count(engines, cast.acme)

    assert rollups(engines, cast.rival) == {}


def test_delivery_that_cannot_be_digested_holds_up_nobody(engines, acme, source, monkeypatch):
    """A fault of ours in the folding, stood in for by one that fails for one message."""
    from dashboard.services import reckoning

    fold = reckoning.fold

    def fail_for_poison(events):
        if any(event.user_agent == "poison" for event in events):
            raise ZeroDivisionError
        return fold(events)

    monkeypatch.setattr(reckoning, "fold", fail_for_poison)
    put(engines, acme, source, told("sent"))
    put(engines, acme, source, told("opened", "m2", user_agent="poison"))
    put(engines, acme, source, told("sent", "m3"))

    count(engines, acme)

    assert [row[:2] for row in deliveries(engines, acme)] == [
        ("counted", ""), ("unreadable", "Counting it failed: ZeroDivisionError."), ("counted", ""),
    ]  # fmt: skip
    assert by(engines, acme) == {TODAY: {"sent": 2}}


@pytest.mark.parametrize("url", ["https://[", "https://a.test/\ud83d\ude00", "javascript:alert(1)", "x" * 5000])
def test_strange_addresses_are_counted(engines, acme, source, url):
    put(engines, acme, source, told("clicked", url=url))

    count(engines, acme)

    assert by(engines, acme)[TODAY]["clicked"] == 1
