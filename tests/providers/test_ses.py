"""Amazon SES: whose topics are believed, which addresses are asked, and how its simulation is signed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from dashboard.providers import ses
from dashboard.providers.base import BadSignature, Subscription, Unreadable
from dashboard.vocabulary.events import Bounce, Event, EventType
from dashboard.vocabulary.sources import NoCertificate
from tests.providers import vectors
from tests.providers.harness import NOW, URL, connect, make_delivery

TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "19ba9823-d7f2-53c1-860e-cb10e0d13dfc",
    "TopicArn": TOPIC,
    "Subject": "Grüße ✉",
    "Message": '{"notificationType":"Delivery"}\n',
    "Timestamp": "2026-03-14T09:20:02.675Z",
    "SigningCertURL": CERTIFICATE_URL,
}
CONFIRMATION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "Token": "23",
    "TopicArn": TOPIC,
    "Message": "You have chosen to subscribe.\nVisit the SubscribeURL.",
    "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=23",
    "Timestamp": "2026-03-14T09:20:02.675Z",
    "SigningCertURL": CERTIFICATE_URL,
}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_certificate(key=KEY, start=NOW - timedelta(days=1), end=NOW + timedelta(days=1)) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


CERTIFICATE = make_certificate()


def sign(envelope: dict, version: str = "1", key=KEY) -> dict:
    order = ("Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type")
    signed = "".join(f"{name}\n{envelope[name]}\n" for name in order if name in envelope)
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = key.sign(signed.encode(), padding.PKCS1v15(), algorithm)
    return envelope | {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


def deliver(envelope: dict, **headers: str):
    there = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_delivery(json.dumps(envelope).encode(), {"content-type": "text/plain; charset=UTF-8"} | there)


def trust(certificate: bytes = CERTIFICATE, **more):
    return connect(certificate_of=lambda _: certificate, **more)


def public_pem(key=KEY) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


# --- what is accepted -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(("envelope", "signatures"), [(NOTIFICATION, vectors.NOTIFICATION), (CONFIRMATION, vectors.CONFIRMATION)])  # fmt: skip
def test_signature_by_openssl_is_accepted(envelope, signatures, version):
    signed = envelope | {"SignatureVersion": version, "Signature": signatures[version]}

    ses.verify(deliver(signed), trust(vectors.CERTIFICATE), NOW)


def test_notification_without_subject_is_accepted():
    without = {name: value for name, value in NOTIFICATION.items() if name != "Subject"}

    ses.verify(deliver(sign(without)), trust(), NOW)
    ses.verify(deliver(sign(without) | {"Subject": None}), trust(), NOW)


def test_farewell_is_signed_like_a_confirmation():
    ses.verify(deliver(sign(CONFIRMATION | {"Type": "UnsubscribeConfirmation"}, "2")), trust(), NOW)


def test_certificate_is_asked_for_at_the_address_of_the_envelope():
    asked = []
    connection = connect(certificate_of=lambda url: asked.append(url) or CERTIFICATE)

    ses.verify(deliver(sign(NOTIFICATION)), connection, NOW)

    assert asked == [CERTIFICATE_URL]


def test_a_certificate_that_cannot_be_had_now_is_no_bad_signature():
    with pytest.raises(NoCertificate):
        ses.verify(deliver(sign(NOTIFICATION)), connect(), NOW)


@pytest.mark.parametrize("pasted", [public_pem(), CERTIFICATE.decode(), f"\n{public_pem()}\n"])
def test_a_pasted_key_needs_neither_look_up_nor_topic(pasted):
    ses.verify(deliver(sign(NOTIFICATION)), connect(public_key=pasted, topics=("arn:other",)), NOW)


def test_a_pasted_key_that_does_not_fit_leaves_the_certificate_to_decide():
    other = public_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))

    ses.verify(deliver(sign(NOTIFICATION)), trust(public_key=other), NOW)
    ses.verify(deliver(sign(NOTIFICATION)), trust(public_key="not a key"), NOW)


def test_an_older_pasted_key_is_valid_during_a_rotation_only():
    connection = connect(old_public_key=public_pem(), old_until=NOW + timedelta(hours=1))

    ses.verify(deliver(sign(NOTIFICATION)), connection, NOW)
    with pytest.raises(NoCertificate):
        ses.verify(deliver(sign(NOTIFICATION)), connection, NOW + timedelta(hours=1))


def test_headers_that_agree_are_accepted():
    delivery = deliver(
        sign(NOTIFICATION),
        x_amz_sns_message_type="Notification",
        x_amz_sns_message_id=NOTIFICATION["MessageId"],
        x_amz_sns_rawdelivery="false",
    )

    ses.verify(delivery, trust(topics=("arn:other", TOPIC)), NOW)


# --- what is refused --------------------------------------------------------------------------------


def is_refused(envelope: dict, connection=None, now: datetime = NOW, **headers: str) -> bool:
    with pytest.raises(BadSignature):
        ses.verify(deliver(envelope, **headers), connection or trust(), now)
    return True


@pytest.mark.parametrize("field", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_a_changed_field_is_refused(field):
    signed = sign(NOTIFICATION)

    assert is_refused(signed | {field: signed[field] + "x"})
    assert is_refused({name: value for name, value in signed.items() if name != field})


@pytest.mark.parametrize("field", ["Token", "SubscribeURL"])
def test_a_changed_confirmation_is_refused(field):
    assert is_refused(sign(CONFIRMATION) | {field: "https://sns.eu-west-1.amazonaws.com/?Token=24"})


def test_a_confirmation_passed_off_as_a_notification_is_refused():
    assert is_refused(sign(CONFIRMATION) | {"Type": "Notification"})


@pytest.mark.parametrize("field", ["Type", "Message", "Signature", "SignatureVersion", "SigningCertURL", "Subject"])
@pytest.mark.parametrize("value", [7, ["Notification"], {"a": 1}, True])
def test_a_field_that_is_no_text_is_refused(field, value):
    assert is_refused(sign(NOTIFICATION) | {field: value})


@pytest.mark.parametrize("version", ["", "0", "3", "01", "v1", "sha256"])
def test_other_versions_of_signatures_are_refused(version):
    assert is_refused(sign(NOTIFICATION) | {"SignatureVersion": version})


def test_a_signature_of_another_version_is_refused():
    assert is_refused(sign(NOTIFICATION, "1") | {"SignatureVersion": "2"})
    assert is_refused(sign(NOTIFICATION, "2") | {"SignatureVersion": "1"})


@pytest.mark.parametrize("signature", ["", "====", "A", "AAAA", "é", "\x00", "not base64!", "AAAA\n"])
def test_malformed_signatures_are_refused(signature):
    assert is_refused(sign(NOTIFICATION) | {"Signature": signature})
    assert is_refused(sign(NOTIFICATION) | {"Signature": sign(NOTIFICATION)["Signature"][:-8]})


@pytest.mark.parametrize("kind", ["", "notification", "Notification ", "Levitation"])
def test_unknown_types_are_refused(kind):
    assert is_refused(sign(NOTIFICATION | {"Type": kind}))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"Type":', b'"Notification"', b"[" * 5000])
def test_bodies_that_are_no_envelope_are_refused(body):
    with pytest.raises(BadSignature):
        ses.verify(make_delivery(body), trust(), NOW)


def test_a_signature_by_another_key_is_refused():
    other = rsa.generate_private_key(public_exponent=65537, key_size=1024)

    assert is_refused(sign(NOTIFICATION, key=other))
    assert is_refused(sign(NOTIFICATION, key=other), trust(public_key=public_pem()))


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "HTTPS://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.eu-west-1.amazonaws.com:443/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://evil@sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://evil.example/#https://sns.eu-west-1.amazonaws.com/a.pem",
        "https://s3.eu-west-1.amazonaws.com/a.pem",
        "https://sns.amazonaws.com/a.pem",
        "https://sns.eu.west.amazonaws.com/a.pem",
        "https://sns.e.amazonaws.com/a.pem",
        "https://xsns.eu-west-1.amazonaws.com/a.pem",
        "https://snsxeu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.cn.cn/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem?x=.pem",
        "https://sns.eu-west-1.amazonaws.com/a?x=.pem",
        "https://sns.eu-west-1.amazonaws.com/a#.pem",
        "https://sns.eu-west-1.amazonaws.com/../a.pem",
        "https://sns.eu-west-1.amazonaws.com//evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        " https://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.PEM",
        "https://sns.eu-west-1.amazonaws.com/.pem",
        "https://sns.eu-west-1.amazonaws.com/é.pem",
        "https://sns.eu-west-1.amazonaws.com/" + "a" * 5000 + ".pem",
        "",
    ],
)
def test_certificates_of_others_are_not_even_asked_for(url):
    asked = []
    connection = connect(certificate_of=lambda url: asked.append(url) or CERTIFICATE)

    assert is_refused(sign(NOTIFICATION) | {"SigningCertURL": url}, connection)
    assert asked == []


@pytest.mark.parametrize("host", ["sns.us-gov-west-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"])
def test_certificates_of_all_regions_are_asked_for(host):
    ses.verify(deliver(sign(NOTIFICATION | {"SigningCertURL": f"https://{host}/a/b-1.pem"})), trust(), NOW)


@pytest.mark.parametrize(
    "pem",
    [b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", CERTIFICATE[:-200],
     b"<html>503</html>", public_pem().encode()],
)  # fmt: skip
def test_certificates_that_cannot_be_read_are_refused(pem):
    assert is_refused(sign(NOTIFICATION), trust(pem))


def test_certificates_count_only_while_they_are_valid():
    assert is_refused(sign(NOTIFICATION), trust(make_certificate(end=NOW - timedelta(seconds=1))))
    assert is_refused(sign(NOTIFICATION), trust(make_certificate(start=NOW + timedelta(seconds=1))))
    assert is_refused(sign(NOTIFICATION), trust(), datetime(2030, 1, 1, tzinfo=UTC))


def test_a_certificate_with_a_key_of_another_kind_is_refused():
    assert is_refused(sign(NOTIFICATION), trust(make_certificate(ec.generate_private_key(ec.SECP256R1()))))


def test_the_topic_must_be_one_of_the_source():
    assert is_refused(sign(NOTIFICATION), trust(topics=("arn:aws:sns:eu-west-1:999999999999:ses-events",)))
    assert is_refused(sign(CONFIRMATION), trust(topics=(TOPIC + "2",)))


def test_headers_that_say_otherwise_are_refused():
    assert is_refused(sign(NOTIFICATION), x_amz_sns_message_type="SubscriptionConfirmation")
    assert is_refused(sign(NOTIFICATION), x_amz_sns_message_id="another")
    assert is_refused(sign(NOTIFICATION), connect(public_key=public_pem()), x_amz_sns_message_type="é")


@pytest.mark.parametrize("value", ["true", "TRUE"])
def test_raw_delivery_is_refused_even_with_an_envelope(value):
    assert is_refused(sign(NOTIFICATION), x_amz_sns_rawdelivery=value)


# --- topics -----------------------------------------------------------------------------------------


def test_a_new_subscription_says_where_it_is_confirmed():
    assert ses.subscription(deliver(CONFIRMATION)) == Subscription(TOPIC, CONFIRMATION["SubscribeURL"])


def test_a_notification_says_its_topic_only():
    assert ses.subscription(deliver(NOTIFICATION)) == Subscription(TOPIC)
    assert ses.subscription(deliver(NOTIFICATION | {"SubscribeURL": CONFIRMATION["SubscribeURL"]})) == Subscription(
        TOPIC
    )


def test_a_farewell_is_never_confirmed():
    assert ses.subscription(deliver(CONFIRMATION | {"Type": "UnsubscribeConfirmation"})) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com:8443/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com@evil.example/?Action=ConfirmSubscription",
        "https://evil.example/?https://sns.eu-west-1.amazonaws.com/",
        "https://169.254.169.254/latest/meta-data/",
        "https://sns.eu-west-1.amazonaws.com/?Action=Confirm Subscription",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription\r\nHost: evil.example",
        "https://sns.eu-west-1.amazonaws.com/?" + "a" * 5000,
        "https://sns.eu-west-1.amazonaws.com/",
        None,
        7,
    ],
)
def test_addresses_of_others_are_not_asked(url):
    assert ses.subscription(deliver(CONFIRMATION | {"SubscribeURL": url})) == Subscription(TOPIC)


@pytest.mark.parametrize("topic", [None, "", 7, "arn:aws:sns:us-east-1:000000000000:trial"])
def test_nobodys_topic_is_none(topic):
    assert ses.subscription(deliver(CONFIRMATION | {"TopicArn": topic})) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff"])
def test_bodies_that_are_no_envelope_have_no_topic(body):
    assert ses.subscription(make_delivery(body)) is None


# --- simulation -------------------------------------------------------------------------------------


def make_event(kind: EventType, **more) -> Event:
    return Event(
        type=kind, at_us=1_773_480_000_123_000, message_id="0102-1", recipient="ada@receiver.example", campaign="spring",
        template="welcome", mailbox="news@mail.example.com", domain="mail.example.com", sent_at_us=1_773_479_998_000_000, **more,
    )  # fmt: skip


TOLD = [
    *(make_event(kind) for kind in EventType if kind not in {EventType.IGNORED, EventType.QUEUED, EventType.BOUNCED, EventType.REPLIED, EventType.AUTORESPONDED}),
    make_event(EventType.BOUNCED, bounce=Bounce.HARD),
    make_event(EventType.BOUNCED, bounce=Bounce.SOFT),
    make_event(EventType.OPENED, is_machine=True, ip="192.0.2.4", user_agent="Scanner"),
    make_event(EventType.CLICKED, url="https://example.com/", aliases=("own@mail.example.com",)),
]  # fmt: skip


@pytest.mark.parametrize("event", TOLD, ids=lambda event: f"{event.type}-{event.bounce}")
def test_composed_event_is_read_back(event):
    keys = ses.make_keys()
    composed = ses.compose([event], keys, URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)

    ses.verify(delivery, connect(public_key=keys.public_key), NOW)
    [read] = ses.parse(delivery).events

    dated = event.type not in {EventType.SENT, EventType.REJECTED, EventType.FAILED}
    assert read.at_us == (event.at_us if dated else event.sent_at_us)
    for field in ("type", "message_id", "recipient", "bounce", "campaign", "template", "mailbox", "domain", "is_machine", "url", "sent_at_us"):  # fmt: skip
        assert getattr(read, field) == getattr(event, field), field
    assert set(event.aliases) <= set(read.aliases)


@pytest.mark.parametrize("kind", [EventType.REPLIED, EventType.AUTORESPONDED])
def test_composed_reply_is_read_back(kind):
    event = make_event(kind, in_reply_to=("0102-1@email.amazonses.com",))
    composed = ses.compose([event], ses.make_keys(), URL, NOW)

    [read] = ses.parse(make_delivery(composed.body, composed.headers)).events

    assert (read.type, read.at_us, read.recipient, read.in_reply_to, read.message_id) == (
        kind, event.at_us, event.recipient, event.in_reply_to, "",
    )  # fmt: skip


def test_what_ses_never_tells_is_left_out():
    composed = ses.compose([make_event(EventType.QUEUED)], ses.make_keys(), URL, NOW)

    assert ses.parse(make_delivery(composed.body, composed.headers)).events == []


def test_composed_events_are_refused_by_other_keys_and_have_no_topic():
    composed = ses.compose([make_event(EventType.DELIVERED)], ses.make_keys(), URL, NOW)
    delivery = make_delivery(composed.body, composed.headers)

    with pytest.raises(BadSignature):
        ses.verify(delivery, trust(public_key=ses.make_keys().public_key), NOW)
    with pytest.raises(NoCertificate):
        ses.verify(delivery, connect(), NOW)
    assert ses.subscription(delivery) is None


def test_composed_request_looks_like_one_of_sns():
    composed = ses.compose([make_event(EventType.DELIVERED)], ses.make_keys(), URL, NOW)
    envelope = json.loads(composed.body)

    assert composed.headers["content-type"] == "text/plain; charset=UTF-8"
    assert composed.headers["x-amz-sns-message-id"] == envelope["MessageId"]
    assert set(envelope) == {"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
        "Signature", "SigningCertURL", "UnsubscribeURL"}  # fmt: skip
    assert set(json.loads(envelope["Message"])) == {"eventType", "mail", "delivery"}


def test_a_message_that_is_no_text_is_unreadable():
    with pytest.raises(Unreadable):
        ses.parse(deliver(NOTIFICATION | {"Message": {"eventType": "Send"}}))
