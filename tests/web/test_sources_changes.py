"""Changing a source on its page: rename, rotate, topics, pause, resume, delete."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Source
from dashboard.models.inbox import DeliveryState
from dashboard.providers import sendgrid
from tests.factories import make_source, numbers, report
from tests.helpers import Sender, page, text, update
from tests.inbox import count, put, told
from tests.reported import sent


class Woken:
    """Stands where the counter of the serving process stands, and counts how often it was woken."""

    def __init__(self):
        self.times = 0

    def wake(self):
        self.times += 1


@pytest.fixture
def counter(app):
    app.extensions["counter"] = Woken()
    yield app.extensions["counter"]
    del app.extensions["counter"]


@pytest.fixture
def path(website):
    return f"/c/acme/sources/{website[0]}"


@pytest.fixture
def ada(browser):
    return browser("ada")


@pytest.fixture
def send(ada, path):
    """Send one of the forms on the page of acme's source."""

    def sent_form(verb, **fields):
        return ada.post(f"{path}/{verb}", path, **fields)

    return sent_form


@pytest.fixture
def stored(seed, cast):
    def found(number):
        with seed(cast.acme) as session:
            return session.scalar(sa.select(Source).where(Source.id == number))

    return found


def said(browser, answer):
    """Return what the page says to which a form leads."""
    assert answer.status_code == 303, answer.text
    return text(page(browser.get(answer.headers["Location"])).select_one("main [role=status]"))


def test_renamed_source_bears_its_new_name(ada, send, path):
    assert said(ada, send("rename", name=" Shop ")) == "Renamed."
    assert text(page(ada.get(path)).h1) == "Shop"


@pytest.mark.parametrize(("name", "says"), [
    ("", "Enter a name."), ("API", "There is a source named 'API' already."), ("x" * 101, "A name has at most 100 characters."),
])  # fmt: skip
def test_wrong_name_is_kept_with_the_reason(send, name, says):
    answer = send("rename", name=name)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#name-error")) == says
    assert page(answer).select_one("#name")["value"] == name
    assert text(page(answer).h1) == "Website"


def test_new_secret_is_shown_on_the_answer_alone(app, ada, send, path, website):
    answer = send("secret", secret="")
    fresh = text(page(answer).select_one("#secret"))

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert fresh.startswith("whsec_")
    assert fresh != website[1].secret
    assert fresh not in ada.get(path).text
    assert "the old one is valid until 23 Nov 2026, 13:00" in ada.get(path).text  # in Berlin
    body = {"companyId": "acme"} | update()
    assert [Sender(app, one).post(body).status_code for one in (fresh, website[1].secret)] == [200, 200]


def test_old_secret_is_no_longer_told_of_after_a_day(ada, send, path, clock):
    send("secret", secret="")
    clock.move(days=1)

    assert "the old one is valid until" not in ada.get(path).text


def test_pasted_key_is_stored_and_not_shown(app, engines, cast, vault, ada):
    keys = sendgrid.make_keys()
    number, _ = make_source(engines, vault, cast.acme, kind="sendgrid", name="SendGrid")
    path = f"/c/acme/sources/{number}"
    before = text(page(ada.get(path)).select_one("main .note.warn"))

    answer = ada.post(f"{path}/secret", path, secret=keys.public_key)

    assert "until its public key is pasted, all it sends is refused" in before
    assert said(ada, answer) == "The new one is stored."
    assert keys.public_key not in ada.get(path).text
    assert page(ada.get(path)).select(".note.warn") == []


@pytest.mark.parametrize(("kind", "pasted", "says"), [
    ("sendgrid", "", "Paste the new one; the provider shows it."), ("sendgrid", "x", "This is not a public key as SendGrid shows it."),
    ("mailgun", "", "Paste the new one; the provider shows it."), ("mailgun", "first", "This is the one in use already."),
])  # fmt: skip
def test_wrong_paste_is_kept_with_the_reason(engines, cast, vault, ada, kind, pasted, says):
    number, _ = make_source(engines, vault, cast.acme, kind=kind, name=kind, secret="first")
    path = f"/c/acme/sources/{number}"

    answer = ada.post(f"{path}/secret", path, secret=pasted)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#secret-error")) == says
    assert page(answer).select_one("#secret").text.strip() == pasted


def test_topics_are_kept_one_a_line(engines, cast, vault, ada, stored):
    number, _ = make_source(engines, vault, cast.acme, kind="ses", name="SES")
    path = f"/c/acme/sources/{number}"

    answer = ada.post(
        f"{path}/topics", path, topics=" arn:aws:sns:a:1:x \r\n\r\narn:aws:sns:a:1:y\r\narn:aws:sns:a:1:x"
    )

    assert said(ada, answer) == "The topics are kept."
    assert stored(number).config == {"topics": ["arn:aws:sns:a:1:x", "arn:aws:sns:a:1:y"]}
    assert page(ada.get(path)).select_one("#topics").text.split() == ["arn:aws:sns:a:1:x", "arn:aws:sns:a:1:y"]


