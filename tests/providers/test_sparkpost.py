"""SparkPost: its credentials, relay tokens among them, and which events of a mail belong together."""

from __future__ import annotations

import json

import pytest

from dashboard.providers import sparkpost
from dashboard.providers.base import BadSignature, TrialKeys
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.basic_cases import BasicCases
from tests.providers.harness import NOW, URL, connect, make_delivery

AT_US = 1_773_480_000_000_000
TOKEN = "x-messagesystems-webhook-token"


class TestCredentials(BasicCases):
    adapter = sparkpost


def verify(headers: dict[str, str], secret: str = "hooks:secret") -> None:
    sparkpost.verify(make_delivery(b"[]", headers), connect(secret), NOW)


def test_token_of_a_relay_webhook_passes():
    verify({TOKEN: "hooks:secret"})


@pytest.mark.parametrize("token", ["", "hooks", "secret", "hooks:secret2", "é\x80ÿ"])
def test_other_token_of_a_relay_webhook_is_refused(token):
    with pytest.raises(BadSignature):
        verify({TOKEN: token})


def test_right_token_does_not_save_wrong_credentials():
    with pytest.raises(BadSignature):
        verify({TOKEN: "hooks:secret", "authorization": "Basic eDp5"})


def compose(*events: Event) -> list[dict]:
    return json.loads(sparkpost.compose(events, TrialKeys(secret="a:b"), URL, NOW).body)


def read_back(*events: Event) -> list[Event]:
    composed = sparkpost.compose(events, TrialKeys(secret="a:b"), URL, NOW)
    parsed = sparkpost.parse(make_delivery(composed.body, composed.headers))
    assert parsed.unreadable == []
    return parsed.events


def make_event(kind: EventType, **more) -> Event:
    given = {"at_us": AT_US, "message_id": "000443ee14578172be22", "recipient": "ada@receiver.example"} | more
    return Event(type=kind, **given)


@pytest.mark.parametrize("kind", [*sparkpost.WORDS, EventType.AUTORESPONDED])
def test_every_type_that_sparkpost_tells_is_composed_and_read_back(kind):
    bounce = Bounce.SOFT if kind is EventType.BOUNCED else None
    event = make_event(kind, bounce=bounce, mailbox="7", domain="d.example", template="t", sent_at_us=AT_US - 1_000_000)

    [read] = read_back(event)

    assert (read.type, read.at_us, read.sent_at_us, read.bounce, read.mailbox, read.domain, read.template) == (
        kind, AT_US, AT_US - 1_000_000, bounce, "7", "d.example", "t"
    )  # fmt: skip


def test_what_sparkpost_never_tells_is_left_out():
    assert compose(make_event(EventType.SENT), make_event(EventType.REPLIED)) == []


def test_events_of_one_mail_share_its_id_and_its_transmission():
    queued, opened = read_back(make_event(EventType.QUEUED), make_event(EventType.OPENED))

    assert (queued.message_id, queued.aliases) == (opened.message_id, opened.aliases)


def test_machine_opens_are_told_as_fetched_before_reading():
    [opened] = read_back(make_event(EventType.OPENED, is_machine=True))

    assert opened.is_machine


def test_envelopes_are_those_of_the_types():
    told = compose(
        make_event(EventType.DELIVERED),
        make_event(EventType.OPENED),
        make_event(EventType.FAILED),
        make_event(EventType.UNSUBSCRIBED),
    )

    assert [list(one["msys"]) for one in told] == [
        ["message_event"],
        ["track_event"],
        ["gen_event"],
        ["unsubscribe_event"],
    ]


def test_timestamp_is_composed_as_text():
    [told] = compose(make_event(EventType.DELIVERED))

    assert told["msys"]["message_event"]["timestamp"] == "1773480000"
