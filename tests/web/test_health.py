"""Whether the process lives and can work, and its counters."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.app import create_app
from dashboard.config import load
from dashboard.database.engine import Mode
from dashboard.models import Delivery, Source
from dashboard.models.inbox import DeliveryState
from dashboard.queries.readiness import newest_migration
from tests.web.apps import second_app

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def test_process_says_that_it_lives(app):
    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_process_is_ready_when_its_store_is(app):
    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"status": "ready", "problems": []})


def test_process_is_not_ready_before_the_tables_are_made(tmp_path):
    app = create_app(load(instance=tmp_path, log_format="json"))

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["status"]) == (503, "unready")
    app.extensions["engines"].base.dispose()


def test_process_is_not_ready_when_the_store_is_at_another_migration(tmp_path):
    with second_app(tmp_path) as app:
        with app.extensions["engines"][Mode.WRITE].begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

        answer = app.test_client().get("/readyz")

    expected = f"The database is at migration 0000, the program at {newest_migration()}."
    assert (answer.status_code, answer.json["problems"]) == (503, [expected])


@pytest.mark.parametrize(
    ("waited", "state", "status"),
    [
        (timedelta(minutes=5), DeliveryState.PENDING, 200),
        (timedelta(minutes=5, seconds=1), DeliveryState.PENDING, 503),
        (timedelta(days=1), DeliveryState.COUNTED, 200),
        (timedelta(days=1), DeliveryState.HELD, 200),
    ],
)
def test_process_is_not_ready_while_the_inbox_grows_old(app, cast, clock, seed, waited, state, status):
    with seed(cast.acme) as session:
        source_id = session.scalar(sa.select(Source.id))
        session.add(Delivery(source_id=source_id, received_at=clock() - waited, state=state, body=b"", size_bytes=0))

    assert app.test_client().get("/readyz").status_code == status


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_counters_are_read_from_the_same_machine(app, address):
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "0.0.0.0", "2001:db8::1", "", "unknown"])
def test_counters_are_not_there_for_others(app, address):
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == 404
    assert "sendscope_requests_total" not in answer.text


def test_header_of_a_stranger_does_not_open_the_counters(app):
    answer = app.test_client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, environ_base=ELSEWHERE)

    assert answer.status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer \u00e9"])
def test_no_token_opens_the_counters_when_none_is_set(app, given):
    answer = app.test_client().get("/metrics", headers={"Authorization": given}, environ_base=ELSEWHERE)

    assert answer.status_code == 404


@pytest.mark.parametrize(("given", "status"), [("Bearer open sesame", 200), ("Bearer open sesam", 404), ("", 404)])
def test_token_opens_the_counters_from_elsewhere(tmp_path, given, status):
    with second_app(tmp_path, metrics_token="open sesame") as app:
        answer = app.test_client().get("/metrics", headers={"Authorization": given}, environ_base=ELSEWHERE)

    assert answer.status_code == status


@pytest.mark.parametrize(("forwarded", "status"), [("203.0.113.9", 404), ("unknown", 404), ("127.0.0.1", 200)])
def test_address_behind_a_trusted_proxy_is_the_visitors(tmp_path, forwarded, status):
    with second_app(tmp_path, trusted_proxies=1) as app:
        answer = app.test_client().get("/metrics", headers={"X-Forwarded-For": forwarded})

    assert answer.status_code == status


def test_requests_are_counted_by_endpoint_and_status(tmp_path):
    with second_app(tmp_path) as app:
        client = app.test_client()
        for path in ("/healthz", "/healthz", "/nothing"):
            client.get(path)

        shown = client.get("/metrics").text

    assert 'sendscope_requests_total{endpoint="health.healthz",status="200"} 2.0' in shown
    assert 'sendscope_requests_total{endpoint="none",status="404"} 1.0' in shown
    assert 'sendscope_request_seconds_count{endpoint="health.healthz"} 2.0' in shown
