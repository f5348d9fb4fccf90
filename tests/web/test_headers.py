"""Headers of every answer."""

import pytest

from dashboard.lifecycle.headers import CONTENT_SECURITY_POLICY
from tests.factories import make_key
from tests.helpers import HTMX
from tests.web.apps import second_app

SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Page, fragment, redirect, file, data, and refusals of each shape.
ANSWERS = [
    ("GET", "/c/acme/", 200), ("GET", "/c/acme/analytics", 200), ("GET", "/c/acme/cards", 200), ("GET", "/account", 200),
    ("GET", "/", 302), ("GET", "/api/docs", 200), ("GET", "/api/openapi.json", 200), ("GET", "/healthz", 200),
    ("GET", "/readyz", 200), ("GET", "/metrics", 200), ("GET", "/static/css/app.css", 200), ("GET", "/nothing", 404),
    ("GET", "/static/nothing", 404), ("GET", "/c/rival/", 404), ("GET", "/api/analytics", 401), ("GET", "/api/x", 404),
    ("POST", "/webhook/analytics", 401), ("POST", "/account", 400), ("POST", "/healthz", 405), ("OPTIONS", "/login", 200),
    ("GET", "/c/acme/?range=x", 422), ("HEAD", "/c/acme/", 200),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_security_headers(browser, cast, method, path, status):
    answer = browser("ada").client.open(path, method=method)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert answer.headers["X-Request-Id"]


def test_unchanged_poll_carries_the_security_headers(browser, cast):
    ada = browser("ada")
    tag = ada.get("/c/acme/").headers["HX-PTag"]

    answer = ada.get("/c/acme/cards", headers=HTMX | {"HX-PTag": tag})

    assert answer.status_code == 304
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_policy_is_strict():
    rules = dict(rule.strip().split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["frame-src"] == "'self'"
    assert not [word for word in ("unsafe", "http", "*", "nonce") if word in CONTENT_SECURITY_POLICY]


@pytest.mark.parametrize(
    "path", ["/c/acme/", "/c/acme/cards", "/c/acme/exports", "/account", "/login", "/", "/nothing", "/api/docs"]
)
def test_no_page_is_kept_by_a_cache(browser, cast, path):
    assert browser("ada").get(path).headers["Cache-Control"] == "private, no-store"


def test_export_is_not_kept_by_a_cache(app, engines, cast, clock):
    key = {"X-Api-Key": make_key(engines, cast.acme, clock())}

    answer = app.test_client().get("/api/export?format=csv", headers=key)

    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nothing_says_what_we_are_made_of(browser, cast):
    answer = browser("ada").get("/c/acme/")

    assert not {"X-Powered-By", "X-Flask", "X-Debug"} & set(answer.headers)


def test_each_request_has_an_id_of_its_own(browser, cast):
    ada = browser("ada")

    assert ada.get("/healthz").headers["X-Request-Id"] != ada.get("/healthz").headers["X-Request-Id"]


def test_id_of_a_stranger_is_not_taken(app):
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "forged-by-a-stranger"})

    assert answer.headers["X-Request-Id"] != "forged-by-a-stranger"


@pytest.fixture
def behind_a_proxy(tmp_path):
    with second_app(tmp_path, trusted_proxies=1, base_url="https://mail.example.com") as app:
        yield app.test_client()


def test_id_of_a_trusted_proxy_is_taken(behind_a_proxy):
    answer = behind_a_proxy.get("/healthz", headers={"X-Request-Id": "abcd-1234.EF_5"})

    assert answer.headers["X-Request-Id"] == "abcd-1234.EF_5"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with blank and more", "<script>alert</script>", "a\u00e9" * 8])
def test_odd_id_is_not_taken_even_from_a_trusted_proxy(behind_a_proxy, given):
    answer = behind_a_proxy.get("/healthz", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] != given


def test_browsers_are_told_to_stay_on_https_when_the_public_address_is_https(behind_a_proxy):
    answer = behind_a_proxy.get("/nothing")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_browsers_are_not_told_to_stay_on_https_otherwise(app):
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("br", "br"), ("gzip", "gzip"), ("", None), ("br;q=0, gzip", "gzip")]
)
def test_pages_are_compressed_as_the_browser_asks(browser, cast, accepted, encoding):
    answer = browser("ada").get("/c/acme/", headers={"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
