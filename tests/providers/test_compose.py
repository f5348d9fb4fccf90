"""What a provider's simulation composes passes its own check, and is read back as the same events."""

from __future__ import annotations

import pytest

from dashboard.providers.base import Adapter, BadSignature, Secret, TrialKeys
from dashboard.providers.registry import adapters
from dashboard.vocabulary.events import Bounce, Event, EventType
from tests.providers.harness import NOW, URL, connect, make_delivery

ADAPTERS = list(adapters().values())
AT_US = 1_773_480_000_000_000
SECRET = "sendscope:a-secret"

TYPES = (EventType.DELIVERED, EventType.BOUNCED, EventType.OPENED, EventType.CLICKED, EventType.COMPLAINED)


def make_event(kind: EventType, n: int = 0) -> Event:
    return Event(
        type=kind,
        at_us=AT_US + n * 1_000_000,
        message_id=f"<0102-{n}@mail.example.com>" if n % 2 else f"010201{n}",
        recipient=f"ada{n}@receiver.example",
        campaign="spring",
        template="welcome",
        mailbox="news@mail.example.com",
        domain="mail.example.com",
        bounce=Bounce.HARD if kind is EventType.BOUNCED else None,
        url="https://example.com/a?b=c" if kind is EventType.CLICKED else "",
        user_agent="Mozilla/5.0 (Windows NT 10.0)" if kind in {EventType.OPENED, EventType.CLICKED} else "",
        sender="news@mail.example.com",
        subject="Hello",
    )


def keys_of(adapter: Adapter) -> TrialKeys:
    make_keys = getattr(adapter, "make_keys", None)
    return make_keys() if make_keys else TrialKeys(secret=SECRET)


def is_taken_back(adapter: Adapter, kind: EventType) -> bool:
    """Say whether the provider tells such events at all: a composed one that it cannot tell is left out."""
    untold = {
        "scaleway": {EventType.OPENED, EventType.CLICKED, EventType.COMPLAINED},
        "postal": {EventType.COMPLAINED},
    }
    return kind not in untold.get(adapter.name, ())


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_composed_events_are_read_back(adapter):
    keys = keys_of(adapter)
    for start in range(0, len(TYPES), adapter.batch):
        events = [make_event(kind, start + n) for n, kind in enumerate(TYPES[start : start + adapter.batch])]
        composed = adapter.compose(events, keys, URL, NOW)
        delivery = make_delivery(composed.body, composed.headers)

        adapter.verify(delivery, connect(keys.secret, public_key=keys.public_key), NOW)
        parsed = adapter.parse(delivery)

        told = [event for event in events if is_taken_back(adapter, event.type)]
        assert parsed.unreadable == []
        assert [(e.type, e.at_us, e.recipient, e.bounce, e.url) for e in parsed.events] == [
            (e.type, e.at_us, e.recipient, e.bounce, e.url) for e in told
        ]
        assert [(e.campaign, e.template, e.mailbox, e.domain) for e in parsed.events] == [
            (e.campaign, e.template, e.mailbox, e.domain) for e in told
        ]
        assert len({e.message_id for e in parsed.events}) == len(told)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_other_secret_is_refused(adapter):
    if adapter.guide.secret is Secret.NONE:
        pytest.skip("only the address proves who sends")
    composed = adapter.compose([make_event(EventType.DELIVERED)], keys_of(adapter), URL, NOW)
    others = keys_of(adapter) if hasattr(adapter, "make_keys") else TrialKeys(secret="sendscope:other")

    with pytest.raises(BadSignature):
        adapter.verify(
            make_delivery(composed.body, composed.headers), connect(others.secret, public_key=others.public_key), NOW
        )


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_nothing_configured_verifies_nothing_that_is_signed(adapter):
    if adapter.guide.secret in {Secret.NONE, Secret.BASIC}:
        pytest.skip("the provider does not sign")
    composed = adapter.compose([make_event(EventType.DELIVERED)], keys_of(adapter), URL, NOW)

    with pytest.raises(Exception) as caught:  # BadSignature, or no certificate to be had
        adapter.verify(make_delivery(composed.body, composed.headers), connect(), NOW)
    assert type(caught.value).__name__ in {"BadSignature", "NoCertificate"}


HEADERS = ("authorization", "signature", "mailtrap-signature", "x-mandrill-signature", "svix-id", "svix-timestamp",
    "svix-signature", "webhook-id", "webhook-timestamp", "webhook-signature", "x-webhook-signature",
    "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp", "x-postal-signature",
    "x-postal-signature-256", "x-postal-signature-kid", "x-amz-sns-message-type", "content-type")  # fmt: skip
BODIES = (b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"a":', b"[" * 2000, b'"text"', b"1e400", b"[null, 1, [], {}]",
    b"mandrill_events=%5B%7B%5D", '{"ключ": "\ud83d\ude00"}'.encode("utf-16", "surrogatepass"))  # fmt: skip


@pytest.mark.parametrize("value", ["", "é\x80ÿ", "v1,", "====", "Basic ====", "9" * 400, "-1", "0"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_malformed_input_is_no_exception_of_another_kind(adapter, body, value):
    keys = keys_of(adapter)
    delivery = make_delivery(body, dict.fromkeys(HEADERS, value))

    try:
        adapter.verify(delivery, connect(keys.secret, public_key=keys.public_key), NOW)
    except Exception as error:  # noqa: BLE001
        assert type(error).__name__ == "BadSignature"  # noqa: PT017
    try:
        parsed = adapter.parse(delivery)
    except Exception as error:  # noqa: BLE001
        assert type(error).__name__ == "Unreadable"  # noqa: PT017
    else:
        assert all(event.type is EventType.IGNORED for event in parsed.events)
