"""Connecting a source in four steps: what is asked, what is shown once, what is seen arriving."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Source
from dashboard.providers import sendgrid
from dashboard.providers.registry import adapters
from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.limits import MinuteLimit
from dashboard.worker import Counter
from tests.helpers import HTMX, page, text

CONNECT = "/c/acme/sources/connect"
KEYS = sendgrid.make_keys()


@pytest.fixture(autouse=True)
def fresh_limits(app):
    app.extensions["refusals"] = MinuteLimit()  # its minute stands still with the clock


@pytest.fixture
def ada(browser):
    return browser("ada")


@pytest.fixture
def connect(ada):
    """Send the form of step two."""

    def connected(provider, name="Mail", **fields):
        return ada.post(f"{CONNECT}/{provider}", name=name, **fields)

    return connected


@pytest.fixture
def stored(seed, cast, app):
    """Return a source of acme by its name, and its opened secrets."""

    def found(name="Mail"):
        with seed(cast.acme) as session:
            source = session.scalar(sa.select(Source).where(Source.name == name))
        return source, app.extensions["vault"].open(source.sealed)

    return found


def post_sendgrid(app, token, keys=KEYS):
    at = datetime(2026, 11, 22, 11, 59, tzinfo=UTC)
    event = Event(type=EventType.DELIVERED, at_us=int(at.timestamp()) * 10**6, message_id="m1", recipient="bo@a.test")
    composed = sendgrid.compose([event], keys, "", at)
    return app.test_client().post(f"/webhook/sendgrid/{token}", data=composed.body, headers=composed.headers)


def test_first_step_offers_every_provider(ada):
    shown = page(ada.get(CONNECT))

    links = {link["href"]: text(link.strong) for link in shown.select(".providers a")}
    assert links == {f"{CONNECT}/{name}": adapter.guide.title for name, adapter in adapters().items()}
    assert text(shown.select_one(".progress [aria-current=step]")) == "1 Provider"


@pytest.mark.parametrize("provider", sorted(adapters()))
def test_second_step_asks_what_the_provider_needs_and_tells_the_clicks(ada, provider):
    guide = adapters()[provider].guide

    shown = page(ada.get(f"{CONNECT}/{provider}"))

    fields = [one["name"] for one in shown.select("main form :is(input:not([type=hidden]), textarea)")]
    assert fields == ["name"] + ["secret"] * (guide.secret in {"signing", "public_key", "basic"})
    assert [text(one.p) for one in shown.select(".clicks li")] == list(guide.steps)
    assert shown.select_one(f"a[href='/docs/providers/{provider}']")


def test_user_and_password_are_suggested_and_may_be_changed(ada, connect, stored):
    suggested = page(ada.get(f"{CONNECT}/postmark")).select_one("textarea").text.strip()

    connect("postmark", secret="me:mine/too@home")
    shown = stored()[1]

    assert re.fullmatch(r"sendscope:[\w-]{32}", suggested)
    assert shown.secret == "me:mine/too@home"


def test_nothing_is_suggested_to_a_provider_that_cannot_be_given_it(ada, connect, stored):
    assert page(ada.get(f"{CONNECT}/scaleway")).select_one("textarea").text.strip() == ""

    connect("scaleway")

    assert stored()[1].secret == ""


def test_made_secret_is_shown_once_and_never_again(ada, connect, stored):
    answer = connect("generic")
    source, shared = stored()

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert text(page(answer).select_one("#secret")) == shared.secret
    assert text(page(answer).select_one("#address")) == f"http://localhost/webhook/generic/{shared.token}"
    for path in ("", "/test", "/arrivals", "/done", "/now"):
        assert shared.secret not in ada.get(f"/c/acme/sources/{source.id}{path}").text
    again = page(ada.get(f"/c/acme/sources/{source.id}/test"))
    assert "The secret was shown once" in text(again.select_one("main"))


def test_user_and_password_are_shown_once_also_within_the_address(connect, stored):
    shown = page(connect("postmark", secret="me:p/w@d"))
    token = stored()[1].token

    assert text(shown.select_one("#secret")) == "me:p/w@d"
    assert text(shown.select_one("#full-address")) == f"http://me:p%2Fw%40d@localhost/webhook/postmark/{token}"


def test_pasted_secret_is_stored_and_not_shown(connect, stored):
    answer = connect("mailgun", secret=" key-123 ")

    assert stored()[1].secret == "key-123"
    assert "key-123" not in answer.text


def test_secret_is_neither_in_the_cookie_nor_in_the_log(app, ada, connect, stored, capsys):
    answer = connect("generic")
    shared = stored()[1]

    ada.get("/c/acme/sources")

    printed = capsys.readouterr()
    assert shared.secret not in printed.out + printed.err
    assert shared.token not in printed.out + printed.err
    assert shared.secret not in str(answer.headers)
    with ada.client.session_transaction() as session:
        assert shared.secret not in str(dict(session))


def test_connecting_is_audited(connect, seed, cast):
    connect("generic")

    with seed(cast.acme) as session:
        found = session.execute(sa.select(AuditEntry.actor, AuditEntry.action, AuditEntry.details)).one()
    assert tuple(found) == ("ada@acme.test", "source.add", {"name": "Mail", "provider": "generic"})


@pytest.mark.parametrize(("provider", "fields", "says"), [
    ("generic", {"name": " "}, "Enter a name."),
    ("generic", {"name": "x" * 101}, "A name has at most 100 characters."),
    ("generic", {"name": "a\x07b"}, "A name must not contain control characters."),
    ("generic", {"name": "API"}, "There is a source named 'API' already."),
    ("sendgrid", {"name": "SG", "secret": "not a key"}, "This is not a public key as SendGrid shows it."),
    ("postal", {"name": "P", "secret": "{}"}, "This is not a public key as Postal shows it."),
    ("mailgun", {"name": "MG", "secret": "two\nlines"}, "This must be one line without control characters."),
    ("mailgun", {"name": "MG", "secret": "x" * 1001}, "This is too long."),
])  # fmt: skip
def test_wrong_field_is_named_and_what_was_typed_is_kept(ada, connect, seed, cast, provider, fields, says):
    answer = connect(provider, **fields)

    shown = page(answer)
    assert answer.status_code == 422
    assert [text(one) for one in shown.select(".err")] == [says]
    assert text(shown.select_one("#error-summary a")) == says
    assert shown.select_one("#name")["value"] == fields["name"].strip()
    if "secret" in fields:
        assert shown.select_one("#secret").text.strip() == fields["secret"]
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(Source.name)).all() == ["API"]


def test_key_that_was_left_out_is_asked_for_in_the_third_step(app, ada, connect, stored):
    asked = page(connect("sendgrid")).select_one("main form:has(textarea)")
    source, shared = stored()

    refused = ada.post(asked["action"], f"/c/acme/sources/{source.id}/test", step="test", secret="nonsense")
    taken = ada.post(asked["action"], f"/c/acme/sources/{source.id}/test", step="test", secret=KEYS.public_key)

    assert (refused.status_code, text(page(refused).select_one("h1"))) == (422, "Send a test event")
    assert "This is not a public key" in text(page(refused).select_one(".err"))
    assert (taken.status_code, taken.headers["Location"]) == (303, f"/c/acme/sources/{source.id}/test")
    assert stored()[1].public_key == KEYS.public_key
    assert page(ada.get(taken.headers["Location"])).select("main form:has(textarea)") == []
    assert post_sendgrid(app, shared.token).status_code == 200


def test_third_step_shows_what_arrives_and_what_becomes_of_it(app, engines, ada, connect, stored, clock):
    connect("sendgrid", secret=KEYS.public_key)
    source, shared = stored()
    arrivals = f"/c/acme/sources/{source.id}/arrivals"

    waiting = ada.get(arrivals, headers=HTMX)
    post_sendgrid(app, shared.token)
    arrived = ada.get(arrivals, headers=HTMX | {"HX-PTag": waiting.headers["HX-PTag"]})
    Counter(engines, clock).count_all()
    counted = ada.get(arrivals, headers=HTMX | {"HX-PTag": arrived.headers["HX-PTag"]})
    same = ada.get(arrivals, headers=HTMX | {"HX-PTag": counted.headers["HX-PTag"]})

    assert "Waiting for the first event from SendGrid" in waiting.text
    assert text(page(arrived).select_one(".arrival")) == "pending 13:00:00 waits to be counted"
    assert text(page(counted).select_one(".arrival")) == "counted 13:00:00 1 new"
    assert "It works." in counted.text
    assert same.status_code == 304


def test_third_step_explains_a_wrong_key(app, ada, connect, stored):
    connect("sendgrid", secret=sendgrid.make_keys().public_key)
    source, shared = stored()

    refused = post_sendgrid(app, shared.token)
    shown = page(ada.get(f"/c/acme/sources/{source.id}/arrivals", headers=HTMX))

    assert refused.status_code == 401
    assert "could not prove that it is SendGrid" in text(shown.select_one(".waiting"))
    assert "what is stored here is not what it is signed with" in text(shown.select_one(".waiting"))
    assert text(shown.select_one(".arrival")) == "rejected 13:00:00 not taken The signature is missing or wrong."


def test_third_step_works_without_script(app, ada, connect, stored):
    connect("sendgrid", secret=KEYS.public_key)
    source, shared = stored()
    post_sendgrid(app, shared.token)

    shown = page(ada.get(f"/c/acme/sources/{source.id}/test"))

    assert "waits to be counted" in text(shown.select_one(".arrival"))
    assert f"simulate sendgrid --source {source.id}" in text(shown.select_one("#no-button"))
    assert shown.select_one(f"a[href='/c/acme/sources/{source.id}/done']")


def test_last_step_says_what_comes_next(ada, connect, stored):
    connect("generic")

    shown = page(ada.get(f"/c/acme/sources/{stored()[0].id}/done"))

    assert text(shown.h1) == "Mail is connected"
    assert "Nothing has arrived yet" in text(shown.select_one(".empty"))
    assert shown.select_one("a[href='/c/acme/']")


@pytest.mark.parametrize("path", [f"{CONNECT}/pigeon", f"{CONNECT}/api", f"{CONNECT}/../../x", f"{CONNECT}/"])
def test_unknown_provider_is_not_there(ada, path):
    assert ada.get(path).status_code == 404


@pytest.mark.parametrize("who", ["uma", "gil"])
def test_only_admins_connect(browser, seed, cast, who):
    member = browser(who)

    answers = [member.get(CONNECT), member.get(f"{CONNECT}/generic"),
               member.post(f"{CONNECT}/generic", "/account", name="Mail")]  # fmt: skip

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(Source.name)).all() == ["API"]
