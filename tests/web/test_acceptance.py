"""Deliveries accepted before Flask, in groups: durable before the answer, whatever happens to their neighbours."""

from __future__ import annotations

import io
import threading

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import Delivery
from dashboard.queries import identity
from dashboard.services import inbox
from dashboard.services.acceptance import Acceptance
from dashboard.vocabulary.sources import ReceivedDelivery
from tests.conftest import NOON
from tests.factories import make_source
from tests.inbox import told
from tests.web.apps import second_app
from tests.web.test_inbox import Provider, rows

DELIVERY = ReceivedDelivery(b"{}", {}, NOON)


@pytest.fixture
def provider(app, engines, cast):
    return Provider(app, engines, cast.acme)


def sealed(engines, shared, kind="generic"):
    return identity.find_inbox(engines, kind, shared.token)


def test_many_at_once_are_all_there(app, engines, cast, provider, seed):
    answers = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(provider.post(told("sent", f"m{n}")).status_code))
        for n in range(40)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 40
    assert len(rows(seed, cast.acme)) == 40


def test_one_that_cannot_be_stored_fails_by_itself(app, engines, cast, seed, monkeypatch):
    """A source that vanishes between its look-up and the writing takes nobody else down."""
    good, shared = make_source(engines, app.extensions["vault"], cast.acme)
    _, other = make_source(engines, app.extensions["vault"], cast.rival)
    gone = sealed(engines, other)
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM sources WHERE id = {gone.id}")
    acceptance, failed = Acceptance(engines), []
    started = threading.Barrier(2)
    slow = acceptance._insert

    def wait_once(group):
        if len(group) == 1 and not failed:
            started.wait(timeout=10)
            failed.append(None)
            threading.Event().wait(0.3)
        slow(group)

    monkeypatch.setattr(acceptance, "_insert", wait_once)
    leader = threading.Thread(target=acceptance.store, args=(sealed(engines, shared), DELIVERY))
    leader.start()
    started.wait(timeout=10)

    def store_gone():
        with pytest.raises(sa.exc.IntegrityError):
            acceptance.store(gone, DELIVERY)
        failed.append("gone")

    followers = [threading.Thread(target=store_gone)]
    followers += [threading.Thread(target=acceptance.store, args=(sealed(engines, shared), DELIVERY)) for _ in range(3)]
    for thread in followers:
        thread.start()
    for thread in (leader, *followers):
        thread.join()

    assert failed == [None, "gone"]
    assert [row.source_id for row in rows(seed, cast.acme)] == [good] * 4


def test_body_without_a_length_goes_the_longer_way(app, provider, cast, seed):
    raw = b'{"events": []}'
    signature = inbox.adapters()["generic"].signatures.sign_hex(raw, provider.shared.secret)

    answer = provider.client.post(
        provider.path,
        input_stream=io.BytesIO(raw),
        headers={"x-webhook-signature": signature},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == 200
    assert [row.size_bytes for row in rows(seed, cast.acme)] == [len(raw)]


def test_answer_carries_what_every_answer_carries(provider):
    answer = provider.post(told("sent"))

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.headers["X-Request-Id"]) == 32


def test_secret_address_is_not_written_down(provider, capsys):
    provider.post(told("sent"), headers={})
    provider.post(told("sent"))

    written = capsys.readouterr()

    assert "/webhook/generic/..." in written.err
    assert provider.shared.token not in written.err + written.out


def test_full_disk_is_said_and_leaves_nothing_behind(tmp_path):
    with second_app(tmp_path) as app:
        engines = app.extensions["engines"]
        from tests.factories import make_cast

        cast = make_cast(engines, NOON)
        app.extensions["clock"] = lambda: NOON
        provider = Provider(app, engines, cast.acme)

        def fill(connection, _record=None, _proxy=None):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        sa.event.listen(engines.base, "checkout", fill)
        answer = provider.post(*[told("sent", f"m{n}", reason=str(n) * 50) for n in range(9000)])
        sa.event.remove(engines.base, "checkout", fill)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        with engines[Mode.READ].begin() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(Delivery)).scalar_one() == 0


def test_fault_of_the_leader_is_heard_by_all(engines, app, cast, seed, monkeypatch):
    """Whatever goes wrong while a group is written, nobody of it is told that the delivery is there."""
    _, shared = make_source(engines, app.extensions["vault"], cast.acme)
    source, acceptance, heard = sealed(engines, shared), Acceptance(engines), []

    def fail(_group):
        threading.Event().wait(0.1)
        raise TypeError("no SQL error")

    def store():
        try:
            acceptance.store(source, DELIVERY)
        except TypeError:
            heard.append("told")

    monkeypatch.setattr(acceptance, "_insert", fail)
    threads = [threading.Thread(target=store) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == ["told"] * 5
    assert rows(seed, cast.acme) == []
