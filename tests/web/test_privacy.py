"""Privacy on: of recipients only who receives their mail is shown, on every page and in the file."""

import base64

import pytest
import sqlalchemy as sa

from dashboard.counting.keys import message_key
from dashboard.models import AuditEntry
from dashboard.services import privacy
from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import NOON, told
from tests.stories import tell, tell_trouble

LINK = "https://a.test/?to=bo%40gmail.com"


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def switch(seed, cast):
    """Switch the privacy of acme: `switch(True)`."""

    def switched(is_on):
        with seed(cast.acme) as session:
            return privacy.set_privacy(session, cast.acme.id, is_on=is_on, actor="command line", now=NOON)

    return switched


@pytest.fixture
def delivery(engines, cast, source, switch):
    """A delivery in which the recipient stands in every place where one can stand."""
    switch(True)
    named = {
        "subject": "For bo@gmail.com", "reason": "550 <bo@gmail.com>: unknown", "tags": ["bo@gmail.com"],
        "metadata": {"to": "bo@gmail.com"}, "ip": "203.0.113.7",
    }  # fmt: skip
    return tell(
        engines, cast.acme, source,
        told("bounced", "for-bo@gmail.com-1", **named), told("clicked", "for-bo@gmail.com-1", url=LINK, **named),
        {"type": "bo@gmail.com", "at": "now", "message_id": "m"},
    )  # fmt: skip


def test_switch_is_audited_and_changes_once(switch, seed, cast):
    assert [switch(True), switch(True), switch(False), switch(False)] == [True, False, True, False]

    with seed(cast.acme) as session:
        entries = session.scalars(sa.select(AuditEntry)).all()
        assert [(one.action, one.details) for one in entries] == [
            ("company.privacy", {"on": True}), ("company.privacy", {"on": False}),
        ]  # fmt: skip


def test_no_page_names_a_recipient(delivery, source, browser):
    key = message_key(source, "for-bo@gmail.com-1", "bo@gmail.com").hex()
    list_path = f"/c/acme/sources/{source}/deliveries"
    ada = browser("ada")
    paths = (
        list_path, f"{list_path}/rows", f"{list_path}/{delivery}", f"{list_path}/{delivery}/outcome",
        "/c/acme/messages", f"/c/acme/messages/{key}", "/c/acme/recipients",
    )  # fmt: skip

    for path in paths:
        answer = ada.get(path)

        assert answer.status_code == 200, path
        assert "bo@gmail" not in answer.text, path
        assert "bo%40gmail" not in answer.text, path
        assert "203.0.113.7" not in answer.text, path


def test_receiver_is_shown_in_place_of_the_recipient(engines, cast, source, switch, browser):
    switch(True)
    tell_trouble(engines, cast.acme, source)

    shown = page(browser("uma").get("/c/acme/recipients"))

    assert [text(one) for one in shown.select("tbody th")] == [
        "someone at gmail", "someone elsewhere", "someone at yahoo", "someone at gmx", "someone at outlook",
    ]  # fmt: skip


def test_raw_bytes_are_not_given_out(delivery, source, browser):
    path = f"/c/acme/sources/{source}/deliveries/{delivery}"

    assert "not shown while privacy is on" in text(page(browser("ada").get(path)).select_one("main"))
    assert browser("ada").get(path + "/body").status_code == 403


def test_beginnings_of_addresses_find_nobody(delivery, browser):
    uma = browser("uma")

    for path in ("/c/acme/messages", "/c/acme/recipients"):
        assert page(uma.get(path, query_string={"q": "bo"})).select("tbody tr") == [], path
        assert len(page(uma.get(path, query_string={"q": "Bo@gmail.com"})).select("tbody tr")) == 1, path


def test_file_names_no_recipient(engines, cast, source, switch, browser):
    switch(True)
    tell_trouble(engines, cast.acme, source)

    answer = browser("ada").post("/c/acme/recipients", "/account", q="eve@gmail.com")

    assert "someone at gmail,soft," in answer.text
    assert "eve@" not in answer.text


def test_cursors_carry_no_address(engines, cast, source, switch, browser):
    switch(True)
    tell(engines, cast.acme, source, *(told("complained", f"m{n}") for n in range(51)))

    shown = page(browser("uma").get("/c/acme/messages", query_string={"q": "bo@gmail.com"}))

    older = shown.select_one(".pager a")["href"]
    assert len(page(browser("uma").get(older)).select("tbody tr")) == 1
    assert older.partition("cursor=")[2].isascii()
    cursor = older.partition("cursor=")[2].partition("&")[0]
    assert b"gmail" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
