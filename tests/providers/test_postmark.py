"""Postmark: Basic credentials, the name by which replies know a message, and inbound mail."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from dashboard.providers import postmark
from dashboard.providers.base import TrialKeys, iso_us
from dashboard.vocabulary.events import Event, EventType
from tests.providers.basic_cases import BasicCases
from tests.providers.harness import NOW, URL, connect, make_delivery

MESSAGE_ID = "883953f4-6105-42a2-a16a-77a8eac79483"
DELIVERY = {"RecordType": "Delivery", "MessageID": MESSAGE_ID, "Recipient": "ada@receiver.example", "DeliveredAt": "2026-03-14T09:10:00Z"}  # fmt: skip
KEYS = TrialKeys(secret="user:password")


class TestCredentials(BasicCases):
    adapter = postmark


def make_event(kind: EventType, **more) -> Event:
    given = {
        "at_us": 1_773_480_000_123_456,
        "message_id": MESSAGE_ID,
        "recipient": "ada@receiver.example",
        "sender": "news@mail.example.com",
    }
    return Event(type=kind, **(given | more))


def parse(body, now=NOW):
    return postmark.parse(make_delivery(json.dumps(body).encode(), now=now))


def read_back(event: Event) -> Event:
    composed = postmark.compose([event], KEYS, URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)
    postmark.verify(delivery, connect("user:password"), NOW)
    parsed = postmark.parse(delivery)
    assert parsed.unreadable == []
    [read] = parsed.events
    return read


TOLD = sorted({meaning for meaning in postmark.WORDS.values() if meaning[0] is not EventType.AUTORESPONDED}, key=str)


@pytest.mark.parametrize(("kind", "bounce"), TOLD)
def test_every_kind_that_postmark_tells_is_composed_and_read_back(kind, bounce):
    event = make_event(kind, bounce=bounce, tags=("welcome",), campaign="spring", domain="d.example")

    read = read_back(event)

    assert (read.type, read.bounce, read.at_us, read.message_id, read.recipient) == (
        kind, bounce, event.at_us, event.message_id, event.recipient,
    )  # fmt: skip
    assert (read.tags, read.campaign, read.domain) == (("welcome",), "spring", "d.example")


@pytest.mark.parametrize("kind", [EventType.QUEUED, EventType.SENT, EventType.IGNORED])
def test_kinds_that_postmark_does_not_tell_are_ignored_when_they_are_read_back(kind):
    assert read_back(make_event(kind)).type is EventType.IGNORED


@pytest.mark.parametrize("message_id", [MESSAGE_ID, "<0102-1@mail.example.com>", "²", ""])
def test_events_of_one_message_have_one_uuid(message_id):
    events = [read_back(make_event(kind, message_id=message_id)) for kind in (EventType.DELIVERED, EventType.OPENED)]

    [found] = {event.message_id for event in events}
    assert str(uuid.UUID(found)) == found


@pytest.mark.parametrize("kind", [EventType.REPLIED, EventType.AUTORESPONDED])
def test_reply_names_its_message_as_the_message_names_itself(kind):
    sent = read_back(make_event(EventType.DELIVERED))

    reply = read_back(make_event(kind, at_us=1_773_480_000_000_000))

    assert (reply.type, reply.message_id, reply.recipient, reply.at_us) == (
        kind,
        "",
        "ada@receiver.example",
        1_773_480_000_000_000,
    )
    assert reply.in_reply_to == sent.aliases == (f"{MESSAGE_ID}@mtasv.net",)


def test_seven_digits_are_cut_to_microseconds():
    [read] = parse(DELIVERY | {"DeliveredAt": "2026-03-14T09:10:00.9999999+00:00"}).events

    assert read.at_us == iso_us("2026-03-14T09:10:00.999999Z")


def test_date_of_a_mail_that_cannot_be_right_is_replaced_by_its_receipt():
    mail = {
        "FromFull": {"Email": "ada@receiver.example"},
        "Headers": [{"Name": "In-Reply-To", "Value": "<m@mtasv.net>"}],
    }
    receipt = NOW + timedelta(hours=1)

    for date in (
        "Sat, 14 Mar 2099 10:09:00 +0100",
        "Mon, 1 Jan 1990 00:00:00 +0000",
        "yesterday",
        "",
        None,
        7,
        "\0",
        "9" * 500,
    ):
        [read] = parse(mail | {"Date": date}, receipt).events
        assert read.at_us == int(receipt.timestamp()) * 1_000_000


@pytest.mark.parametrize("value", [None, [], {}, "text", 7, [{}], True, [None, {"Name": 7, "Value": []}]])
@pytest.mark.parametrize("part", ["FromFull", "Headers", "Date", "Subject", "MessageID", "From"])
def test_inbound_mail_of_other_forms_is_never_an_error(part, value):
    mail = {
        "FromFull": {"Email": "ada@receiver.example"},
        "Headers": [{"Name": "In-Reply-To", "Value": "<m@mtasv.net>"}],
        part: value,
    }

    [read] = parse(mail).events

    assert read.type is (EventType.IGNORED if part == "Headers" else EventType.REPLIED)


@pytest.mark.parametrize("value", [None, [], {}, "text", 7, [{}], True])
@pytest.mark.parametrize(
    "part", ["Geo", "Metadata", "Tag", "Recipient", "Details", "OriginalLink", "UserAgent", "From", "ID"]
)
def test_events_with_parts_of_other_forms_are_read(part, value):
    parsed = parse(DELIVERY | {part: value})

    assert parsed.unreadable == []
    assert [event.message_id for event in parsed.events] == [MESSAGE_ID]


@pytest.mark.parametrize("record", [None, 7, [], {}, "", "delivery", True])
def test_record_types_of_other_forms_count_nothing(record):
    parsed = parse(DELIVERY | {"RecordType": record})

    assert all(event.type is EventType.IGNORED for event in parsed.events)
