"""The inbox of providers' deliveries: who is let in, what is kept, what is answered."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import Delivery, Job, Source
from dashboard.models.sources import SourceStatus
from dashboard.providers import generic, ses
from dashboard.providers.base import TrialKeys
from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.limits import MinuteLimit
from dashboard.vocabulary.sources import NoCertificate
from dashboard.worker import Counter
from tests.conftest import NOON
from tests.factories import make_source
from tests.inbox import by, told
from tests.providers import test_ses

ACCEPTED = {"status": "accepted"}


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture(autouse=True)
def fresh_limits(app):
    app.extensions["refusals"] = MinuteLimit()  # its minute stands still with the clock


class Provider:
    """A source of acme, and a client that posts to its address."""

    def __init__(self, app, engines, company, kind="generic", secret=None):
        self.client = app.test_client()
        self.id, self.shared = make_source(
            engines, app.extensions["vault"], company, kind=kind, name=kind, secret=secret
        )
        self.path = f"/webhook/{kind}/{self.shared.token}"

    def post(self, *events, body=None, headers=None, path=None):
        raw = json.dumps({"events": events}).encode() if body is None else body
        stamped = {"webhook-id": "m1", "webhook-timestamp": str(int(NOON.timestamp()))}
        signature = generic.signatures.sign_standard("m1", int(NOON.timestamp()), raw, self.shared.secret or "x")
        signed = stamped | {"webhook-signature": signature}
        return self.client.post(path or self.path, data=raw, headers=signed if headers is None else headers)


@pytest.fixture
def provider(app, engines, cast):
    return Provider(app, engines, cast.acme)


def rows(seed, company):
    with seed(company) as session:
        return session.scalars(sa.select(Delivery).order_by(Delivery.received_at, Delivery.id)).all()


def test_delivery_is_kept_as_it_came_and_counted_afterwards(app, engines, cast, provider, seed, clock):
    answer = provider.post(told("sent"), told("delivered"))

    assert (answer.status_code, answer.json) == (200, ACCEPTED)
    (row,) = rows(seed, cast.acme)
    assert (row.state, row.source_id, row.received_at) == ("pending", provider.id, NOON)
    assert json.loads(zlib.decompress(row.body))["events"][0]["type"] == "sent"
    assert row.headers["webhook-id"] == "m1"
    assert "webhook-signature" not in row.headers
    assert by(engines, cast.acme) == {}
    assert Counter(engines, clock).count_all() == 1
    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 1, "delivered": 1}}


@pytest.mark.parametrize("method", ["get", "head"])
def test_set_up_pages_that_look_are_answered(provider, method):
    answer = getattr(provider.client, method)(provider.path)

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("path", ["/webhook/generic/nobody", "/webhook/sendgrid/{token}", "/webhook/nobody/{token}", "/webhook/generic/%C3%A9"])  # fmt: skip
def test_unknown_address_says_nothing(provider, method, path):
    answer = getattr(provider.client, method)(path.format(token=provider.shared.token))

    assert answer.status_code == 404
    assert provider.shared.token not in answer.text


def test_deleted_source_is_unknown(provider, cast, seed):
    with seed(cast.acme) as session:
        session.get(Source, provider.id).status = SourceStatus.DELETED

    assert provider.post(told("sent")).status_code == 404


def test_paused_source_holds_what_comes(engines, cast, provider, seed, clock):
    with seed(cast.acme) as session:
        session.get(Source, provider.id).status = SourceStatus.PAUSED

    answer = provider.post(told("sent"))

    assert (answer.status_code, answer.json) == (200, ACCEPTED)
    assert [row.state for row in rows(seed, cast.acme)] == ["held"]
    assert Counter(engines, clock).count_all() == 0


@pytest.mark.parametrize("headers", [{}, {"webhook-id": "m1"}, {"x-webhook-signature": "00"}, {"x-webhook-signature": "é"}])  # fmt: skip
def test_bad_signature_is_refused_and_a_sample_kept_without_its_body(cast, provider, seed, headers):
    answer = provider.post(told("sent"), headers=headers)

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "bad_signature")
    (row,) = rows(seed, cast.acme)
    assert (row.state, row.body, row.size_bytes > 0) == ("rejected", None, True)
    assert row.reason


def test_bad_signatures_are_limited(cast, provider, seed):
    codes = [provider.post(told("sent"), headers={}).status_code for _ in range(62)]

    assert codes == [401] * 60 + [429] * 2
    assert len(rows(seed, cast.acme)) == 10  # samples a minute


def test_sample_of_refusals_is_bounded(app, cast, provider, seed, clock):
    for _ in range(60):
        clock.move(minutes=1)
        provider.post(told("sent"), headers={})

    kept = rows(seed, cast.acme)

    assert len(kept) == 50
    assert kept[-1].received_at == clock.now


def test_what_cannot_be_read_is_kept_all_the_same(engines, cast, provider, seed, clock):
    answer = provider.post(body=b"\xff\xfe not json")

    assert (answer.status_code, answer.json) == (200, ACCEPTED)
    Counter(engines, clock).count_all()
    (row,) = rows(seed, cast.acme)
    assert (row.state, row.unreadable_count) == ("unreadable", 1)
    assert "not JSON" in row.reason


def test_large_body_is_refused(provider, cast, seed):
    answer = provider.post(body=b"x" * (5 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert rows(seed, cast.acme) == []


def test_basic_credentials_prove_who_sends_where_nobody_signs(app, engines, cast):
    brevo = Provider(app, engines, cast.acme, "brevo", secret="user:pass")
    body = b'{"event": "delivered", "email": "bo@gmail.com", "message-id": "<a@b>", "ts_epoch": 1795341600000}'

    refused = brevo.post(body=body, headers={})
    taken = brevo.post(body=body, headers={"Authorization": "Basic dXNlcjpwYXNz"})

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="Sendscope"')
    assert taken.status_code == 200


class Certificates:
    """The network behind a certificate's address."""

    def __init__(self):
        self.pem = test_ses.make_certificate(start=NOON - timedelta(days=1), end=NOON + timedelta(days=1))
        self.is_away = False

    def get(self, url):
        if self.is_away:
            raise NoCertificate(url)
        return self.pem


