"""Scaleway: what proves who sends, which addresses are asked, and how its simulation looks."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from dashboard.providers import scaleway
from dashboard.providers.base import BadSignature, Subscription, TrialKeys
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery

TOPIC = "arn:scw:sns:fr-par:project-8c8bfa06:mail-events"
CONFIRM = f"https://sns.mnq.fr-par.scaleway.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=23"
CONFIRMATION = {"Type": "SubscriptionConfirmation", "TopicArn": TOPIC, "Token": "23", "SubscribeURL": CONFIRM}


def deliver(body: dict, **headers: str):
    return make_delivery(json.dumps(body).encode(), headers)


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_without_a_secret_the_address_alone_is_the_proof():
    scaleway.verify(make_delivery(b"{}"), connect(), NOW)
    scaleway.verify(make_delivery(b"{}", {"authorization": basic("a:b")}), connect(), NOW)


@pytest.mark.parametrize("given", [basic("user:pass"), "Bearer user:pass", "bearer user:pass"])
def test_the_secret_is_accepted(given):
    scaleway.verify(make_delivery(b"{}", {"authorization": given}), connect("user:pass"), NOW)


@pytest.mark.parametrize(
    "given",
    ["", "Basic", "Basic ====", "Basic é", basic("user:other"), basic("other:pass"), basic("user:"), "Bearer pass", "Digest x"],
)  # fmt: skip
def test_other_credentials_are_refused(given):
    with pytest.raises(BadSignature):
        scaleway.verify(make_delivery(b"{}", {"authorization": given}), connect("user:pass"), NOW)
    with pytest.raises(BadSignature):
        scaleway.verify(make_delivery(b"{}"), connect("user:pass"), NOW)


def test_both_secrets_are_valid_during_a_rotation():
    connection = connect("user:new", old_secret="user:old", old_until=NOW + timedelta(hours=1))
    old = make_delivery(b"{}", {"authorization": basic("user:old")})

    scaleway.verify(old, connection, NOW)
    scaleway.verify(make_delivery(b"{}", {"authorization": basic("user:new")}), connection, NOW)
    with pytest.raises(BadSignature):
        scaleway.verify(old, connection, NOW + timedelta(hours=1))


@pytest.mark.parametrize("host", ["sns.mnq.fr-par.scaleway.com", "sns.mnq.nl-ams.scaleway.com"])
def test_a_new_subscription_says_where_it_is_confirmed(host):
    url = f"https://{host}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=23"

    assert scaleway.subscription(deliver(CONFIRMATION | {"SubscribeURL": url})) == Subscription(TOPIC, url)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.mnq.fr-par.scaleway.com/?Action=ConfirmSubscription",
        "https://sns.mnq.fr-par.scaleway.com:8443/?Action=ConfirmSubscription",
        "https://sns.mnq.fr-par.scaleway.com@evil.example/?Action=ConfirmSubscription",
        "https://sns.mnq.fr-par.scaleway.com.evil.example/?Action=ConfirmSubscription",
        "https://evilscaleway.com/?Action=ConfirmSubscription",
        "https://scaleway.com.evil.example/",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://127.0.0.1/",
        "https://sns.mnq.fr-par.scaleway.com\\@evil.example/",
        "https://sns.mnq.fr-par.scaleway.com/ x",
        "https://sns.mnq.fr-par.scaleway.com/\n",
        None,
        ["https://sns.mnq.fr-par.scaleway.com/"],
    ],
)
def test_addresses_of_others_are_not_asked(url):
    assert scaleway.subscription(deliver(CONFIRMATION | {"SubscribeURL": url})) == Subscription(TOPIC)


def test_a_notification_says_its_topic_only():
    assert scaleway.subscription(deliver(CONFIRMATION | {"Type": "Notification"})) == Subscription(TOPIC)


def test_a_farewell_is_never_confirmed():
    assert scaleway.subscription(deliver(CONFIRMATION | {"Type": "UnsubscribeConfirmation"})) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"type": "email_queued"}', b"\xff"])
def test_events_without_an_envelope_have_no_topic(body):
    assert scaleway.subscription(make_delivery(body)) is None


def make_event(kind: EventType, **more) -> Event:
    return Event(
        type=kind, at_us=1_773_480_000_123_456, message_id="d4fbec9d", recipient="ada@receiver.example", campaign="spring",
        template="welcome", mailbox="news@mail.example.com", domain="mail.example.com", **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        make_event(EventType.QUEUED),
        make_event(EventType.DELIVERED, aliases=("42@mail.example.com",)),
        make_event(EventType.DEFERRED, sender="other@mail.example.com"),
        make_event(EventType.BOUNCED, bounce=Bounce.HARD),
        make_event(EventType.REJECTED),
    ],
    ids=lambda event: event.type,
)
def test_composed_event_is_read_back(event):
    composed = scaleway.compose([event], TrialKeys(secret="user:pass"), URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)

    scaleway.verify(delivery, connect("user:pass"), NOW)
    [read] = scaleway.parse(delivery).events

    for field in ("type", "at_us", "message_id", "recipient", "bounce", "campaign", "template", "mailbox", "domain"):
        assert getattr(read, field) == getattr(event, field), field
    assert set(event.aliases) <= set(read.aliases)
    assert scaleway.subscription(delivery) is None


@pytest.mark.parametrize(
    "event",
    [make_event(EventType.OPENED), make_event(EventType.COMPLAINED), make_event(EventType.BOUNCED, bounce=Bounce.SOFT)],
    ids=lambda event: event.type,
)
def test_what_scaleway_never_tells_is_left_out(event):
    composed = scaleway.compose([event], TrialKeys(), URL, NOW)
    parsed = scaleway.parse(make_delivery(composed.body, composed.headers))

    assert (parsed.events, parsed.unreadable) == ([], [])
    assert "authorization" not in composed.headers
