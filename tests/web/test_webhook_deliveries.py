"""What is kept of a webhook: the raw delivery with its numbers, and the ids of Standard Webhooks."""

import json
import threading
import zlib

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import Delivery, Source, WebhookId
from dashboard.models.inbox import DeliveryState
from dashboard.models.sources import SourceStatus
from dashboard.services.retention import WEBHOOK_IDS, purge
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.reported import everything, sent, version

pytestmark = pytest.mark.usefixtures("sums_agree")

REPORT = {"companyId": "acme"} | update()


@pytest.fixture
def deliveries(seed, cast):
    """Return acme's deliveries, oldest first."""

    def listed():
        with seed(cast.acme) as session:
            return list(session.scalars(sa.select(Delivery).order_by(Delivery.id)))

    return listed


@pytest.fixture
def set_status(seed, cast, website):
    """Set the status of acme's source."""

    def to(status):
        with seed(cast.acme) as session:
            session.get(Source, website[0]).status = status

    return to


def test_the_raw_delivery_is_kept_with_its_numbers(sender, website, clock, deliveries):
    body = json.dumps(REPORT, indent=2).encode()

    sender.post(body, **{"Content-Type": "application/json", "User-Agent": "Shop/1", "Cookie": "secret=1"})

    (kept,) = deliveries()
    assert (kept.state, kept.source_id, kept.received_at) == (DeliveryState.COUNTED, website[0], clock())
    assert (kept.new_count, kept.counted_at, kept.reason) == (1, clock(), "")
    assert zlib.decompress(kept.body) == body
    assert kept.size_bytes == len(body)
    expected = {":path": "/webhook/analytics", "content-type": "application/json", "user-agent": "Shop/1"}
    assert kept.headers == expected


def test_a_delivery_says_how_many_updates_it_held(sender, deliveries):
    sender.post({"companyId": "acme", "updates": [update(key=key) for key in "abc"]})

    assert [kept.new_count for kept in deliveries()] == [3]


def test_every_delivery_is_kept(sender, deliveries):
    for _ in range(3):
        sender.post(REPORT)

    assert len(deliveries()) == 3


def test_neither_signature_nor_secret_is_kept(sender, clock, deliveries):
    sender.post(REPORT)
    sender.post_standard(REPORT, at=clock())

    assert all("signature" not in name for kept in deliveries() for name in kept.headers)


def test_odd_headers_are_kept_as_they_came(sender, deliveries):
    sender.post(REPORT, **{"User-Agent": "\xe9\x80 %s :sent"})

    (kept,) = deliveries()
    assert kept.headers["user-agent"] == "\xe9\x80 %s :sent"


def test_a_report_raises_the_version(sender, engines, cast):
    before = version(engines, cast.acme)

    sender.post(REPORT)

    assert version(engines, cast.acme) == before + 1


def test_a_repeated_id_is_200_without_effect(sender, clock, engines, cast, deliveries):
    sender.post_standard(REPORT, at=clock())
    sender.post({"companyId": "acme"} | update(sent=5))
    before = everything(engines)

    response = sender.post_standard(REPORT, at=clock())

    assert (response.status_code, response.json) == (200, {"status": "accepted"})
    assert list(sent(engines, cast.acme).values()) == [5]
    assert everything(engines) == before
    assert len(deliveries()) == 2


def test_a_repeated_id_with_a_new_time_and_body_has_no_effect(sender, clock, engines, cast):
    sender.post_standard(REPORT, at=clock())
    clock.move(days=1)

    response = sender.post_standard({"companyId": "acme"} | update(sent=5), at=clock())

    assert response.status_code == 200
    assert list(sent(engines, cast.acme).values()) == [100]


def test_another_id_has_an_effect(sender, clock, engines, cast):
    sender.post_standard(REPORT, at=clock(), webhook_id="a")

    sender.post_standard({"companyId": "acme"} | update(sent=5), at=clock(), webhook_id="b")

    assert list(sent(engines, cast.acme).values()) == [5]


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (b"{", 400), (REPORT | {"date": "never"}, 422), (update(), 422),
        ({"companyId": "acme", "updates": [update(key=key, sent=2**53 - 1) for key in "ab"]}, 422),
    ],
)  # fmt: skip
def test_the_id_of_a_refused_request_is_not_remembered(sender, clock, engines, cast, refused, status):
    first = sender.post_standard(refused, at=clock())

    second = sender.post_standard(REPORT, at=clock())

    assert (first.status_code, second.status_code) == (status, 200)
    assert list(sent(engines, cast.acme).values()) == [100]


