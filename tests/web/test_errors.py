"""Every refusal and failure, in the form that the caller understands."""

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from dashboard import tenancy
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Conflict
from dashboard.extensions import db
from dashboard.lifecycle import admission
from dashboard.models import Mark
from dashboard.models.audit import MarkKind
from dashboard.permissions import Access, Door
from tests.conftest import NOON
from tests.factories import make_company
from tests.helpers import HTMX, page, text
from tests.web.apps import second_app

NOTHING = "There is nothing at this address."


def secret_accident():
    raise RuntimeError("the secret is 12345 in /etc/secret")


@pytest.fixture
def broken(tmp_path):
    """An app in which some addresses fail without warning."""
    with second_app(tmp_path) as app:
        for number, path in enumerate(("/broken", "/api/broken", "/webhook/broken")):
            app.add_url_rule(path, f"broken{number}", secret_accident, methods=["GET", "POST"])
        yield app


def test_unknown_address_is_a_page_for_a_person(browser, cast):
    answer = browser("ada").get("/nothing/here")

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    shown = page(answer)
    assert text(shown.select_one("h1")) == "Page not found"
    assert NOTHING in text(shown.select_one("main"))
    assert shown.select_one("main a.btn")["href"] == "/"


def test_unknown_address_is_a_fragment_for_htmx(browser, cast):
    answer = browser("ada").get("/nothing/here", headers=HTMX)

    assert answer.status_code == 404
    assert page(answer).select_one("html") is None
    assert NOTHING in text(page(answer).select_one("[role=alert]"))


def test_unknown_address_of_the_api_is_a_problem_document(app):
    answer = app.test_client().get("/api/nothing")

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json == {
        "type": "about:blank", "title": "Page not found", "status": 404, "detail": NOTHING, "code": "not_found",
        "fields": [], "requestId": answer.headers["X-Request-Id"],
    }  # fmt: skip


def test_unknown_address_of_a_webhook_is_a_webhooks_error(app):
    answer = app.test_client().post("/webhook/nothing/token")

    assert (answer.status_code, answer.content_type) == (404, "application/json")
    assert answer.json == {"error": {"code": "not_found", "message": NOTHING, "fields": []}}


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("POST", "/healthz", "GET, HEAD, OPTIONS"), ("GET", "/logout", "OPTIONS, POST"), ("DELETE", "/login", "GET, HEAD, OPTIONS, POST"),
    ("GET", "/webhook/analytics", "OPTIONS, POST"), ("PUT", "/api/analytics", "DELETE, GET, HEAD, OPTIONS, POST"),
])  # fmt: skip
def test_other_method_is_refused_with_those_that_are_allowed(app, cast, method, path, allowed):
    answer = app.test_client().open(path, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_filter_that_cannot_be_read_is_told_on_a_page(browser, cast):
    answer = browser("ada").get("/c/acme/?range=years&type=colour")

    assert answer.status_code == 422
    assert [text(one).partition(" ")[0] for one in page(answer).select(".faults li")] == ["range", "type"]


def test_filter_that_cannot_be_read_is_told_in_a_fragment(browser, cast):
    answer = browser("ada").get("/c/acme/cards?range=years", headers=HTMX)

    assert answer.status_code == 422
    assert text(page(answer).select_one("[role=alert] li")).startswith("range must be one of")


def test_refusal_names_the_role_that_is_needed(browser, cast):
    answer = browser("gil").get("/c/acme/exports")

    assert "needs the role admin; yours is guest" in text(page(answer).select_one("main"))


def test_body_over_the_limit_is_refused_on_a_page(browser, cast):
    answer = browser("ada").client.post("/account", data=b"x" * (5 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert "larger than 5 MB" in answer.text


@pytest.mark.parametrize("path", ["/broken", "/api/broken", "/webhook/broken"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_failure_tells_nothing_of_the_inside(broken, path, headers):
    answer = broken.test_client().get(path, headers=headers)

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert not [word for word in ("12345", "RuntimeError", "Traceback", ".py", "secret") if word in answer.text]


def test_failure_shows_a_person_the_id_that_the_log_has(broken):
    with capture_logs() as lines:
        answer = broken.test_client().get("/broken")

    (failure,) = [line for line in lines if line["event"] == "unexpected error"]
    assert f"Request {failure['request_id']}" in text(page(answer).select_one("main"))
    assert str(failure["exc_info"]) == "the secret is 12345 in /etc/secret"  # in the log, and only there


def test_failure_shows_a_program_the_id(broken):
    answer = broken.test_client().get("/api/broken")

    assert answer.json["requestId"] == answer.headers["X-Request-Id"]
    assert answer.json["code"] == "internal_error"


def writing_view(outcome):
    """Return a view that writes a mark and then does what is said."""

    def view():
        tenancy.bind(db.session(), 1)
        db.session.add(Mark(day=NOON.date(), at=NOON, kind=MarkKind.NOTE, title="Written"))
        db.session.flush()
        if isinstance(outcome, Exception):
            raise outcome
        return "done", outcome

    return view


@pytest.mark.parametrize(
    ("outcome", "written"), [(200, 1), (303, 1), (422, 0), (Conflict("No."), 0), (RuntimeError("No."), 0)], ids=str
)
def test_transaction_is_kept_only_when_the_answer_is_good(tmp_path, outcome, written):
    with second_app(tmp_path) as app:
        engines = app.extensions["engines"]
        make_company(engines, "acme", NOON)  # the first company's number is 1
        view = admission._guarded(writing_view(outcome), Access(Door.SIGNED))
        app.add_url_rule("/write", "write", view, methods=["POST"])

        app.test_client().post("/write")

        with open_session(engines, Mode.READ, 1) as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Mark)) == written


def test_app_does_not_start_when_a_view_declares_no_access(tmp_path):
    with second_app(tmp_path) as app:
        app.view_functions["open"] = lambda: "open to all"

        with pytest.raises(admission.UndeclaredView, match="open"):
            admission.init_app(app)