def subscription(topic):
    return json.dumps(test_ses.sign(test_ses.CONFIRMATION | {"TopicArn": topic})).encode()


class TestTopics:
    """Amazon SES speaks through a topic, which is confirmed once and kept."""

    @pytest.fixture
    def topic(self, app, engines, cast):
        return Provider(app, engines, cast.acme, "ses")

    @pytest.fixture(autouse=True)
    def signed(self, app):
        """A sender whose certificate the app can look up."""
        certificates = Certificates()
        before = app.extensions["certificates"]
        app.extensions["certificates"] = certificates
        yield certificates
        app.extensions["certificates"] = before

    def test_subscription_is_confirmed_by_a_job_and_pins_its_topic(self, cast, seed, topic):
        answer = topic.post(body=subscription("arn:aws:sns:eu-west-1:111122223333:mail"), headers={})

        assert answer.status_code == 200
        with seed(cast.acme) as session:
            assert session.get(Source, topic.id).config == {"topics": ["arn:aws:sns:eu-west-1:111122223333:mail"]}
            (job,) = session.scalars(sa.select(Job).where(Job.kind == "confirm_subscription")).all()
        assert job.payload["url"].startswith("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription")

    def test_other_topic_is_refused_from_then_on(self, topic):
        topic.post(body=subscription("arn:aws:sns:eu-west-1:111122223333:mail"), headers={})

        answer = topic.post(body=subscription("arn:aws:sns:eu-west-1:999999999999:evil"), headers={})

        assert answer.status_code == 401

    def test_sender_comes_again_when_the_certificate_cannot_be_had(self, topic, signed):
        body = subscription("arn:aws:sns:eu-west-1:111122223333:mail")
        signed.is_away = True

        answer = topic.post(body=body, headers={})

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_simulated_topic_is_not_kept(app, engines, cast, seed, clock):
    keys = ses.make_keys()
    topic = Provider(app, engines, cast.acme, "ses")
    with seed(cast.acme) as session:
        source = session.get(Source, topic.id)
        vault = app.extensions["vault"]
        source.sealed = vault.seal(topic.shared.__class__(topic.shared.token, public_key=keys.public_key))
    event = Event(
        type=EventType.DELIVERED, at_us=int(NOON.timestamp()) * 1_000_000, message_id="m", recipient="a@b.test"
    )
    composed = ses.compose([event], TrialKeys("", keys.public_key, keys.private_key), "", NOON)

    answer = topic.post(body=composed.body, headers=composed.headers)

    assert answer.status_code == 200
    with seed(cast.acme) as session:
        assert session.get(Source, topic.id).config == {}
