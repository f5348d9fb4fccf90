"""Mailjet: its credentials, and ids that are larger than a float can hold."""

from __future__ import annotations

import json

import pytest

from dashboard.providers import mailjet
from dashboard.providers.base import TrialKeys
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.basic_cases import BasicCases
from tests.providers.harness import NOW, URL, make_delivery

AT_US = 1_773_480_000_000_000


class TestCredentials(BasicCases):
    adapter = mailjet


def make_event(kind: EventType, **more) -> Event:
    return Event(
        type=kind, **({"at_us": AT_US, "message_id": "1152921504606846977", "recipient": "ada@receiver.example"} | more)
    )


def compose(*events: Event) -> list[dict]:
    return json.loads(mailjet.compose(events, TrialKeys(secret="a:b"), URL, NOW).body)


def read_back(*events: Event) -> list[Event]:
    composed = mailjet.compose(events, TrialKeys(secret="a:b"), URL, NOW)
    return mailjet.parse(make_delivery(composed.body, composed.headers)).events


@pytest.mark.parametrize("kind", mailjet.WORDS)
@pytest.mark.parametrize("bounce", Bounce)
def test_every_type_that_mailjet_tells_is_composed_and_read_back(kind, bounce):
    bounce = bounce if kind is EventType.BOUNCED else None
    event = make_event(kind, bounce=bounce, campaign="spring", template="t", mailbox="7", domain="d.example")

    [read] = read_back(event)

    assert (read.type, read.bounce, read.at_us, read.message_id, read.campaign, read.template, read.mailbox, read.domain) == (
        kind, bounce, AT_US, "1152921504606846977", "spring", "t", "7", "d.example"
    )  # fmt: skip


def test_mail_without_a_campaign_has_none_when_it_is_read_back():
    [read] = read_back(make_event(EventType.OPENED))

    assert read.campaign is None


def test_what_mailjet_never_tells_is_left_out():
    assert compose(make_event(EventType.SENT), make_event(EventType.QUEUED), make_event(EventType.REPLIED)) == []


@pytest.mark.parametrize("message_id", ["m-1@mail.example.com", "0102010", "9" * 30, "²"])
def test_ids_that_are_no_numbers_become_the_same_number_each_time(message_id):
    opened, clicked = compose(
        make_event(EventType.OPENED, message_id=message_id), make_event(EventType.CLICKED, message_id=message_id)
    )

    assert opened["MessageID"] == clicked["MessageID"]
    assert 0 < opened["MessageID"] < 2**63


def test_ids_next_to_each_other_stay_apart():
    told = '{"event":"open","time":1773480000,"MessageID":%d,"email":"a@b.example"}'
    body = f"[{told % 9007199254740993},{told % 9007199254740992}]".encode()

    assert [one.message_id for one in mailjet.parse(make_delivery(body)).events] == [
        "9007199254740993",
        "9007199254740992",
    ]


@pytest.mark.parametrize("event", [[], {}, None, 1.5, True])
def test_word_of_another_form_fails_its_element_only(event):
    body = json.dumps(
        [
            {"event": event, "time": 1773480000, "MessageID": 1, "email": "a@b.example"},
            {"event": "open", "time": 1773480000, "MessageID": 1},
        ]
    ).encode()
    parsed = mailjet.parse(make_delivery(body))

    assert parsed.events[-1].type is EventType.OPENED
    assert len(parsed.unreadable) + len(parsed.events) == 2
