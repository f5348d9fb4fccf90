"""While the store cannot be reached every caller is told to come again, and the process itself still lives."""

import pytest

from dashboard.app import create_app
from dashboard.config import load
from tests.helpers import HTMX, page, text
from tests.web.apps import second_app

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"  # the discard port: nobody listens


@pytest.fixture(params=["postgresql", "sqlite"])
def down(request, tmp_path):
    """An app whose store is gone: a server that does not answer, or a file that a folder has taken the place of."""
    if request.param == "postgresql":
        app = create_app(load(instance=tmp_path, log_format="json", database_url=NOWHERE))
        yield app
        app.extensions["engines"].base.dispose()
        return
    with second_app(tmp_path) as app:
        app.extensions["engines"].base.dispose()
        for name in tmp_path.glob("dashboard.sqlite3*"):
            name.unlink()
        (tmp_path / "dashboard.sqlite3").mkdir()
        yield app


def test_person_sees_a_page_that_says_so(down):
    answer = down.test_client().get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database cannot be reached just now" in text(page(answer).select_one("main"))


def test_fragment_says_so(down):
    answer = down.test_client().get("/", headers=HTMX)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert page(answer).select_one("html") is None


def test_program_is_told_to_come_again(down):
    answer = down.test_client().get("/api/analytics", headers={"X-Api-Key": "ss_r_0123456789"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["code"] == "unavailable"


def test_sender_is_told_to_come_again(down):
    body = b'{"companyId": "acme", "updates": []}'

    answer = down.test_client().post("/webhook/analytics", data=body, headers={"x-webhook-signature": "00"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["error"]["code"] == "unavailable"


def test_sign_in_is_told_to_come_again(down):
    browser = down.test_client()

    answer = browser.get("/login")

    assert answer.status_code == 503


@pytest.mark.parametrize("path", ["/", "/login", "/api/analytics", "/readyz"])
def test_nothing_of_the_store_is_told(down, path):
    answer = down.test_client().get(path, headers={"X-Api-Key": "ss_r_0123456789"})

    assert not [word for word in ("127.0.0.1", "psycopg", "sqlite", "SELECT", "nobody") if word in answer.text.lower()]


def test_process_lives_but_is_not_ready(down):
    client = down.test_client()

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert alive.status_code == 200
    assert (ready.status_code, ready.json["status"]) == (503, "unready")
    assert ready.json["problems"] == ["The database cannot be reached, or holds no tables yet."]


def test_files_and_metrics_are_served_all_the_same(down):
    client = down.test_client()

    assert client.get("/static/css/app.css").status_code == 200
    assert client.get("/metrics").status_code == 200