@pytest.mark.parametrize(("topics", "says"), [
    ("arn:a\nnot a topic", "Topic 2 is not the name of a topic, such as arn:aws:sns:…."), ("\n".join(f"arn:{n}" for n in range(21)), "At most 20 topics are kept."),
])  # fmt: skip
def test_wrong_topics_are_kept_with_the_reason(engines, cast, vault, ada, stored, topics, says):
    number, _ = make_source(engines, vault, cast.acme, kind="ses", name="SES")
    path = f"/c/acme/sources/{number}"

    answer = ada.post(f"{path}/topics", path, topics=topics)

    assert answer.status_code == 422
    assert text(page(answer).select_one("#topics-error")) == says
    assert page(answer).select_one("#topics").text.strip() == topics
    assert stored(number).config == {}


def test_paused_source_is_resumed_and_what_it_held_is_counted(engines, cast, website, ada, send, counter, clock, app):
    paused = said(ada, send("pause"))
    put(engines, cast.acme, website[0], told("sent"), state=DeliveryState.HELD)
    Sender(app, website[1].secret).post({"companyId": "acme"} | update(sent=7))

    resumed = said(ada, send("resume"))

    assert paused == "Website is paused. What comes is held until you resume it."
    assert resumed == "The source is active again. 2 held deliveries are counted now."
    assert counter.times == 1
    assert list(sent(engines, cast.acme).values()) == [7]
    assert count(engines, cast.acme) == 1


@pytest.mark.parametrize("verbs", [("resume",), ("pause", "pause")])
def test_pausing_or_resuming_what_is_so_already_is_a_conflict(send, verbs):
    codes = [send(verb).status_code for verb in verbs]

    assert codes[-1] == 409


def test_question_before_deleting_says_what_stays_and_what_goes(engines, cast, website, ada, send, path):
    send("pause")
    put(engines, cast.acme, website[0], told("sent"), state=DeliveryState.HELD)

    shown = [text(one) for one in page(ada.get(f"{path}/delete")).select(".consequences li")]

    assert shown[0] == "Its numbers stay in every total, under the name Website (deleted)."
    assert "Its address answers 404" in shown[2]
    assert shown[3] == "1 held delivery is never counted. Resume the source first if it should be."


def test_deleted_source_answers_404_and_its_numbers_stay(app, engines, cast, website, ada, send, path, clock):
    report(engines, cast.acme, website[0], numbers(date(2026, 11, 20)), now=clock())
    address = f"/webhook/generic/{website[1].token}"
    before = app.test_client().get(address).status_code

    answer = send("delete")

    assert said(ada, answer) == "Deleted. Its numbers stay, under the name Website (deleted)."
    assert (before, app.test_client().get(address).status_code) == (200, 404)
    assert ada.get(path).status_code == 404
    overview = page(ada.get("/c/acme/"))
    assert text(overview.select_one("[data-metric=sent]")) == "100"
    assert "Website (deleted)" in text(overview.select_one("#why-delivered"))


def test_every_change_is_audited_under_the_members_name(send, seed, cast):
    for verb, fields in (
        ("rename", {"name": "Shop"}),
        ("secret", {"secret": ""}),
        ("pause", {}),
        ("resume", {}),
        ("delete", {}),
    ):
        send(verb, **fields)

    with seed(cast.acme) as session:
        found = session.execute(sa.select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id)).all()
    verbs = ("rename", "rotate", "pause", "resume", "delete")
    assert [tuple(one) for one in found] == [("ada@acme.test", f"source.{verb}") for verb in verbs]


VERBS = ("rename", "secret", "topics", "pause", "resume", "delete")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["uma", "gil"])
def test_only_admins_change_a_source(browser, path, website, stored, who, verb):
    answer = browser(who).post(f"{path}/{verb}", "/account", name="Mine", secret="", topics="")

    assert answer.status_code == 403
    assert (stored(website[0]).name, stored(website[0]).status.value) == ("Website", "active")


@pytest.mark.parametrize("verb", VERBS)
def test_strangers_change_nothing(browser, path, website, stored, verb):
    rex = browser("rex")
    through_their_own = path.replace("acme", "rival")

    codes = [
        rex.post(f"{one}/{verb}", "/account", name="Mine", secret="", topics="").status_code
        for one in (path, through_their_own)
    ]

    assert codes == [404, 404]
    assert (stored(website[0]).name, stored(website[0]).status.value) == ("Website", "active")
