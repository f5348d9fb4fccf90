"""Lines of an upload are read as if the provider had posted each alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dashboard.providers import history, mandrill, sendgrid, ses, sparkpost
from dashboard.providers.records import fault
from dashboard.providers.registry import adapters
from dashboard.vocabulary.events import Bounce, EventType
from dashboard.vocabulary.imports import IMPORT_HEADER
from tests.providers.harness import load_cases, make_delivery

CASES = [
    case
    for case in load_cases()
    if case.delivery.body[:1] in {b"{", b"["} and b"\n" not in case.delivery.body and "refused" not in case.expected
]


def lines(*elements: object):
    """Return a delivery of an upload: JSON values, or bytes as they stand."""
    body = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in elements)
    return make_delivery(body, {IMPORT_HEADER: "x"})


def as_told(event):
    """Return the event without the id that the provider gives a request rather than an event."""
    return replace(event, provider_event_id="")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.provider}/{case.name}")
def test_what_a_provider_posts_is_read_from_a_line_as_from_a_request(case):
    adapter = adapters()[case.provider]
    posted = adapter.parse(case.delivery)

    found = history.read(adapter, lines(case.delivery.body))

    assert [as_told(event) for event in found.events] == [as_told(event) for event in posted.events]
    assert len(found.unreadable) == len(posted.unreadable)


@pytest.mark.parametrize("adapter", adapters().values(), ids=adapters())
def test_bad_lines_fail_only_themselves(adapter):
    bad = (b"{", b"", b"[", b"nonsense", b'"text"', b"17", b"\xff\xfe", fault("Too long."))

    found = history.read(adapter, lines(*bad))

    assert {place for place, _ in found.unreadable} == set(range(len(bad)))
    assert (len(bad) - 1, "Too long.") in found.unreadable


@pytest.mark.parametrize("adapter", adapters().values(), ids=adapters())
def test_odd_values_fail_only_their_line(adapter):
    odd = ({}, {"event": {}}, {"event": ["x"], "type": []}, {"events": 7}, {"msys": []}, {"event-data": None}, [[[]]])

    found = history.read(adapter, lines(*odd))

    assert {place for place, _ in found.unreadable} <= set(range(len(odd)))


def test_places_are_those_of_the_lines():
    good = {"type": "sent", "at": "2026-03-14T09:00:00Z", "message_id": "m1"}

    found = history.read(adapters()["generic"], lines(good, {"type": "sent"}, [good, {"type": "x"}], good, b"{"))

    assert len(found.events) == 3
    assert [place for place, _ in found.unreadable] == [1, 2, 4]


def test_activity_of_sendgrid_is_read_like_its_webhook():
    row = {
        "timestamp": "2026-03-14 09:00:00", "sg_message_id": "abc.filterdrecv-x", "event": "bounce", "type": "hard",
        "email": "bo@x.test", "category": ["news"], "unique_args": {"campaign_id": "spring"}, "reason": "550",
    }  # fmt: skip

    (event,) = history.read(sendgrid, lines(row)).events

    assert (event.type, event.bounce, event.message_id) == (EventType.BOUNCED, Bounce.HARD, "abc")
    assert (event.at_us, event.campaign, event.tags) == (1_773_478_800_000_000, "spring", ("news",))


@pytest.mark.parametrize(
    ("word", "kind"), {"opened": "opened", "clicked": "clicked", "spam_report": "complained"}.items()
)
def test_words_of_sendgrids_activity_are_known(word, kind):
    row = {"timestamp": 1_773_480_000, "sg_message_id": "abc.x", "event": word, "email": "bo@x.test"}

    (event,) = history.read(sendgrid, lines(row)).events

    assert event.type.value == kind


def test_page_of_mailguns_events_is_read():
    event = {
        "event": "delivered", "timestamp": 1_773_480_000.25, "recipient": "bo@x.test", "id": "e1",
        "message": {"headers": {"message-id": "m1@mail.example.com"}},
    }  # fmt: skip

    found = history.read(adapters()["mailgun"], lines({"items": [event, event], "paging": {}}, event))

    assert [(one.message_id, one.at_us) for one in found.events] == [("m1@mail.example.com", 1_773_480_000_250_000)] * 3


def test_records_of_firehose_are_read_for_each_recipient():
    record = {
        "eventType": "Delivery",
        "mail": {"timestamp": "2026-03-14T09:00:00.000Z", "messageId": "M1", "destination": ["a@x.test", "b@x.test"]},
        "delivery": {"timestamp": "2026-03-14T09:00:01.000Z", "recipients": ["a@x.test", "b@x.test"]},
    }

    found = history.read(ses, lines(record))

    assert [(one.type.value, one.recipient) for one in found.events] == [
        ("delivered", "a@x.test"),
        ("delivered", "b@x.test"),
    ]


def test_events_of_sparkposts_api_are_read():
    event = {
        "type": "bounce", "bounce_class": "10", "timestamp": "2026-03-14T09:00:00.000Z", "message_id": "m1",
        "rcpt_to": "bo@x.test",
    }  # fmt: skip

    (found,) = history.read(sparkpost, lines(event)).events

    assert (found.type, found.bounce, found.at_us) == (EventType.BOUNCED, Bounce.HARD, 1_773_478_800_000_000)


def test_event_of_mandrill_needs_no_form():
    event = {"event": "send", "ts": 1_773_480_000, "_id": "m1", "msg": {"_id": "m1", "email": "bo+ü@x.test"}}

    (found,) = history.read(mandrill, lines(event)).events

    assert (found.type, found.recipient) == (EventType.SENT, "bo+ü@x.test")


def test_machine_is_text_in_a_table():
    row = {"type": "opened", "at": "2026-03-14T09:00:00Z", "message_id": "m1", "machine": "true"}

    (event,) = history.read(adapters()["generic"], lines(row)).events

    assert event.is_machine