def test_the_id_of_a_forged_request_is_not_remembered(sender, clock, engines, cast):
    first = sender.post_standard(REPORT, at=clock(), **{"webhook-signature": "v1,AAAA"})

    second = sender.post_standard(REPORT, at=clock())

    assert (first.status_code, second.status_code) == (401, 200)
    assert list(sent(engines, cast.acme).values()) == [100]


def test_ids_are_remembered_per_source(app, engines, cast, clock, vault, sender, seed):
    _, shop = make_source(engines, vault, cast.acme, name="Shop")
    _, rivals = make_source(engines, vault, cast.rival)
    sender.post_standard({"companyId": "acme"} | update(sent=1), at=clock())

    Sender(app, shop.secret).post_standard({"companyId": "acme"} | update(key="b", sent=2), at=clock())
    Sender(app, rivals.secret).post_standard({"companyId": "rival"} | update(sent=3), at=clock())

    assert sorted(sent(engines, cast.acme).values()) == [1, 2]
    assert list(sent(engines, cast.rival).values()) == [3]
    with seed(cast.acme) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WebhookId)) == 2


def test_an_id_is_remembered_for_thirty_days(sender, clock, engines, cast):
    sender.post_standard(REPORT, at=clock())
    fresh = {"companyId": "acme"} | update(sent=5)
    clock.now += WEBHOOK_IDS
    clock.move(seconds=-1)

    def post_after_purge():
        with engines[Mode.WRITE].begin() as connection:
            purge(connection, clock())
        sender.post_standard(fresh, at=clock())
        return list(sent(engines, cast.acme).values())

    assert WEBHOOK_IDS.days == 30
    assert post_after_purge() == [100]
    clock.move(seconds=1)
    assert post_after_purge() == [5]


def test_the_same_id_at_once_has_one_effect(app, sender, clock, engines, cast, deliveries):
    ready, answers = threading.Barrier(6), []

    def send():
        own = Sender(app, sender.secret)
        ready.wait()
        answers.append(own.post_standard(REPORT, at=clock()).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 6
    assert len(deliveries()) == 1


def test_a_paused_sources_delivery_is_held(sender, set_status, engines, cast, deliveries):
    set_status(SourceStatus.PAUSED)

    response = sender.post(REPORT)

    (kept,) = deliveries()
    assert (response.status_code, response.json) == (200, {"status": "accepted"})
    assert (kept.state, kept.new_count, kept.counted_at) == (DeliveryState.HELD, 0, None)
    assert json.loads(zlib.decompress(kept.body)) == REPORT
    assert sent(engines, cast.acme) == {}


def test_a_held_delivery_leaves_older_numbers_alone(sender, set_status, engines, cast):
    sender.post({"companyId": "acme"} | update(sent=5))
    set_status(SourceStatus.PAUSED)
    before = version(engines, cast.acme)

    sender.post(REPORT)

    assert list(sent(engines, cast.acme).values()) == [5]
    assert version(engines, cast.acme) == before


def test_a_held_id_is_remembered(sender, set_status, clock, deliveries):
    set_status(SourceStatus.PAUSED)

    for _ in range(2):
        assert sender.post_standard(REPORT, at=clock()).status_code == 200

    assert [kept.state for kept in deliveries()] == [DeliveryState.HELD]


def test_a_paused_source_still_refuses_what_is_wrong(sender, set_status, engines):
    set_status(SourceStatus.PAUSED)
    before = everything(engines)

    answers = [sender.post(b"{"), sender.post(update()), sender.post(REPORT, signature="00")]

    assert [answer.status_code for answer in answers] == [400, 422, 401]
    assert everything(engines) == before


def test_an_active_source_counts_again(sender, set_status, engines, cast):
    set_status(SourceStatus.PAUSED)
    sender.post(REPORT)
    set_status(SourceStatus.ACTIVE)

    sender.post({"companyId": "acme"} | update(sent=5))

    assert list(sent(engines, cast.acme).values()) == [5]


def test_held_deliveries_outlive_the_others(sender, set_status, clock, engines, deliveries):
    sender.post(REPORT)
    set_status(SourceStatus.PAUSED)
    sender.post(REPORT)
    clock.move(days=400)

    with engines[Mode.WRITE].begin() as connection:
        purge(connection, clock())

    assert [kept.state for kept in deliveries()] == [DeliveryState.HELD]
