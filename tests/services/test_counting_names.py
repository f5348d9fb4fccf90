"""Events told under another name of a message: asynchronous bounces, and replies; whatever comes first."""

import itertools
import json

import pytest

from tests.factories import make_source
from tests.inbox import NOON, by, check_invariants, count, put

TODAY = "2026-11-22"
AT = int(NOON.timestamp()) - 3600


@pytest.fixture
def source(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme, kind="sendgrid", name="SendGrid")[0]


def processed(message="abc123", smtp_id="<x1@geopod>", **more):
    """SendGrid names a message by its own id, and by the Message-ID that it was given."""
    return {
        "event": "processed", "email": "bo@gmail.com", "timestamp": AT, "sg_message_id": f"{message}.filter1-2",
        "smtp-id": smtp_id, "sg_event_id": "e1",
    } | more  # fmt: skip


def bounced(smtp_id="<x1@geopod>", **more):
    """An asynchronous bounce carries no id of SendGrid's own."""
    return {
        "event": "bounce", "type": "bounce", "email": "bo@gmail.com", "timestamp": AT + 60, "smtp-id": smtp_id,
        "sg_event_id": "e2", "reason": "550 no such user",
    } | more  # fmt: skip


def deliver(engines, company, source, *events):
    put(engines, company, source, body=json.dumps(events).encode())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("is_together", [True, False])
def test_bounce_by_another_name_finds_its_message(engines, cast, source, order, is_together):
    told = [processed(), bounced(), processed(event="delivered", timestamp=AT + 2, sg_event_id="e3")]
    for place in order:
        deliver(engines, cast.acme, source, told[place])
        if not is_together:
            count(engines, cast.acme)

    count(engines, cast.acme)

    assert by(engines, cast.acme) == {TODAY: {"sent": 1, "bounced": 1, "hard_bounced": 1}}
    check_invariants(engines, cast.acme)


def test_what_names_no_known_message_is_not_counted(engines, cast, source):
    deliver(engines, cast.acme, source, bounced("<stranger@x>"))

    count(engines, cast.acme)

    assert by(engines, cast.acme) == {}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_two_messages_with_one_name_the_smaller_key_has_it(engines, cast, source, order):
    told = [processed("one"), processed("two"), bounced()]
    for place in order:
        deliver(engines, cast.acme, source, told[place])
        count(engines, cast.acme)

    assert by(engines, cast.acme) == {TODAY: {"sent": 2, "bounced": 1, "hard_bounced": 1}}
    check_invariants(engines, cast.acme)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_reply_counts_for_the_message_that_it_answers(engines, app, cast, source, order):
    inbound = make_source(engines, app.extensions["vault"], cast.acme, kind="postmark", name="Postmark")[0]
    reply = {
        "FromFull": {"Email": "Bo@Gmail.com", "Name": "Bo"}, "From": "Bo@Gmail.com", "To": "news@acme.test",
        "MessageID": "in-1", "Date": "Sun, 22 Nov 2026 11:40:00 +0000", "Subject": "Re: Hello",
        "Headers": [{"Name": "In-Reply-To", "Value": "<x1@geopod>"}], "TextBody": "Yes!",
    }  # fmt: skip
    steps = [
        lambda: deliver(engines, cast.acme, source, processed(event="delivered")),
        lambda: put(engines, cast.acme, inbound, body=json.dumps(reply).encode()),
    ]
    for place in order:
        steps[place]()
        count(engines, cast.acme)

    assert by(engines, cast.acme) == {TODAY: {"sent": 1, "delivered": 1, "replied": 1}}
    check_invariants(engines, cast.acme)
