"""Deliveries accepted before Flask, in groups: durable before the answer, whatever happens to their neighbours."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

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


def store_together(acceptance, monkeypatch, first, others):
    """Store `first`, and while it is being written have the others wait, so that they make one group."""
    heard, leads, sizes = {}, threading.Event(), []
    write = acceptance._insert

    def wait_for_the_others(group):
        sizes.append(len(group))
        leads.set()
        while len(sizes) == 1 and len(acceptance._waiting) < len(others):
            threading.Event().wait(0.01)
        write(group)

    def store(name, source):
        try:
            acceptance.store(source, DELIVERY)
            heard[name] = "stored"
        except Exception as error:  # noqa: BLE001
            heard[name] = type(error).__name__

    monkeypatch.setattr(acceptance, "_insert", wait_for_the_others)
    threads = [threading.Thread(target=store, args=("first", first))]
    threads[0].start()
    leads.wait(timeout=10)
    threads += [threading.Thread(target=store, args=one) for one in others.items()]
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()
    return heard, sizes


def test_one_whose_source_vanished_takes_nobody_else_down(app, engines, cast, seed, monkeypatch):
    good, shared = make_source(engines, app.extensions["vault"], cast.acme)
    _, other = make_source(engines, app.extensions["vault"], cast.rival)
    source, gone = sealed(engines, shared), sealed(engines, other)
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM sources WHERE id = {gone.id}")
    acceptance = Acceptance(engines)

    heard, sizes = store_together(acceptance, monkeypatch, source, {"a": source, "gone": gone, "b": source})

    assert heard == {"first": "stored", "a": "stored", "b": "stored", "gone": "Changed"}
    assert sizes == [1, 3]
    assert [row.source_id for row in rows(seed, cast.acme)] == [good] * 3


def test_one_that_no_store_can_hold_fails_by_itself(app, engines, cast, seed, monkeypatch):
    good, shared = make_source(engines, app.extensions["vault"], cast.acme)
    source = sealed(engines, shared)
    acceptance, impossible = Acceptance(engines), replace(source, id=2**70)

    heard, sizes = store_together(acceptance, monkeypatch, source, {"a": source, "odd": impossible, "b": source})

    assert {name for name, what in heard.items() if what == "stored"} == {"first", "a", "b"}
    assert sizes == [1, 3, 1, 1, 1]
    assert [row.source_id for row in rows(seed, cast.acme)] == [good] * 3


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
