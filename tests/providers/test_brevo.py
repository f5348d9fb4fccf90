"""Brevo: its credentials, its batches, and its instants."""

from __future__ import annotations

import json

import pytest

from dashboard.providers import brevo
from dashboard.providers.base import TrialKeys
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.basic_cases import BasicCases
from tests.providers.harness import NOW, URL, make_delivery

AT_US = 1_773_480_000_123_000


class TestCredentials(BasicCases):
    adapter = brevo


def make_event(kind: EventType, **more) -> Event:
    return Event(
        type=kind,
        **({"at_us": AT_US, "message_id": "1.2@smtp-relay.mailin.fr", "recipient": "ada@receiver.example"} | more),
    )


def compose(*events: Event) -> bytes:
    return brevo.compose(events, TrialKeys(secret="a:b"), URL, NOW).body


def test_brevo_comes_again_only_after_429():
    assert brevo.busy_status == 429


@pytest.mark.parametrize(("kind", "bounce"), brevo.WORDS)
def test_every_type_that_brevo_tells_is_composed_and_read_back(kind, bounce):
    event = make_event(
        kind,
        bounce=bounce,
        campaign="spring",
        mailbox="7",
        domain="d.example",
        sender="news@mail.example.com",
        text="why",
    )

    [read] = brevo.parse(make_delivery(compose(event))).events

    assert (read.type, read.bounce, read.at_us, read.message_id, read.campaign, read.mailbox, read.domain) == (
        kind, bounce, AT_US, "1.2@smtp-relay.mailin.fr", "spring", "7", "d.example"
    )  # fmt: skip


def test_one_event_is_an_object_and_several_are_a_batch():
    one, two = make_event(EventType.DELIVERED), make_event(EventType.OPENED)

    assert isinstance(json.loads(compose(one)), dict)
    assert len(json.loads(compose(one, two))) == 2


def test_what_brevo_never_tells_is_left_out():
    assert json.loads(compose(make_event(EventType.SENT), make_event(EventType.REPLIED))) == []


@pytest.mark.parametrize(("kind", "word"), [(EventType.OPENED, "proxy_open"), (EventType.CLICKED, "click")])
def test_only_opens_of_machines_have_a_word_of_their_own(kind, word):
    told = json.loads(compose(make_event(kind, is_machine=True)))

    assert told["event"] == word


def test_bounces_are_hard_and_soft_by_their_word():
    told = json.loads(
        compose(make_event(EventType.BOUNCED, bounce=Bounce.HARD), make_event(EventType.BOUNCED, bounce=Bounce.SOFT))
    )

    assert [one["event"] for one in told] == ["hard_bounce", "soft_bounce"]


@pytest.mark.parametrize(("value", "at_us"), [
    (1_773_480_000_123, AT_US), ("1773480000123", AT_US), (1_773_480_000, AT_US - 123_000), (4_102_444_800, 4_102_444_800_000_000),
])  # fmt: skip
def test_milliseconds_and_seconds_are_told_apart(value, at_us):
    body = json.dumps({"event": "delivered", "message-id": "<m>", "email": "a@b.example", "ts_epoch": value}).encode()

    assert brevo.parse(make_delivery(body)).events[0].at_us == at_us


@pytest.mark.parametrize("value", [True, [1], {"a": 1}, "1e9", "²", -1, 1e30, 10**30, "9" * 5000])
def test_instants_that_are_none_are_unreadable(value):
    body = json.dumps({"event": "delivered", "message-id": "<m>", "email": "a@b.example", "ts_epoch": value}).encode()
    parsed = brevo.parse(make_delivery(body))

    assert (parsed.events, len(parsed.unreadable)) == ([], 1)
